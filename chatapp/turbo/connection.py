"""One reader of a stream: what it has seen, and what it is told."""

import random
import secrets
import time
from collections.abc import Iterator

from .outlet import Outlet
from .streams import Frame, event, primed_cursor, retry

#: Chunks that may wait for one reader. One that is slower is cut off, and catches up when it comes back.
BACKLOG = 500


class Connection:
    """A reader of ``stream`` who has seen everything up to ``cursor``.

    ``tags`` are strings that name its owner; ``Hub.end`` ends connections by tag. ``wait`` is for networks that hold
    an answer back until it ends: it then ends after the first news, or ``wait`` seconds after its beginning.
    ``interval`` is the number of seconds between two heartbeats, where it differs from the hub's.
    Frames offered before ``start`` wait, because the catch-up goes first.
    """

    def __init__(self, stream: str, cursor: int, tags=(), wait: float | None = None, interval: float | None = None):
        self.id = secrets.token_hex(8)
        self.stream = stream
        self.cursor = cursor
        self.origin = cursor
        self.tags = frozenset()
        self.tag(tags)
        self.wait, self.interval = wait, interval
        self.owner: str | None = None  # the user whose limit counts it; see ``Turbo.begin``
        self.opened_at = self.beaten_at = time.monotonic()
        self.begun_at: float | None = None
        self.expires_at = float("inf")
        self.ended_at = float("inf")  # on time.monotonic()'s clock
        self.outlet = Outlet()
        self._held: list[Frame] | None = []

    @property
    def ended(self) -> bool:
        """True once nothing more is taken; what is queued may still be on its way."""
        return self.ended_at < float("inf")

    @property
    def begun(self) -> bool:
        """True once it is live. Before that it has a place in line, and no news."""
        return self._held is None

    def tag(self, tags) -> None:
        """Name the owner, where the beginning of the connection did not know him."""
        self.tags = self.tags | frozenset(tags) | {f"connection:{self.id}"}

    def start(self, catch_up: Frame | None) -> None:
        """Go live: first the catch-up, then the frames that came meanwhile and are not in it."""
        held, self._held = self._held, None
        self.begun_at = time.monotonic()
        if self.wait is not None:
            self.write(b"")  # wakes the reader, whose time to wait begins
        if catch_up:
            self.offer(catch_up, anyway=catch_up.full)
        for frame in held:
            self.offer(frame)
        if self.wait == 0:
            self.end()

    def offer(self, frame: Frame, anyway: bool = False) -> None:
        """Send a frame on, if it tells this reader anything new; or ``anyway``, to a reader who knows too much."""
        if self._held is not None:
            self._held.append(frame)
        elif anyway or frame.revision > self.cursor:
            self.write(frame.encoded)
            self.cursor = frame.revision  # only now: a heartbeat from another thread may not say it any earlier
            if self.wait is not None:
                self.end()

    def offer_ephemeral(self, html: str) -> None:
        """Send a passing state on, without an id, so that it does not move the cursor.

        It ends an answer that waits, because a network that holds answers back would deliver the state too late.
        """
        if self.begun and self.wait != 0:
            self.write(event(html))
            if self.wait is not None:
                self.end()

    def beat(self, seconds: float) -> None:
        """Send a heartbeat, and before it where the reader has to stand by now: who stands below has lost something."""
        self.beaten_at = time.monotonic()
        self.write((standing(self.cursor) if self.cursor >= 0 else b"") + beat(seconds))

    def write(self, chunk: bytes) -> None:
        """Send bytes to the reader; a reader too far behind is cut off."""
        if not self.ended:
            self.outlet.send(chunk)
            if self.outlet.backlog > BACKLOG:
                self.end()

    def end(self, retry_ms: int | None = None) -> None:
        """End the stream cleanly after what is queued; the browser comes back after about ``retry_ms``, if given.

        It is said twice, since scripts do not see the ``retry`` field: ``event: retry``, for those that reconnect by
        themselves.
        """
        if not self.ended:
            if retry_ms is not None:
                milliseconds = jittered(retry_ms)
                self.write(retry(milliseconds) + event(str(milliseconds), name="retry"))
            self.ended_at = time.monotonic()
            self.outlet.finish()

    def rest(self, seconds: int) -> None:
        """End it, and have the page go without a stream for a while: ``event: rest``, for scripts, and ``retry:``."""
        self.write(retry(seconds * 1000) + event(str(seconds), name="rest"))
        self.end()

    def preamble(self, retry_ms: int, beat_seconds: float) -> bytes:
        """The first bytes: when to come back, where the reader stands, and a first sign of life.

        Where the reader stood, that is: the catch-up is still to come, and must come again if this breaks now.
        """
        primed = primed_cursor(self.origin) if self.origin >= 0 else b""
        return retry(jittered(retry_ms)) + primed + beat(beat_seconds)

    def abort(self) -> None:
        """Break the connection of a reader who does not take what was sent."""
        self.outlet.abort()

    def chunks(self) -> Iterator[bytes]:
        """The bytes as they come, until the end; blocks."""
        return self.outlet.chunks(self._time_left)

    def _time_left(self) -> float | None:
        if self.wait is None or self.begun_at is None:
            return None
        return max(0.0, self.begun_at + self.wait - time.monotonic())


def beat(seconds: float) -> bytes:
    r"""A heartbeat that scripts can see: ``b'event: beat\ndata: 15\n\n'``, the seconds until the next one."""
    return event(f"{seconds:g}", name="beat")


def standing(revision: int) -> bytes:
    r"""The revision that a page shows if it got everything: ``b'event: revision\ndata: 43\n\n'``, for scripts.

    An event of its own: pages of older releases read the data of a beat as a number, and with an id on the beat a
    browser would resume after the events that it has lost.
    """
    return event(str(revision), name="revision")


def jittered(milliseconds: int) -> int:
    """A random time between half and one and a half of it, so that a thousand readers do not come back at once."""
    return int(milliseconds * random.uniform(0.5, 1.5))
