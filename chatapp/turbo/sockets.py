"""Readers' sockets that the hub writes to itself: none of them needs a thread.

A server that can hand a socket over has an object at ``environ["gunicorn.socket"]`` with a method ``promise()``. Called
before an answer begins, it returns a function to call once the first bytes are on their way. That function returns the
socket, which the server no longer uses, as an object with

    fd            the file descriptor; it does not block
    chunked       whether the answer goes out in chunks (RFC 9112, section 7.1)
    done(sent)    to be called once the socket is closed, with the number of bytes sent

This module needs gevent's event loop, and Linux.
"""

import logging
import os
import threading
from collections import deque
from collections.abc import Callable
from queue import SimpleQueue

from .connection import Connection
from .outlet import MOST_BYTES, MOST_CHUNKS

log = logging.getLogger(__name__)

#: Events handled in one look at the sockets, so that a leaving crowd does not hold up the others.
AT_ONCE = 100
READABLE, WRITABLE, HALF_CLOSED, BROKEN, ON_CHANGE = 0x001, 0x004, 0x2000, 0x008 | 0x010, 1 << 31
LAST_CHUNK = b"0\r\n\r\n"


class SocketOutlet:
    """Writes to the socket of one reader, at once and without waiting. See outlet.py for its interface.

    Keeps bytes only for a reader who falls behind; ``Sockets`` tells it when to go on.
    """

    __slots__ = (
        "connection", "fd", "sent", "handed", "written",
        "_sockets", "_chunked", "_pending", "_published", "_waiting", "_finishing",
    )  # fmt: skip

    def __init__(self, sockets: "Sockets", connection: Connection, handed):
        self.connection, self.handed, self._sockets = connection, handed, sockets
        self.fd, self._chunked = handed.fd, handed.chunked
        self.sent = 0  # bytes, as gunicorn counts them: without the framing of the chunks
        self._pending: deque[bytes] | None = None  # None where the reader keeps up
        self._waiting = 0  # bytes in ``_pending``
        self._finishing = False
        self.written, self._published = connection.outlet.written, []  # ``written`` as in the outlet before

    @property
    def backlog(self) -> int:
        """The number of chunks that wait for the reader."""
        return len(self._pending or ())

    def send(self, chunk: bytes) -> bool:
        """Write what the system takes, and keep the rest. False where the reader is too far behind."""
        if self.fd < 0 or not chunk:
            return True
        self.sent += len(chunk)
        if self._chunked:
            chunk = self._sockets.framed(chunk)
        if self._pending is None:
            chunk = self._write(chunk)
        if chunk is not None:
            return self._keep(chunk)
        if self._published:
            self._note()
        return True

    def time(self, published: float) -> None:
        """Have ``written`` hear when the change sent next was published, on time.time()'s clock."""
        self._published.append(published)

    def _note(self) -> None:
        published, self._published = self._published, []
        self.written(published)

    def finish(self) -> None:
        """Close the socket after what was sent."""
        if self.fd < 0 or self._finishing:
            return
        self._finishing = True
        rest = LAST_CHUNK if self._chunked else None
        if self._pending is None:
            rest = rest and self._write(rest)
        if rest and self.fd >= 0:
            self._keep(rest)
        elif self._pending is None:
            self.abort()

    def abort(self) -> None:
        """Close the socket. Harmless to repeat."""
        if self.fd >= 0:
            fd, self.fd = self.fd, -1
            self.sent -= min(self.sent, self._waiting)
            self._pending, self._waiting = None, 0
            self._sockets.close(fd)

    def go_on(self) -> None:
        """Write what waits, as far as the system takes it."""
        while self._pending:
            chunk = self._pending.popleft()
            rest = self._write(chunk)
            if self.fd < 0:
                return
            self._waiting -= len(chunk) - len(rest or b"")
            if rest is not None:
                self._pending.appendleft(rest)
                return
        if self._pending is not None:
            self._pending = None
            self._sockets.watch(self.fd, writable=False)
        if self._published:
            self._note()
        if self._finishing:
            self.abort()

    def _write(self, chunk: bytes) -> bytes | None:
        """Returns what the system did not take, None if it took everything or the connection is broken."""
        try:
            written = os.write(self.fd, chunk)
        except BlockingIOError:
            return chunk
        except OSError:
            self.abort()
            return None
        return chunk[written:] if written < len(chunk) else None

    def _keep(self, chunk: bytes) -> bool:
        if self._pending is None:
            self._pending = deque()
            self._sockets.watch(self.fd, writable=True)
        self._pending.append(chunk)
        self._waiting += len(chunk)
        behind = self._waiting - len(chunk) - (len(self._pending[0]) if len(self._pending) > 1 else 0)
        return len(self._pending) <= MOST_CHUNKS and behind <= MOST_BYTES


