"""How long changes take from their commit to their readers."""

import time
from bisect import bisect_left
from collections.abc import Iterable

from .connection import Connection

#: Upper bounds in seconds. One more place counts what took longer.
BOUNDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


#: The most readers of a process whose deliveries are timed. With more readers these are a sample, because timing a
#: delivery costs a tenth of the delivery itself.
TIMED = 64


class Delays:
    """Counts the deliveries of a process by the seconds from their publication to their last byte in a socket.

    Publisher and reader may be on two machines, so it is as exact as their clocks. ``counts`` has a place for each of
    ``BOUNDS`` and one for what took longer; ``seconds`` is the sum.
    """

    def __init__(self):
        self.counts = [0] * (len(BOUNDS) + 1)
        self.seconds = 0.0
        self._timed: set[Connection] = set()

    def time(self, connection: Connection) -> None:
        """Time the deliveries to this connection, unless TIMED others are timed already."""
        if len(self._timed) < TIMED:
            self._timed.add(connection)
            connection.timed, connection.outlet.written = True, self.note

    def forget(self, connection: Connection) -> None:
        """Stop timing a connection. Harmless to repeat."""
        self._timed.discard(connection)

    def note(self, published: Iterable[float]) -> None:
        """Count changes that are written now, by the times of their publication, on time.time()'s clock."""
        now, counts = time.time(), self.counts
        for at in published:
            delay = now - at
            counts[bisect_left(BOUNDS, delay)] += 1
            if delay > 0:
                self.seconds += delay
