"""One reader's connection: the streams that it carries, and the bytes that tell of them."""

import random
import secrets
import time
from collections.abc import Callable, Iterator, Mapping

from .cursor import Cursor
from .outlet import Outlet
from .streams import Frame, event, primed_cursor, quoted, retry, vector

#: Chunks that may wait for one reader. One that is slower is cut off, and catches up when it comes back.
BACKLOG = 500
UNTOLD = object()


class Connection:
    """A reader of the streams in ``positions``, who has seen each of them up to its position.

    ``tags`` are strings that name its owner; ``Hub.end`` ends connections by tag. ``wait`` is for networks that hold
    an answer back until it ends: it then ends after the first news, or ``wait`` seconds after its beginning.
    ``interval`` is the number of seconds between two heartbeats, where it differs from the hub's.
    ``named`` is the form of the bytes in which each event names its stream. Without it there is one stream only.
    """

    def __init__(
        self,
        positions: Mapping[str, int],
        tags=(),
        wait: float | None = None,
        interval: float | None = None,
        named: bool = False,
    ):
        self.id = secrets.token_hex(8)
        self.cursors = {stream: Cursor(self, stream, position) for stream, position in positions.items()}
        self.named = named
        self.tags = frozenset()
        self.tag(tags)
        self.wait, self.interval = wait, interval
        self.owner: str | None = None  # the user whose limit counts it; see ``Turbo.begin``
        self.opened_at = self.beaten_at = time.monotonic()
        self.begun_at: float | None = None
        self.expires_at = float("inf")
        self.ended_at = float("inf")  # on time.monotonic()'s clock
        self.outlet = Outlet()
        self._has_news = False
        self._attendance: object = UNTOLD

    def __str__(self) -> str:
        return ", ".join(self.cursors)

    @property
    def ended(self) -> bool:
        """True once nothing more is taken; what is queued may still be on its way."""
        return self.ended_at < float("inf")

    @property
    def begun(self) -> bool:
        """True once it is live. Before that it has a place in line, and no news."""
        return self.begun_at is not None

    def tag(self, tags) -> None:
        """Name the owner, where the beginning of the connection did not know him."""
        self.tags = self.tags | frozenset(tags) | {f"connection:{self.id}"}

    def begin(self) -> None:
        """Say that all cursors have started."""
        self.begun_at = time.monotonic()
        if self.wait is not None:
            self.write(b"")  # wakes the reader, whose time to wait begins
        if self.wait == 0:
            self.end()
        self.told()

    def tell(self, cursor: Cursor, frame: Frame) -> None:
        """Send a frame of one of its streams. ``told`` has to follow, once the cursor has moved.

        Of a stream that was withdrawn meanwhile nothing more is sent: its catch-up may have been under way.
        """
        if cursor.stream not in self.cursors:
            return
        if self.named:
            positions = {**self._positions(), cursor.stream: frame.revision}
            self.write(frame.named(cursor.stream, vector(positions)))
        else:
            self.write(frame.encoded)
        self._has_news = True

    def told(self) -> None:
        """End an answer that waits for news and has some."""
        if self.wait is not None and self.begun and self._has_news:
            self.end()

    def offer_ephemeral(self, html: str) -> None:
        """Send a passing state on, without an id, so that it moves no cursor.

        It ends an answer that waits, because a network that holds answers back would deliver the state too late.
        """
        if self.begun and self.wait != 0:
            self.write(event(html))
            self._has_news = True
            self.told()

    def attend(self, here: Mapping | None, say: Callable[[Mapping | None], str]) -> None:
        """Send ``say(here)``, a passing state, if it is not what the reader was told last.

        It ends no answer that waits: on a network that holds answers back every page would ask again at once.
        """
        if here != self._attendance:
            self._attendance = here
            if html := say(here):
                self.write(event(html))

    def withdraw(self, stream: str) -> None:
        """Take one stream away, and tell the page. Without another stream the connection ends."""
        self.cursors = {name: cursor for name, cursor in self.cursors.items() if name != stream}
        if self.cursors:
            self.write(event(quoted(stream), name="gone"))
        else:
            self.end()

    def beat(self, seconds: float) -> None:
        """Send a heartbeat, and before it where the reader has to stand by now: who stands below has lost something."""
        self.beaten_at = time.monotonic()
        self.write(self._standing() + beat(seconds))

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
        origins = {stream: cursor.origin for stream, cursor in self.cursors.items() if cursor.origin >= 0}
        primed = primed_cursor(self._said(origins)) if origins else b""
        return retry(jittered(retry_ms)) + primed + beat(beat_seconds)

    def abort(self) -> None:
        """Break the connection of a reader who does not take what was sent."""
        self.outlet.abort()

    def chunks(self) -> Iterator[bytes]:
        """The bytes as they come, until the end; blocks."""
        return self.outlet.chunks(self._time_left)

    def _positions(self) -> dict[str, int]:
        return {stream: cursor.position for stream, cursor in self.cursors.items() if cursor.position >= 0}

    def _standing(self) -> bytes:
        positions = self._positions()
        return standing(self._said(positions)) if positions else b""

    def _said(self, positions: dict[str, int]) -> str:
        return vector(positions) if self.named else str(*positions.values())

    def _time_left(self) -> float | None:
        if self.wait is None or self.begun_at is None:
            return None
        return max(0.0, self.begun_at + self.wait - time.monotonic())


def beat(seconds: float) -> bytes:
    r"""A heartbeat that scripts can see: ``b'event: beat\ndata: 15\n\n'``, the seconds until the next one."""
    return event(f"{seconds:g}", name="beat")


def standing(position: str) -> bytes:
    r"""Where a page stands if it got everything: ``b'event: revision\ndata: 43\n\n'``, for scripts.

    An event of its own: pages of older releases read the data of a beat as a number, and with an id on the beat a
    browser would resume after the events that it has lost.
    """
    return event(position, name="revision")


def jittered(milliseconds: int) -> int:
    """A random time between half and one and a half of it, so that a thousand readers do not come back at once."""
    return int(milliseconds * random.uniform(0.5, 1.5))
