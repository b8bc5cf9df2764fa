"""What the clients for other people's servers have in common."""

import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from ssl import SSLContext
from threading import Event, Lock, Timer

import httpx2


@cache
def certificates() -> SSLContext:
    """The certificates that the system trusts. It takes 50 ms of CPU to read them, so a process reads them once."""
    return httpx2.create_ssl_context()


class HangUp:
    """When called, from any thread, breaks its connections off, and later ones as soon as they are made.

    ``trace`` belongs in the extensions of httpx's requests. Calling ``within`` also breaks off the connections of this
    one, but not the other way round. So a part of some work can have a deadline of its own.
    """

    def __init__(self, within: "HangUp | None" = None):
        self._within = within
        self._sockets: list[socket.socket] = []
        self._lock = Lock()
        self._called = Event()

    def __call__(self) -> None:
        self._called.set()
        with self._lock:
            for connection in self._sockets:
                with suppress(OSError):
                    # Not TLS's own method, which takes the encryption away from a reading thread.
                    socket.socket.shutdown(connection, socket.SHUT_RDWR)

    @property
    def called(self) -> bool:
        """Whether it was called."""
        return self._called.is_set() or bool(self._within and self._within.called)

    def wait(self, seconds: float) -> bool:
        """Pause for ``seconds``, or until it is called. Returns whether it was."""
        return self._called.wait(seconds)

    def trace(self, event: str, info: dict) -> None:
        """Notes the sockets that httpx makes."""
        if self._within:
            self._within.trace(event, info)
        stream = info.get("return_value")
        if hasattr(stream, "get_extra_info"):
            with self._lock:
                self._sockets.append(stream.get_extra_info("socket"))
        if self.called:
            self()


@contextmanager
def hanging_up_at(deadline: float, hang_up: HangUp | None = None) -> Iterator[Callable[[str, dict], None]]:
    """A ``trace`` for httpx's requests. It breaks their connections at ``deadline`` (by ``time.monotonic``).

    The client limits each read but not all of them together: the head of an answer may come letter by letter.
    """
    hang_up = hang_up or HangUp()
    timer = Timer(deadline - time.monotonic(), hang_up)
    timer.daemon = True
    timer.start()
    try:
        yield hang_up.trace
    finally:
        timer.cancel()
