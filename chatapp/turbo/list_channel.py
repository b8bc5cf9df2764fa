"""One list in one process: a stream that carries the list's own frames and the heads of the records that it shows."""

from collections.abc import Callable, Iterable

from .channel import Channel, Head
from .headed import list_position
from .slices import sliced
from .streams import Frame


class ListChannel(Channel):
    """Hands heads and frames to the cursors of one list. Its cursors count in positions, see ``list_position``.

    Heads wait for ``flush`` and go out together, because a busy reader may have fifty new ones in a second.
    ``on_dirty(self)`` is called when one waits, and when the list must be read again.
    """

    may_gather = False  # its heads are gathered

    def __init__(self, name: str, on_dirty: Callable[["ListChannel"], None]):
        super().__init__(name)
        self.entered: set[str] = set()  # the names of the streams whose heads it hears of
        self.shown: dict[str, int] = {}  # by stream: the revision of the head that its readers see
        self.stale = False
        self._waiting: dict[str, Head] = {}
        self._on_dirty = on_dirty

    @property
    def position(self) -> int | None:
        return None if self.revision is None else list_position(self.revision, self.shown.values())

    def settle(self, revision: int, shown: dict[str, int]) -> None:
        """Take the list as read from the database, in place of everything known so far."""
        self.revision, self.shown, self.stale = revision, shown, False
        self._waiting.clear()

    def differs(self, revision: int, shown: Iterable[str]) -> bool:
        """Whether the list, as it was just read, has changed in more than its heads."""
        if not self.begun or revision < self.revision:
            return False
        return revision > self.revision or set(shown) != set(self.shown)

    def doubt(self) -> None:
        """Have the list read again."""
        self.stale = True
        self._on_dirty(self)

    def head_changed(self, name: str, head: Head) -> None:
        """Take a newer head of a record that the list shows."""
        if self.begun and not self.stale and name in self.shown:
            self._waiting[name] = head
            self._on_dirty(self)

    def flush(self) -> None:
        """Hand out the heads that wait."""
        if self.stale or not self._waiting:
            return
        before, waiting = self.position, self._waiting
        self._waiting = {}
        self.shown |= {name: head.revision for name, head in waiting.items()}
        self._offer(Frame(before, self.position, "".join(head.html for head in waiting.values())))

    def _hand_out(self, frame: Frame) -> None:
        self.flush()
        before, self.revision = self.position, frame.revision
        if frame.html is None or self.stale:
            self.doubt()
        else:
            self._offer(Frame(before, self.position, frame.html))

    def _offer(self, frame: Frame) -> None:
        for cursor in sliced(self.cursors):
            cursor.offer(frame)