class Sockets:
    """All sockets of this process that the hub writes to. Once they are closed, a thread of its own calls
    ``release(connections)``.

    One epoll tells which readers have left, and which of those behind can take more.
    """

    def __init__(self, release: Callable[[list[Connection]], None]):
        self._release = release
        self._outlets: dict[int, SocketOutlet] = {}
        self._closed: SimpleQueue[SocketOutlet] | None = None
        self._last = self._last_framed = b""

    def __len__(self) -> int:
        return len(self._outlets)

    def take(self, connection: Connection, handed) -> None:
        """Write to this socket what waits for the reader of ``connection``, and then everything sent to it."""
        if self._closed is None:
            self._begin()
        outlet = self._outlets[handed.fd] = SocketOutlet(self, connection, handed)
        self._epoll.register(handed.fd, READABLE | HALF_CLOSED | ON_CHANGE)
        queue, connection.outlet = connection.outlet, outlet
        outlet.send(queue.waiting())
        if connection.ended:
            outlet.finish()

    def framed(self, chunk: bytes) -> bytes:
        """``chunk`` as one chunk of a chunked answer. A crowd gets the same bytes, and they are framed once."""
        if chunk is not self._last:
            self._last, self._last_framed = chunk, b"%X\r\n%b\r\n" % (len(chunk), chunk)
        return self._last_framed

    def watch(self, fd: int, writable: bool) -> None:
        """With ``writable``, have ``_look`` also hear when this socket can be written to."""
        events = READABLE | HALF_CLOSED | ON_CHANGE
        self._epoll.modify(fd, events | WRITABLE if writable else events)

    def close(self, fd: int) -> None:
        """Close a socket, and have its connection released."""
        outlet = self._outlets.pop(fd)
        self._epoll.unregister(fd)
        self._close(fd)
        self._closed.put(outlet)

    def _begin(self) -> None:
        # Not before the first reader: a forked process must not share an epoll or threads.
        from gevent import get_hub
        from gevent.monkey import get_original

        self._closed = SimpleQueue()
        self._epoll = get_original("select", "epoll")()
        self._close = get_original("os", "close")  # gevent's waits for its event loop, which does not watch the sockets
        self._watcher = get_hub().loop.io(self._epoll.fileno(), 1)
        self._watcher.start(self._look)
        threading.Thread(target=self._give_back, daemon=True).start()

    def _look(self) -> None:
        """Called by the event loop, so it must not block."""
        for fd, events in self._epoll.poll(0, AT_ONCE):
            if (outlet := self._outlets.get(fd)) is not None:
                try:
                    self._handle(outlet, events)
                except Exception:
                    log.exception("turbo: the socket of stream %s failed", outlet.connection)
                    outlet.abort()

    def _handle(self, outlet: SocketOutlet, events: int) -> None:
        if events & (BROKEN | HALF_CLOSED):
            outlet.abort()
            return
        if events & WRITABLE:
            outlet.go_on()
        if events & READABLE:  # a browser that reads a stream sends nothing until it leaves
            outlet.connection.end()

    def _give_back(self) -> None:
        while True:
            outlets = [self._closed.get()]
            while not self._closed.empty():
                outlets.append(self._closed.get())
            try:
                self._release([outlet.connection for outlet in outlets])
            except Exception:
                log.exception("turbo: %d connections were not released", len(outlets))
            for outlet in outlets:
                self._let_go(outlet)
            outlet = outlets = None  # or they stay in memory until the next one closes

    @staticmethod
    def _let_go(outlet: SocketOutlet) -> None:
        try:
            outlet.handed.done(outlet.sent)
        except Exception:  # such as a log that can't be written: this thread serves all the others, too
            log.exception("turbo: the end of stream %s was not noted", outlet.connection)
        outlet.connection.forget()
        outlet.connection = None
