"""Tells the pages of one process which owners are here, as far as their readers may know it."""

import logging
import time
from collections.abc import Callable, Iterable, Mapping

from sqlalchemy.exc import SQLAlchemyError

from .connection import Connection
from .cursor import Cursor
from .owners import Owners

log = logging.getLogger(__name__)

#: Seconds between two looks, at least. Whatever changes in between is one event for each page.
LOOK = 1.0
#: Events that all pages of a process may get in a second; with more pages each look waits longer.
EVENTS_PER_SECOND = 200

Here = Mapping[str, Iterable[str]]


class Attendance:
    """Asks ``owners`` with each ``look`` which of the watched ones are here, and tells the ``connections()``.

    What it tells is a passing state of the whole page. A page that missed an event is right again with the next one,
    and each connection begins with one.

    ``source.watched(cursors)`` returns for each cursor the owners of whom its reader is told, and
    ``source.attendance(here)`` the HTML that says so. ``here`` has the owners by streams; it is None where nobody
    knows. It reads anew once in ``interval`` seconds, and after ``doubt()``.
    """

    def __init__(self, owners: Owners, source, connections: Callable[[], list[Connection]], interval: float):
        self.owners, self.source, self.connections, self.interval = owners, source, connections, interval
        self._read_at = self._failed_at = float("-inf")

    @property
    def pause(self) -> float:
        """Seconds until the next look."""
        return max(LOOK, len(self.connections()) / EVENTS_PER_SECOND)

    def doubt(self) -> None:
        """Read who is told of whom with the next look."""
        self._read_at = self._failed_at = float("-inf")

    def look(self) -> None:
        """Tell each page what it does not know yet. Never raises."""
        pages = [page for page in self.connections() if page.named and page.begun and not page.ended]
        self._read([cursor for page in pages for cursor in page.cursors.values()])
        pages = [page for page in pages if all(cursor.watched is not None for cursor in page.cursors.values())]
        if not pages:
            return
        here = self.owners.here(list(frozenset().union(*(owners for page in pages for owners in watched(page)))))
        for page in pages:
            said = None if here is None else {name: cursor.watched & here for name, cursor in page.cursors.items()}
            page.attend(said, self.source.attendance)

    def _read(self, cursors: list[Cursor]) -> None:
        now = time.monotonic()
        if now - self._failed_at < self.interval:
            return
        due = now - self._read_at >= self.interval
        wanted = [cursor for cursor in cursors if due or cursor.watched is None]
        if due:
            self._read_at = now
        if not wanted:
            return
        try:
            found = self.source.watched(wanted)
        except (SQLAlchemyError, TimeoutError) as error:
            self._failed_at = now
            log.warning("turbo: the pages are not told who is here, the database is away: %r", error)
            return
        for cursor in wanted:
            cursor.watched = found.get(cursor, frozenset())


def watched(page: Connection) -> list[frozenset[str]]:
    return [cursor.watched for cursor in page.cursors.values()]
