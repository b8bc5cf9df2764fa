"""The rules of what is unread and who is mentioned. static/lib/unread.js has the same ones for live pages.

Nothing is counted up or down. A count follows from the newest messages of a chat and from the reader's mark, so a
deletion, a lost event or a second tab can't make it wrong.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import takewhile

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


def pairs(newest: str) -> Iterator[tuple[int, int]]:
    """``(9, 52), (4, 51)`` for ``"9:52 4:51"``: the ids of the authors and of their messages."""
    for pair in newest.split():
        author_id, _, id = pair.partition(":")
        yield int(author_id), int(id)


def unread(newest: str, reader_id: int, read_id: int) -> Unread:
    """What ``reader_id`` has not read of ``newest``, the pairs of a head, newest first.

    The reader's own messages never count.
    """
    later = [author_id for author_id, _ in takewhile(lambda pair: pair[1] > read_id, pairs(newest))]
    return Unread(sum(author_id != reader_id for author_id in later), more=len(later) >= COUNTED)


def newest_mention(mentioned_id: int, for_all: str, reader_id: int) -> int:
    """The newest message that mentions ``reader_id``, or 0.

    ``mentioned_id`` mentions the reader by name. ``for_all`` is the pair of the newest message that mentions everybody;
    it never counts for its own author.
    """
    return max(mentioned_id, *(id for author_id, id in pairs(for_all) if author_id != reader_id), 0)
