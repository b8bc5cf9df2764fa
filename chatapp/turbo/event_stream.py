"""A connection as the body of a WSGI response."""

import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from functools import partial
from types import MappingProxyType

from .connection import Connection
from .sockets import Sockets

#: Milliseconds after which a client that acknowledges nothing counts as gone: an unplugged one never says so.
SILENCE = 45_000
NONE: Mapping = MappingProxyType({})


class EventStream:
    """Iterates over the bytes of a connection and calls ``release()`` when the server closes the response.

    A class and not a generator: a generator that was never started never runs its ``finally``, and a client
    that is gone before the first byte would leave its connection behind for ever.

    ``environ`` is that of the request. It holds the client's socket if the server exposes it (gunicorn with gevent
    does). Then a client that goes away is noticed at once and not at the next heartbeat, and one that does not read
    can't keep its place. If the server can hand the socket over, ``sockets`` takes it after the first bytes: for the
    server the response is over, and ``sockets`` releases the connection.
    """

    def __init__(
        self,
        connection: Connection,
        preamble: bytes,
        release: Callable[[], None],
        environ: Mapping = NONE,
        sockets: Sockets | None = None,
    ):
        self.connection, self._release, self._sockets = connection, release, sockets
        self._parts = self._all(preamble)
        self._watcher = self._hand_over = None
        if (client := environ.get("gunicorn.socket")) is not None:
            limit_silence(client)
            connection.outlet.abort = partial(shut, client)
            if sockets is not None and connection.wait is None and environ["REQUEST_METHOD"] == "GET":
                self._hand_over = promised(client)
            if self._hand_over is None:
                self._watcher = watch(client, connection.end)

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        return next(self._parts)

    def close(self) -> None:
        """Called by the server when the response is over, however it ended."""
        if self._watcher is not None:
            self._watcher.stop()
            self._watcher.close()
            self._watcher = None
        self._release()

    def _all(self, preamble: bytes) -> Iterator[bytes]:
        yield preamble
        if self._hand_over is None:
            yield from self.connection.chunks()
        else:
            self._release = released_by_sockets
            self._sockets.take(self.connection, self._hand_over())


def promised(client) -> Callable | None:
    """The function by which the server hands over this socket, None if it can't; see sockets.py."""
    promise = getattr(client, "promise", None)
    return promise and promise()


def released_by_sockets() -> None:
    """Does nothing: the response is over, but the connection goes on."""


def limit_silence(client) -> None:
    """Have the system break a TCP connection whose other side acknowledges nothing; Linux only (tcp(7))."""
    if hasattr(socket, "TCP_USER_TIMEOUT") and client.family in (socket.AF_INET, socket.AF_INET6):
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, SILENCE)


def shut(client) -> None:
    """Break a connection; a thread that waits to send on it gets an error."""
    with suppress(OSError):
        client.shutdown(socket.SHUT_RDWR)


def watch(client, callback):
    """Call ``callback`` when ``client`` becomes readable: a browser that reads a stream sends nothing until it leaves.
    Needs gevent's event loop. Returns its watcher."""
    from gevent import get_hub

    watcher = get_hub().loop.io(client.fileno(), 1)

    def once():
        watcher.stop()  # nobody reads the socket, so it stays readable and would call for ever
        callback()

    watcher.start(once)
    return watcher
