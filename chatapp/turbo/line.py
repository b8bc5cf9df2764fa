"""The line in which a crowd of readers waits for its streams to begin."""

import threading
import time
from collections.abc import Callable
from contextlib import contextmanager
from queue import SimpleQueue

from .connection import Connection
from .errors import Closing

#: Seconds in a line that does not move before a stream is put off.
STANDSTILL = 10.0
#: Seconds that an answer which ends may stand in line beyond its own waiting time. After that its page gives it up.
POLL_GRACE = 2.0


class Line:
    """Lets ``at_once`` streams begin at the same time and has the rest wait, so that a crowd leaves others their turn.

    A reader in line already has an answer, with its first heartbeat, and gets the next ones. A reader who leaves
    meanwhile leaves the line, and costs nothing.
    """

    def __init__(self, at_once: int = 3):
        self.at_once = at_once
        self._turns = threading.Semaphore(at_once)
        self._lock = threading.Lock()
        self._standing: set[Connection] = set()
        self._waiting: SimpleQueue[tuple[Connection, Callable[[], None]] | None] = SimpleQueue()
        self._moved_at = 0.0  # on time.monotonic()'s clock
        self._closed = False

    def __len__(self) -> int:
        return len(self._standing)

    @property
    def standing(self) -> list[Connection]:
        """The connections in line, and the ones from it that are just beginning."""
        with self._lock:
            return list(self._standing)

    @contextmanager
    def turn(self):
        """``with line.turn() as mine``: where nobody waits, ``mine`` is True, and the block is the caller's turn."""
        mine = not self._standing and self._turns.acquire(blocking=False)
        try:
            yield mine
        finally:
            if mine:
                self._turns.release()

    def stand(self, connection: Connection, begin: Callable[[], None]) -> None:
        """Call ``begin()`` in another thread when it is this connection's turn, unless it has ended by then."""
        with self._lock:
            if self._closed:
                raise Closing
            self._standing.add(connection)
        self._waiting.put((connection, begin))

    def serve(self) -> None:
        """Begin the connections in line until ``close``. Blocks, so give it ``at_once`` threads."""
        while not self._closed and (first := self._waiting.get()) is not None:
            connection, begin = first
            try:
                with self._turns:
                    if not connection.ended:
                        begin()
                if connection.begun:
                    self._moved_at = time.monotonic()
            except BaseException:
                connection.end()
                raise
            finally:
                self._leave(connection)

    def put_off(self, retry_ms: int) -> None:
        """End the connections in a line that does not move, because its head may hang for long."""
        now = time.monotonic()
        for connection in self.standing:
            until = max(connection.opened_at, self._moved_at) + STANDSTILL
            if connection.wait is not None:
                until = connection.opened_at + connection.wait + POLL_GRACE
            if not connection.begun and now > until:
                connection.end(retry_ms)
                self._leave(connection)

    def close(self) -> None:
        """End ``serve``."""
        with self._lock:
            self._closed = True
        for _ in range(self.at_once):
            self._waiting.put(None)

    def _leave(self, connection: Connection) -> None:
        with self._lock:
            self._standing.discard(connection)
