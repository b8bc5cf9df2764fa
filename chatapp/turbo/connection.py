"""One reader's connection: the streams that it carries, and the bytes that it sends."""

import random
import secrets
import time
from collections.abc import Callable, Iterator, Mapping

from .cursor import Cursor
from .outlet import Outlet
from .streams import Frame, event, primed_cursor, quoted, retry, vector

UNTOLD = object()


class Connection:
    """The connection of a reader who has seen each stream in ``positions`` up to its position.

    ``tags`` are strings that name its owner; ``Hub.end`` ends connections by tag. ``wait`` is for networks that hold
    an answer back until it ends: the answer ends after the first news, or ``wait`` seconds after its beginning.
    ``interval`` is the number of seconds between two heartbeats, where it differs from the hub's.
    With ``named`` each event names its stream; without it there is only one stream.
    """

    __slots__ = (
        "id", "cursors", "named", "tags", "wait", "interval", "owner", "opened_at", "beaten_at", "begun_at",
        "expires_at", "ended", "ended_at", "outlet", "cut_off", "timed", "_has_news", "_attendance",
    )  # fmt: skip

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
        self.ended = False  # True once nothing more is taken; what is queued may still be on its way
        self.ended_at = float("inf")  # on time.monotonic()'s clock
        self.outlet = Outlet()  # or a SocketOutlet
        self.cut_off = self.timed = False
        self._has_news = False
        self._attendance: object = UNTOLD

    def __str__(self) -> str:
        return ", ".join(self.cursors)

    @property
    def begun(self) -> bool:
        """True once the connection is live. Before that it stands in line and gets no news."""
        return self.begun_at is not None

    def tag(self, tags) -> None:
        """Add tags, for an owner who was not known when the connection was made."""
        self.tags = self.tags | frozenset(tags) | {f"connection:{self.id}"}

    def begin(self) -> None:
        """Go live, once all cursors have started."""
        self.begun_at = time.monotonic()
        if self.wait is not None:
            self.write(b"")  # wakes the thread that serves the answer: its time to wait begins
        if self.wait == 0:
            self.end()
        self.told()

    def tell(self, cursor: Cursor, frame: Frame) -> None:
        """Send a frame of one of its streams. Call ``told`` next, once the cursor has moved.

        Sends nothing of a withdrawn stream, whose catch-up may have been under way.
        """
        if cursor.withdrawn:
            return
        if self.timed and frame.published:
            self.outlet.time(frame.published)
        self.write(frame.named(cursor.name, self._after(cursor, frame.revision)) if self.named else frame.encoded)
        self._has_news = True

    def told(self) -> None:
        """End an answer that waits for news and has some."""
        if self.wait is not None and self.begun and self._has_news:
            self.end()

    def offer_ephemeral(self, said: bytes) -> None:
        """Send a passing state: an event without an id, so that it moves no cursor.

        It ends an answer that waits, because a network that holds answers back would deliver the state too late.
        """
        if self.begun and self.wait != 0:
            self.write(said)
            self._has_news = True
            self.told()

    def attend(self, here: Mapping | None, say: Callable[[Mapping | None], str]) -> None:
        """Send ``say(here)``, a passing state, if it is not what the reader was told last.

        Does not end an answer that waits: on a network that holds answers back, every page would ask again at once.
        """
        if here != self._attendance:
            self._attendance = here
            if html := say(here):
                self.write(event(html))

    def withdraw(self, stream: str) -> None:
        """Take one stream away, and tell the page. Without another stream the connection ends."""
        if (cursor := self.cursors.get(stream)) is not None:
            cursor.withdrawn = True
        self.cursors = {name: cursor for name, cursor in self.cursors.items() if name != stream}
        if self.cursors:
            self.write(event(quoted(stream), name="gone"))
        else:
            self.end()

    def beat(self, seconds: float) -> None:
        """Send a heartbeat, and before it the position of a reader who got everything: one below has lost something."""
        self.beaten_at = time.monotonic()
        self.write(self._standing() + beat(seconds))

    def write(self, chunk: bytes) -> None:
        """Send bytes to the reader; a reader too far behind is cut off."""
        if not self.ended and not self.outlet.send(chunk):
            self.cut_off = True
            self.end()

    def end(self, retry_ms: int | None = None) -> None:
        """End the stream cleanly after what is queued; the browser comes back after about ``retry_ms``, if given.

        Sends the time twice: scripts that reconnect by themselves do not see the ``retry`` field, so they get
        ``event: retry``.
        """
        if not self.ended:
            if retry_ms is not None:
                milliseconds = jittered(retry_ms)
                self.write(retry(milliseconds) + event(str(milliseconds), name="retry"))
            self.ended, self.ended_at = True, time.monotonic()
            self.outlet.finish()

    def rest(self, seconds: int) -> None:
        """End it, and have the page do without a stream for ``seconds``: ``event: rest`` for scripts, and ``retry``."""
        self.write(retry(seconds * 1000) + event(str(seconds), name="rest"))
        self.end()

    def preamble(self, retry_ms: int, beat_seconds: float) -> bytes:
        """The first bytes: when to come back, where the reader stands, and a first sign of life.

        The position is the one before the catch-up, which must come again if the connection breaks now.
        """
        origins = {stream: cursor.origin for stream, cursor in self.cursors.items() if cursor.origin >= 0}
        primed = primed_cursor(self._said(origins)) if origins else b""
        return retry(jittered(retry_ms)) + primed + beat(beat_seconds)

    def abort(self) -> None:
        """Break the connection of a reader who does not take what was sent."""
        self.outlet.abort()

    def forget(self) -> None:
        """Let go of its streams once it is released: without reference cycles their memory is free at once."""
        if self.begun:
            self.cursors = {}

    def chunks(self) -> Iterator[bytes]:
        """The bytes as they come, until the end; blocks. Not for a connection whose socket was handed over."""
        return self.outlet.chunks(self._time_left)

    def _after(self, told: Cursor, revision: int) -> str:
        """Where the reader stands once ``told`` stands at ``revision``, in the form of ``vector``."""
        parts = []
        for one in self.cursors.values():
            position = revision if one is told else one.position
            if position >= 0:
                parts.append(f"{one.name}={position}")
        return "&".join(parts)

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
    """A random time of 0.5 to 1.5 times ``milliseconds``, so that a thousand readers do not come back at once."""
    return int(milliseconds * random.uniform(0.5, 1.5))
