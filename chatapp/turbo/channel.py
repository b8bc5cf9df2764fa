"""One stream in one process: its readers, and the order in which they get its frames."""

import math
import threading
import time
from typing import NamedTuple

from .cursor import Cursor
from .slices import sliced
from .streams import Frame, together

#: Catch-ups kept for the next reader with the same cursor.
REMEMBERED = 4
#: A stream with CROWD readers or more is busy when a change comes within the pause after the last one. The pause has
#: PAUSE_FOR_EACH seconds for each reader. Writing to one takes a tenth of it, so a busy stream takes a tenth of a core.
CROWD, PAUSE_FOR_EACH, LONGEST_PAUSE = 100, 0.0001, 0.4
#: The largest catch-up kept, so that very long pages can't fill the memory. A larger one is read for each reader.
LARGEST = 500_000  # characters


class Head(NamedTuple):
    """How lists show a record: the fragment that replaces its head, and the revision that made it."""

    revision: int
    html: str


class Channel:
    """Hands frames to the cursors of one stream, each once and in the order of their revisions.

    ``revision`` is the last one handed out, None until it has been read from the database. A frame that comes too early
    waits: either the missing one comes, or the hub fills the gap from the database.

    Where the stream is busy, changes wait until ``due`` and go out as one frame; see gathering.py.

    ``lists`` are the lists that show its head. A head replaces the earlier one, so a list needs only the newest.
    """

    #: True if the channel must be read again from the database.
    stale = False
    #: Whether changes of a busy stream may wait for one another.
    may_gather = True

    def __init__(self, name: str):
        self.name = name
        self.revision: int | None = None
        self.head: Head | None = None
        self.cursors: set[Cursor] = set()
        self.lists: set = set()
        self.reading = threading.RLock()  # held by the thread that reads it from the database
        self.due = -math.inf  # on time.monotonic()'s clock
        self.gathers = False
        self._early: dict[int, Frame] = {}
        self._catch_ups: dict[int, Frame] = {}  # by the cursor they begin from; none is older than ``revision``

    @property
    def position(self) -> int | None:
        """The position of a cursor that has received everything."""
        return self.revision

    @property
    def has_gap(self) -> bool:
        """True while a frame waits for one before it."""
        return len(self._early) > (len(self._ready()) if self.begun else 0)

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
        self.revision, self.gathers = None, False
        self._early.clear()
        self._catch_ups.clear()

    def receive(self, frame: Frame) -> None:
        """Take a frame from Redis: hand it out, keep it, or drop it if it brings nothing new."""
        if not self.cursors:
            return
        if self._is_busy and frame.revision > self.revision:
            self._early[frame.revision], self.gathers = frame, True
        elif self.revision is None or frame.after > self.revision:
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
        """Take a frame read from the database."""
        if self.revision < frame.revision and (frame.full or frame.after <= self.revision):
            self._hand_out(frame)
        self.hand_out_early()

    def catch_up(self, cursor: int) -> Frame | None:
        """The catch-up of an earlier reader with the same cursor, if nothing has changed since. After a deploy, or when
        a proxy drops all readers, a crowd comes back with the same cursor."""
        return self._catch_ups.get(cursor)

    def remember(self, cursor: int, catch_up: Frame) -> None:
        """Keep a catch-up for the next reader with this cursor, until there is news."""
        if len(self._catch_ups) >= REMEMBERED:
            self._catch_ups.clear()
        if catch_up.revision >= self.revision and len(catch_up.html) <= LARGEST:
            self._catch_ups[cursor] = catch_up

    def put_back(self, frame: Frame) -> None:
        """Take the whole page of a database restored to an earlier state: the later changes no longer exist."""
        self._early.clear()
        self._catch_ups.clear()
        self.revision = frame.revision
        for cursor in sliced(self.cursors):
            cursor.offer(frame, anyway=True)

    @property
    def pause(self) -> float:
        """Seconds between two frames while the stream is busy."""
        return min(PAUSE_FOR_EACH * len(self.cursors), LONGEST_PAUSE)

    @property
    def _is_busy(self) -> bool:
        if self.revision is None or len(self.cursors) < CROWD or not self.may_gather:
            return False
        return self.gathers or time.monotonic() < self.due

    def _hand_out(self, frame: Frame) -> None:
        self._catch_ups.clear()
        self.revision, self.due = frame.revision, time.monotonic() + self.pause
        for cursor in sliced(self.cursors):
            cursor.offer(frame)

    def hand_out_early(self) -> None:
        """Hand out the waiting frames up to the first gap. Those of a busy stream go out as one."""
        ready, gathered = self._ready(), self.gathers
        self.gathers = False
        for frame in ready:
            del self._early[frame.revision]
        news = [frame for frame in ready if frame.revision > self.revision]
        for frame in [together(news)] if gathered and news else news:
            self._hand_out(frame)

    def _ready(self) -> list[Frame]:
        """The waiting frames up to the first gap, in order."""
        ready, reached = [], self.revision
        for revision in sorted(self._early):
            frame = self._early[revision]
            if frame.after > reached:
                break
            ready.append(frame)
            reached = max(reached, revision)
        return ready
