"""Many readers of one stream in one loop, and whoever publishes to them."""

import select
import socket
import time
from collections.abc import Callable
from statistics import quantiles
from typing import NamedTuple
from urllib.parse import urlsplit

#: Each fragment has one, and nothing else on a stream does.
MARK = b"~"
OPEN_AT_ONCE = 50


class Round(NamedTuple):
    """What one round brought: deliveries, and how many milliseconds half and 99 % of them took at most."""

    deliveries: int
    p50: float
    p99: float


class Crowd:
    """``readers`` connections that each send ``request`` to ``url`` and read what comes. A context manager."""

    def __init__(self, url: str, request: bytes, readers: int):
        parts = urlsplit(url)
        self.address, self.request, self.readers = (parts.hostname, parts.port), request, readers
        self.sockets: dict[int, socket.socket] = {}
        self.heard: dict[int, int] = {}
        self.poll = select.epoll()

    def __enter__(self) -> "Crowd":
        for opened in range(0, self.readers, OPEN_AT_ONCE):
            new = [self._open() for _ in range(min(OPEN_AT_ONCE, self.readers - opened))]
            for one in new:
                assert one.recv(2**16).startswith(b"HTTP/1.1 200")
                one.setblocking(False)
        self.read_for(1)
        return self

    def __exit__(self, *_) -> None:
        self.poll.close()
        for one in self.sockets.values():
            one.close()

    def _open(self) -> socket.socket:
        one = socket.socket()
        one.settimeout(60)
        if not self.sockets:  # the one that may stop reading: soon nothing more fits between it and the server
            one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        one.connect(self.address)
        one.sendall(self.request)
        self.sockets[one.fileno()] = one
        self.poll.register(one, select.EPOLLIN)
        return one

    def stop_reading(self) -> int:
        """One of the readers reads no more. Returns which."""
        number = next(iter(self.sockets))
        self.poll.unregister(number)
        return number

    def has_ended(self, number: int) -> bool:
        """Whether the server has ended the stream of a reader who had stopped reading."""
        self.sockets[number].settimeout(5)
        try:
            while self.sockets[number].recv(2**18):
                pass
        except TimeoutError:
            return False
        except ConnectionError:
            pass
        return True

    def read_for(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            self._read(left)

    def round(self, publish: Callable[[int], None], each_second: float, seconds: float) -> Round:
        """Publish so often, and wait until all who read have everything."""
        count, published, took = int(each_second * seconds), [], []
        self.heard = dict.fromkeys(self.sockets, 0)
        began = time.perf_counter()
        while len(published) < count:
            due = began + len(published) / each_second
            if (left := due - time.perf_counter()) <= 0:
                published.append(time.perf_counter())
                publish(len(published))
            took += self._read(max(0.0, left), published)
        until = time.perf_counter() + 30
        while time.perf_counter() < until and (new := self._read(0.5, published)):
            took += new
        cuts = quantiles(took, n=100)
        return Round(len(took), 1000 * cuts[49], 1000 * cuts[98])

    def _read(self, timeout: float, published=()) -> list[float]:
        took = []
        for number, _ in self.poll.poll(timeout, 512):
            data = self.sockets[number].recv(2**18)
            if not data:
                self.poll.unregister(number)
                continue
            now = time.perf_counter()
            for _ in range(data.count(MARK)):
                if self.heard[number] < len(published):  # else it is late, from the round before
                    took.append(now - published[self.heard[number]])
                self.heard[number] += 1
        return took
