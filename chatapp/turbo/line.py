"""The line in which a crowd of readers waits for its streams to begin."""

import threading
import time
from collections.abc import Callable, Iterable
from contextlib import contextmanager
from queue import Empty, SimpleQueue

from .connection import Connection
from .errors import Closing
from .openings import Opening

#: Seconds in a line that does not move before a stream is put off.
STANDSTILL = 10.0
#: Seconds that an answer with a waiting time may stand in line beyond that time. After that its page gives it up.
POLL_GRACE = 2.0
#: Streams that begin together, so that the database is asked once for all of them.
TOGETHER = 50
#: Seconds before each batch. Later streams join it meanwhile, and other requests get their turn.
GATHER = 0.02
#: A batch of more than FEW streams is a crowd, and for CALM seconds after it the next ones stand in line. One by one
#: they would cost several times as much.
FEW, CALM = 10, 0.5


class Line:
    """Lets ``at_once`` streams begin at the same time and has the rest wait, so that a crowd leaves others their turn.

    Those in line begin together: ``open(openings)`` begins a batch of them, and counts as one of ``at_once``.

    A reader in line already has an answer and gets heartbeats. A reader who disconnects leaves the line, and costs
    nothing.
    """

    def __init__(self, open: Callable[[list[Opening]], None], at_once: int = 3):
        self.at_once, self._open = at_once, open
        self._turns = threading.Semaphore(at_once)
        self._lock = threading.Lock()
        self._standing: set[Connection] = set()
        self._waiting: SimpleQueue[Opening | None] = SimpleQueue()
        self._moved_at = 0.0  # on time.monotonic()'s clock, as the next one
        self._crowded_at = float("-inf")
        self._closed = False

    def __len__(self) -> int:
        return len(self._standing)

    @property
    def standing(self) -> list[Connection]:
        """The connections in line, and the ones from it that are just beginning."""
        with self._lock:
            return list(self._standing)

    @property
    def calm(self) -> bool:
        """True where nobody waits, and no crowd has come just now."""
        return not self._standing and time.monotonic() > self._crowded_at + CALM

    @contextmanager
    def turn(self):
        """``with line.turn() as mine``: where it is calm, ``mine`` is True, and the block is the caller's turn."""
        mine = self.calm and self._turns.acquire(blocking=False)
        try:
            yield mine
        finally:
            if mine:
                self._turns.release()

    def stand(self, opening: Opening) -> None:
        """Begin this one in another thread when it is its turn, unless its connection has ended by then."""
        with self._lock:
            if self._closed:
                raise Closing
            self._standing.add(opening.connection)
        self._waiting.put(opening)

    def serve(self) -> None:
        """Begin the connections in line until ``close``. Blocks, so give it a thread of its own."""
        while not self._closed and (first := self._waiting.get()) is not None:
            time.sleep(GATHER)
            with self._turns:
                self._begin([first, *self._next(TOGETHER - 1)])

    def put_off(self, retry_ms: int) -> None:
        """End the connections in a line that does not move, because its head may hang for long."""
        now = time.monotonic()
        for connection in self.standing:
            until = max(connection.opened_at, self._moved_at) + STANDSTILL
            if connection.wait is not None:
                until = connection.opened_at + connection.wait + POLL_GRACE
            if not connection.begun and now > until:
                connection.end(retry_ms)
                self._leave([connection])

    def close(self) -> None:
        """End ``serve``."""
        with self._lock:
            self._closed = True
        self._waiting.put(None)

    def _next(self, most: int) -> Iterable[Opening]:
        for _ in range(most):
            try:
                opening = self._waiting.get_nowait()
            except Empty:
                return
            if opening is None:  # closed
                return
            yield opening

    def _begin(self, batch: list[Opening]) -> None:
        connections = [opening.connection for opening in batch]
        try:
            staying = [opening for opening in batch if not opening.connection.ended]
            self._open(staying)
            if len(staying) > FEW:
                self._crowded_at = time.monotonic()
            if any(connection.begun for connection in connections):
                self._moved_at = time.monotonic()
        except BaseException:
            for connection in connections:
                connection.end()
            raise
        finally:
            self._leave(connections)

    def _leave(self, connections: Iterable[Connection]) -> None:
        with self._lock:
            self._standing.difference_update(connections)
