"""A connection as the body of a WSGI response."""

import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from functools import partial
from itertools import chain
from types import MappingProxyType

from .connection import Connection

#: Milliseconds after which a client that confirms nothing is taken for gone: one that was unplugged never says so.
SILENCE = 45_000
NONE: Mapping = MappingProxyType({})


class EventStream:
    """Iterates over the bytes of a connection and calls ``release()`` when the server closes the response.

    A class and not a generator: a generator that was never started never runs its ``finally``, and a client
    that is gone before the first byte would leave its connection behind for ever.

    ``environ`` is that of the request. It holds the client's socket where the server shows it (gunicorn with gevent
    does). Then a client that goes away is noticed at once and not at the next heartbeat, and one that does not read
    can't keep its place.
    """

    def __init__(self, connection: Connection, preamble: bytes, release: Callable[[], None], environ: Mapping = NONE):
        self.connection, self._release = connection, release
        self._chunks = chain([preamble], connection.chunks())
        self._watcher = None
        if (client := environ.get("gunicorn.socket")) is not None:
            limit_silence(client)
            connection.outlet.abort = partial(shut, client)
            self._watcher = watch(client, connection.end)

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        return next(self._chunks)

    def close(self) -> None:
        """Called by the server when the response is over, however it ended."""
        if self._watcher is not None:
            self._watcher.stop()
            self._watcher.close()
            self._watcher = None
        self._release()


def limit_silence(client) -> None:
    """Have the system break a TCP connection whose other side confirms nothing; Linux only (tcp(7))."""
    if hasattr(socket, "TCP_USER_TIMEOUT") and client.family in (socket.AF_INET, socket.AF_INET6):
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, SILENCE)


def shut(client) -> None:
    """Break a connection; whoever waits to send on it gets an error."""
    with suppress(OSError):
        client.shutdown(socket.SHUT_RDWR)


def watch(client, callback):
    """Call ``callback`` when ``client`` becomes readable: a browser that reads a stream has nothing to say but
    good-bye. Needs gevent's event loop; the answer is its watcher."""
    from gevent import get_hub

    watcher = get_hub().loop.io(client.fileno(), 1)

    def once():
        watcher.stop()  # what makes it readable stays unread, and would call for ever
        callback()

    watcher.start(once)
    return watcher
