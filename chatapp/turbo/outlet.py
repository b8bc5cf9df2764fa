"""Where the bytes of a connection go. Whatever is above the connection knows nothing of it."""

from collections.abc import Callable, Iterator
from queue import Empty, SimpleQueue

_END = None


class Outlet:
    """Keeps bytes until the thread that serves the answer fetches them.

    ``abort()`` breaks the reader's connection; whoever serves the answer puts the way to do that here.
    """

    def __init__(self):
        self.abort: Callable[[], None] = lambda: None
        self._queue: SimpleQueue[bytes | None] = SimpleQueue()

    @property
    def backlog(self) -> int:
        """The number of chunks that wait for the reader."""
        return self._queue.qsize()

    def send(self, chunk: bytes) -> None:
        """Take bytes for the reader; never blocks. An empty chunk only wakes the thread that serves."""
        self._queue.put(chunk)

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
            if any(pieces):
                yield b"".join(pieces)
