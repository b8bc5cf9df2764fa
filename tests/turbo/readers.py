"""Readers of a hub in this process; for readers over real HTTP see `tests/browserless.py`."""

import threading
from functools import partial

from chatapp.turbo import Connection, EventStream, Hub
from tests.browserless import Event, parse
from tests.servers import wait_until


def connect(hub: Hub, stream: str, position: int) -> Connection:
    """A reader who has begun, and reads nothing. Raises as ``Hub.begin`` does."""
    return hub.begin(Connection({stream: position}))


def settled(hub: Hub) -> Hub:
    """Started, and behind the look into the database that follows its first connection to Redis."""
    looked, look = threading.Event(), hub._heads.compare
    hub._heads.compare = lambda: (look(), looked.set())
    hub._start()
    wait_until(looked.is_set)
    return hub


class Reading:
    """Reads a stream in a thread, as a web server does: from the first byte to the release. A context manager."""

    def __init__(self, hub: Hub, stream: str, cursor: int, tags=(), wait: float | None = None):
        self._begin(hub, Connection({stream: cursor}, tags, wait))

    def _begin(self, hub: Hub, connection: Connection) -> None:
        self.connection = hub.begin(connection)
        preamble = self.connection.preamble(2000, hub.beat_seconds)
        self.body = EventStream(self.connection, preamble, partial(hub.disconnect, self.connection))
        self.bytes = b""
        self.ended = False
        self._thread = threading.Thread(target=self._read, daemon=True)

    def __enter__(self) -> "Reading":
        self._thread.start()
        return self

    def __exit__(self, *_) -> None:
        self.connection.end()
        self._thread.join(10)

    @property
    def events(self) -> list[Event]:
        return list(parse([self.bytes.decode()]))

    @property
    def changes(self) -> list[Event]:
        """What Turbo would hear: unnamed events with data."""
        return [event for event in self.events if event.data and event.name is None]

    @property
    def revisions(self) -> list[int]:
        return [int(event.id) for event in self.changes if event.id is not None]

    def wait_for(self, text: str, timeout: float = 15) -> Event:
        """The first change that contains ``text``."""
        return wait_until(lambda: next((e for e in self.changes if text in e.data), None), timeout, repr(text))

    def wait_for_end(self) -> None:
        wait_until(lambda: self.ended, 15, "the stream to end")

    def _read(self) -> None:
        try:
            for chunk in self.body:
                self.bytes += chunk
        finally:
            self.body.close()
            self.ended = True


class PageReading(Reading):
    """Reads several streams by one connection, as a page does: ``{stream: position}``."""

    def __init__(self, hub: Hub, positions: dict[str, int], tags=(), wait: float | None = None):
        self._begin(hub, Connection(positions, tags, wait, named=True))

    @property
    def positions(self) -> dict[str, int]:
        """Where the newest event says that the page stands."""
        said = [event.id for event in self.events if event.id]
        return {name: int(position) for name, _, position in (part.partition("=") for part in said[-1].split("&"))}
