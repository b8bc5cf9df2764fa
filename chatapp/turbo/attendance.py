"""Tells each page of one process which owners are here, among those that its reader may know about."""

import logging
import time
from collections.abc import Callable
from typing import NamedTuple

from sqlalchemy.exc import SQLAlchemyError

from .connection import Connection
from .cursor import Cursor
from .owners import Owners
from .slices import batches, sliced

log = logging.getLogger(__name__)

#: The fewest seconds between two looks. All changes in between reach a page as one event.
LOOK = 1.0
#: Events in a second for all pages of a process together. With more pages each look waits longer.
EVENTS_PER_SECOND = 200
#: Seconds after its beginning in which a page is told nothing. A browser that tests whether the network lets streams
#: through needs a first beat that comes alone: more bytes could push it through a buffer (static/turbo/trial.js).
SILENCE = 0.75


class Attendance:
    """With each ``look``, asks ``owners`` which of the watched owners are here, and tells the ``connections()``.

    What it tells is a passing state of the whole page. A page that missed an event is right again with the next one,
    and each connection begins with one.

    ``source.watched(cursors)`` returns for each cursor the owners that its reader is told about, and
    ``source.attendance(here)`` the HTML that tells of them. ``here`` maps streams to owners, and is None while Redis is
    away. ``source.watched`` is asked again every ``interval`` seconds, and after ``doubt()``.
    """

    def __init__(self, owners: Owners, source, connections: Callable[[], list[Connection]], interval: float):
        self.owners, self.source, self.connections, self.interval = owners, source, connections, interval
        self._read: dict[Key, Reading] = {}
        self._failed_at = float("-inf")

    @property
    def pause(self) -> float:
        """Seconds until the next look."""
        return max(LOOK, len(self.connections()) / EVENTS_PER_SECOND)

    def doubt(self) -> None:
        """Have the next look read again which owners each reader is told about."""
        # A new dict: a reading under way still goes into the old one, so the next look repeats it.
        self._read, self._failed_at = {}, float("-inf")

    def look(self) -> None:
        """Tell each page what it does not know yet. Never raises."""
        settled = time.monotonic() - SILENCE
        begun = [page for page in self.connections() if page.begun and page.begun_at <= settled]
        self._tell([page for page in begun if page.named and not page.ended])

    def greet(self, pages: list[Connection]) -> None:
        """Tell the pages whose answers end at once, before they begin. Never raises."""
        self._tell([page for page in pages if page.named and page.wait == 0])

    def _tell(self, pages: list[Connection]) -> None:
        self._settle([cursor for page in pages for cursor in page.cursors.values()])
        pages = [page for page in pages if all(cursor.watched is not None for cursor in page.cursors.values())]
        if not pages:
            return
        here = self.owners.here(list(frozenset().union(*(owners for page in pages for owners in watched(page)))))
        for page in sliced(pages):
            said = None if here is None else {name: cursor.watched & here for name, cursor in page.cursors.items()}
            page.attend(said, self.source.attendance)

    def _settle(self, cursors: list[Cursor]) -> None:
        """Give each cursor the owners that its reader is told about. A cursor never read before keeps None while the
        database is away."""
        known, now = self._read, time.monotonic()
        new = [cursor for cursor in cursors if key(cursor) not in known]
        aged = any(now - known[key(cursor)].at >= self.interval for cursor in cursors if key(cursor) in known)
        if aged:  # all at once, and not each at its own time
            for forgotten in [one for one, reading in known.items() if now - reading.at >= self.interval]:
                del known[forgotten]
        self._fetch(cursors if aged else new, known, now)
        for cursor in sliced(cursors):
            if (reading := known.get(key(cursor))) is not None:
                cursor.watched = reading.owners

    def _fetch(self, cursors: list[Cursor], known: "dict[Key, Reading]", now: float) -> None:
        if not cursors or now - self._failed_at < self.interval:
            return
        try:
            for some in batches(cursors):
                found = self.source.watched(some)
                known.update({key(cursor): Reading(now, found.get(cursor, frozenset())) for cursor in some})
        except (SQLAlchemyError, TimeoutError) as error:
            self._failed_at = now
            log.warning("turbo: the pages are not told who is here, the database is away: %r", error)


class Reading(NamedTuple):
    """The owners that one reader of a stream is told about, as read at ``at``, on time.monotonic()'s clock."""

    at: float
    owners: frozenset[str]


Key = tuple[str | None, str]


def key(cursor: Cursor) -> Key:
    """Identifies a cursor by reader and stream: a page that comes back or asks often needs no reading of its own."""
    return cursor.connection.owner, cursor.stream


def watched(page: Connection) -> list[frozenset[str]]:
    return [cursor.watched for cursor in page.cursors.values()]
