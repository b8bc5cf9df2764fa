"""A connection as the body of a WSGI response."""

from collections.abc import Callable, Iterator
from itertools import chain

from .connection import Connection


class EventStream:
    """Iterates over the bytes of a connection and calls ``release()`` when the server closes the response.

    A class and not a generator: a generator that was never started never runs its ``finally``, and a client
    that is gone before the first byte would leave its connection behind for ever.

    ``socket`` is the client's, where the server shows it (gunicorn with gevent does). Then a client that goes
    away is noticed at once and not at the next heartbeat.
    """

    def __init__(self, connection: Connection, preamble: bytes, release: Callable[[], None], socket=None):
        self.connection, self._release = connection, release
        self._chunks = chain([preamble], connection.chunks())
        self._watcher = watch(socket, connection.end) if socket is not None else None

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


def watch(socket, callback):
    """Call ``callback`` when ``socket`` becomes readable: a browser that reads a stream has nothing to say but
    good-bye. Needs gevent's event loop; the answer is its watcher."""
    from gevent import get_hub

    watcher = get_hub().loop.io(socket.fileno(), 1)

    def once():
        watcher.stop()  # what makes it readable stays unread, and would call for ever
        callback()

    watcher.start(once)
    return watcher
