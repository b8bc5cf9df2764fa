"""The heartbeat of a process: it sends signs of life, and ends connections that are due."""

import time
from collections.abc import Callable, Iterable

from .connection import Connection
from .line import Line
from .slices import sliced

#: Seconds between two looks for connections that are due, and so the shortest interval of a reader.
TICK = 1.0
#: Seconds that a reader has to take the rest after its stream has ended.
DRAIN = 5.0
#: Milliseconds until the reader of a stream that ended for its age comes back. Short, because few end at once.
ROTATION = 100
#: Milliseconds until a reader who stood in line in vain comes back.
PUT_OFF = 10_000


class Heartbeat:
    """Sends beats to ``connections()`` and those in ``line``, every ``seconds`` or as often as a connection asks."""

    def __init__(self, seconds: float, connections: Callable[[], Iterable[Connection]], line: Line):
        self.seconds, self.tick = seconds, min(seconds, TICK)
        self._connections, self._line = connections, line

    def tend(self) -> None:
        """Send the beats that are due, and end the connections that are due. Call it every ``tick`` seconds."""
        self._line.put_off(PUT_OFF)
        for connection in sliced({*self._connections(), *self._line.standing}):
            self._tend(connection, time.monotonic())

    def _tend(self, connection: Connection, now: float) -> None:
        interval = min(connection.interval or self.seconds, self.seconds)
        if now + self.tick > connection.beaten_at + interval:  # early rather than late
            connection.beat(interval)
        if now > connection.expires_at:
            connection.end(ROTATION)
        if now > connection.ended_at + DRAIN:
            connection.abort()
