"""The rule of what is unread. static/lib/unread.js has the same one for live pages.

Nothing is counted up or down. A count follows from the newest messages of a chat and from the reader's mark, so a
deletion, a lost event or a second tab can't make it wrong.
"""

from collections.abc import Iterable
from dataclasses import dataclass

#: The newest messages of a chat that count. Where all of them are newer than the mark, there may be more.
COUNTED = 50


@dataclass(frozen=True)
class Unread:
    """The number of unread messages; ``more`` where there may be others before them."""

    count: int
    more: bool = False

    def __str__(self) -> str:
        """``"3"``, ``"50+"``, and ``""`` for none."""
        return f"{self.count}{'+' if self.more else ''}" if self.count else ""


def unread(newest: Iterable[tuple[int, int]], reader_id: int, read_id: int) -> Unread:
    """What ``reader_id`` has not read of ``newest``: pairs of an author's id and a message's id, deleted ones left out.

    The reader's own messages never count.
    """
    later = [author_id for author_id, id in newest if id > read_id]
    return Unread(sum(author_id != reader_id for author_id in later), more=len(later) >= COUNTED)
