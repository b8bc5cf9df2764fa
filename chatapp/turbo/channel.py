"""One stream in one process: its readers, and the order in which they get its frames."""

import threading
from typing import NamedTuple

from .cursor import Cursor
from .streams import Frame

#: Catch-ups kept for the next reader with the same cursor.
REMEMBERED = 4
#: A larger one is read anew for each: somebody who fills pages with it could fill the memory, too.
LARGEST = 500_000  # characters


class Head(NamedTuple):
    """How lists show a record: the fragment that replaces its head, and the revision that made it."""

    revision: int
    html: str


class Channel:
    """Hands frames to the cursors of one stream, each once and in the order of their revisions.

    ``revision`` is the last one handed out, None until it was read from the database. A frame that comes too early
    waits: either the missing one comes, or the hub fills the gap from the database.

    ``lists`` are the lists that show its head. A head is absolute, so the newest one is all that a list needs.
    """

    #: True where all that is known of it has to be read anew.
    stale = False

    def __init__(self, name: str):
        self.name = name
        self.revision: int | None = None
        self.head: Head | None = None
        self.cursors: set[Cursor] = set()
        self.lists: set = set()
        self.reading = threading.RLock()  # held by whoever reads where it stands
        self._early: dict[int, Frame] = {}
        self._catch_ups: dict[int, Frame] = {}  # by the cursor they begin from; none is older than ``revision``

    @property
    def position(self) -> int | None:
        """Where a cursor stands that was handed everything."""
        return self.revision

    @property
    def has_gap(self) -> bool:
        """True while a frame waits for one before it."""
        return bool(self._early)

    @property
    def begun(self) -> bool:
        """True once it knows where the database stands."""
        return self.revision is not None

    def begin(self, revision: int) -> None:
        """Start from ``revision``, with the frames that Redis brought meanwhile."""
        if self.revision is None:
            self.revision = revision
            self.hand_out_early()

    def rest(self) -> None:
        """Forget where it stands: it has no reader any more, only lists that show its head."""
        self.revision = None
        self._early.clear()
        self._catch_ups.clear()

    def receive(self, frame: Frame) -> None:
        """Take a frame from Redis: hand it out, keep it, or drop it if its news is known."""
        if not self.cursors:
            return
        if self.revision is None or frame.after > self.revision:
            self._early[frame.revision] = frame
        elif frame.revision > self.revision:
            self._hand_out(frame)
            self.hand_out_early()

    def take_head(self, head: Head) -> None:
        """Show a newer head in the lists."""
        if self.head is None or head.revision > self.head.revision:
            self.head = head
            for listing in self.lists:
                listing.head_changed(self.name, head)

    def fill(self, frame: Frame) -> None:
        """Take a frame that was read from the database."""
        if self.revision < frame.revision and (frame.full or frame.after <= self.revision):
            self._hand_out(frame)
        self.hand_out_early()

    def catch_up(self, cursor: int) -> Frame | None:
        """What a reader with the same cursor was told, if nothing has changed since: after a deploy, or when a proxy
        dropped them all, a crowd comes back from the same place."""
        return self._catch_ups.get(cursor)

    def remember(self, cursor: int, catch_up: Frame) -> None:
        """Keep a catch-up for the next reader with this cursor, until there is news."""
        if len(self._catch_ups) >= REMEMBERED:
            self._catch_ups.clear()
        if catch_up.revision >= self.revision and len(catch_up.html) <= LARGEST:
            self._catch_ups[cursor] = catch_up

    def put_back(self, frame: Frame) -> None:
        """Take the whole page of a database that was put back to an earlier state: what came later never was."""
        self._early.clear()
        self._catch_ups.clear()
        self.revision = frame.revision
        for cursor in self.cursors:
            cursor.offer(frame, anyway=True)

    def _hand_out(self, frame: Frame) -> None:
        self._catch_ups.clear()
        self.revision = frame.revision
        for cursor in self.cursors:
            cursor.offer(frame)

    def hand_out_early(self) -> None:
        """Hand out the frames that came too early, as far as nothing is missing before them."""
        for revision in sorted(self._early):
            frame = self._early[revision]
            if frame.after <= self.revision:
                del self._early[revision]
                if frame.revision > self.revision:
                    self._hand_out(frame)
