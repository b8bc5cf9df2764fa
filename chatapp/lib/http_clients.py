"""What the clients of other people's servers share."""

import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from ssl import SSLContext
from threading import Timer

import httpx2


@cache
def certificates() -> SSLContext:
    """The certificates that the system trusts. It takes 50 ms of CPU to read them, so a process reads them once."""
    return httpx2.create_ssl_context()


@contextmanager
def hanging_up_at(deadline: float) -> Iterator[Callable[[str, dict], None]]:
    """A ``trace`` for httpx's requests. It breaks their connections at ``deadline`` (by ``time.monotonic``).

    The client limits each read, and not all of them together: the head of an answer may come letter by letter.
    """
    sockets = []

    def hang_up() -> None:
        for connection in sockets:
            with suppress(OSError):
                # Not TLS's own method, which takes the encryption away from whoever is reading.
                socket.socket.shutdown(connection, socket.SHUT_RDWR)

    def trace(event: str, info: dict) -> None:
        stream = info.get("return_value")
        if hasattr(stream, "get_extra_info"):
            sockets.append(stream.get_extra_info("socket"))
        if time.monotonic() >= deadline:  # the second try may begin after that
            hang_up()

    timer = Timer(deadline - time.monotonic(), hang_up)
    timer.daemon = True
    timer.start()
    try:
        yield trace
    finally:
        timer.cancel()
