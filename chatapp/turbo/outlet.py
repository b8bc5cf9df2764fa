"""Where the bytes of a connection go. Channels and cursors do not know about it.

There are two outlets. ``Outlet`` works with every server: it keeps the bytes until the thread that serves the answer
fetches them. ``SocketOutlet`` (sockets.py) writes them to the reader's socket itself, and needs no thread. A connection
begins with the first, and gets the second where the server hands over the socket. Both have:

    send(chunk)   take bytes for the reader; never blocks. False where the reader is too far behind.
    finish()      end the answer after what was sent
    abort()       break the reader's connection
    backlog       the number of chunks that wait for the reader
    time(at)      have ``written`` hear ``at``, when the change sent next was published, once the system has its bytes
"""

from collections.abc import Callable, Iterator
from queue import Empty, SimpleQueue

#: The most that may wait for one reader, behind the chunk being sent.
MOST_CHUNKS, MOST_BYTES = 500, 2**20
_END = None


class Outlet:
    """Keeps bytes until the thread that serves the answer fetches them.

    The ``EventStream`` sets ``abort`` to a function that breaks the connection. ``written(published)`` hears when the
    changes were published whose bytes the server has taken.
    """

    __slots__ = ("abort", "written", "_published", "_queue", "_waiting")

    def __init__(self):
        self.abort: Callable[[], None] = _nothing
        self.written: Callable[[list[float]], None] = _unheard
        self._queue: SimpleQueue[bytes | None] = SimpleQueue()
        self._published: list[float] = []  # of the changes in the queue
        self._waiting = 0  # bytes

    @property
    def backlog(self) -> int:
        """The number of chunks that wait for the reader."""
        return self._queue.qsize()

    def send(self, chunk: bytes) -> bool:
        """Take bytes for the reader; never blocks. An empty chunk only wakes the thread that serves.

        False where the reader is too far behind.
        """
        self._queue.put(chunk)
        self._waiting += len(chunk)
        return self._queue.qsize() <= MOST_CHUNKS and self._waiting - len(chunk) <= MOST_BYTES

    def time(self, published: float) -> None:
        """Have ``written`` hear when the change sent next was published, on time.time()'s clock."""
        self._published.append(published)

    def finish(self) -> None:
        """End the answer after what was sent."""
        self._queue.put(_END)

    def chunks(self, time_left: Callable[[], float | None]) -> Iterator[bytes]:
        """The bytes as they come, until the end or until ``time_left()`` seconds have passed; blocks.

        Several chunks that wait go out in one piece.
        """
        chunk = b""
        while chunk is not _END:
            try:
                chunk = self._queue.get(timeout=time_left())
            except Empty:
                return
            pieces = []
            while chunk is not _END:
                pieces.append(chunk)
                if self._queue.empty():
                    break
                chunk = self._queue.get()
            piece = b"".join(pieces)
            self._waiting -= len(piece)
            if piece:
                published, self._published = self._published, []
                yield piece
                # The server asks for more once it has written these.
                if published:
                    self.written(published)

    def waiting(self) -> bytes:
        """Take out what waits for the reader, for another outlet to send."""
        pieces = []
        while not self._queue.empty():
            pieces.append(self._queue.get())
        return b"".join(piece for piece in pieces if piece is not _END)


def _nothing() -> None:
    """Breaks nothing: nobody serves the answer yet."""


def _unheard(published: list[float]) -> None:
    """Nobody times this reader."""
