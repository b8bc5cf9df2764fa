"""The heartbeat of a process: signs of life, and the ends that come by themselves."""

import time
from collections.abc import Callable, Iterable

from .connection import Connection
from .line import Line

#: Seconds between two looks at who is due, and so the shortest interval that a reader can have.
TICK = 1.0
#: Seconds that a reader has to take what it was sent before its stream ended.
DRAIN = 5.0
#: Milliseconds until the reader of a stream that ends for its age is back: few end at once.
ROTATION = 100
#: Milliseconds until one that stood in line in vain is back.
PUT_OFF = 10_000


class Heartbeat:
    """Tends ``connections()`` and those in ``line``: each hears a beat every ``seconds``, or more often if it asked."""

    def __init__(self, seconds: float, connections: Callable[[], Iterable[Connection]], line: Line):
        self.seconds, self.tick = seconds, min(seconds, TICK)
        self._connections, self._line = connections, line

    def tend(self) -> None:
        """Do what is due. To be called every ``tick`` seconds."""
        self._line.put_off(PUT_OFF)
        for connection in {*self._connections(), *self._line.standing}:
            self._tend(connection, time.monotonic())

    def _tend(self, connection: Connection, now: float) -> None:
        interval = min(connection.interval or self.seconds, self.seconds)
        if now + self.tick > connection.beaten_at + interval:  # rather early than late
            connection.beat(interval)
        if now > connection.expires_at:
            connection.end(ROTATION)
        if now > connection.ended_at + DRAIN:
            connection.abort()
