"""What stands between a browser and a server in some offices: a proxy with one bad habit."""

import re
import socket
import threading
import time
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

PIECE = 65536  # bytes
STREAMS = re.compile(rb"GET \S*/(stream|probe)[? ]")

#: Reads an answer from the server, and says what of it is passed on, and when. Where it ends, the connection ends.
Habit = Callable[[socket.socket], Iterator[bytes]]


def pieces(server: socket.socket) -> Iterator[bytes]:
    """The good habit: each piece at once."""
    return iter(lambda: server.recv(PIECE), b"")


def until_the_end(server: socket.socket) -> Iterator[bytes]:
    yield b"".join(pieces(server))


def one_back(server: socket.socket) -> Iterator[bytes]:
    """Each piece waits for the next one, but for the first: with the head of the answer in it, it tells of a stream."""
    yield server.recv(PIECE)
    held = b""
    for piece in pieces(server):
        yield held
        held = piece
    yield held


def cut_at_age(seconds: float) -> Habit:
    def habit(server: socket.socket) -> Iterator[bytes]:
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            server.settimeout(left)
            yield server.recv(PIECE)

    return habit


def cut_in_silence(seconds: float) -> Habit:
    def habit(server: socket.socket) -> Iterator[bytes]:
        server.settimeout(seconds)
        yield from pieces(server)

    return habit


def refuse(server: socket.socket) -> Iterator[bytes]:
    yield b"HTTP/1.1 502 Bad Gateway\r\nContent-Type: text/html\r\nContent-Length: 3\r\n\r\nno\n"


class Middlebox:
    """A context manager; ``url`` is the way to ``target`` through it. Only streams meet its habit."""

    def __init__(self, target: str, habit: Habit):
        self.target = (urlsplit(target).hostname, urlsplit(target).port)
        self.habit = habit
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def __enter__(self) -> "Middlebox":
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        try:
            with client, socket.create_connection(self.target) as server:
                request = read(client)
                server.sendall(as_1_0(request))
                for piece in (self.habit if STREAMS.match(request) else pieces)(server):
                    client.sendall(piece)
        except OSError:
            pass  # one side is gone, or was silent for too long


def read(client: socket.socket) -> bytes:
    request = b""
    while b"\r\n\r\n" not in request:
        if not (piece := client.recv(PIECE)):
            raise ConnectionError
        request += piece
    length = re.search(rb"\r\nContent-Length: *(\d+)", request, re.IGNORECASE)
    wanted = request.index(b"\r\n\r\n") + 4 + (int(length[1]) if length else 0)
    while len(request) < wanted:
        request += client.recv(PIECE)
    return request


def as_1_0(request: bytes) -> bytes:
    """As many proxies ask: the answer comes without chunks, and its connection ends with it."""
    request = re.sub(rb"\r\nConnection:[^\r\n]*", b"", request, count=1, flags=re.IGNORECASE)
    return request.replace(b" HTTP/1.1\r\n", b" HTTP/1.0\r\nConnection: close\r\n", 1)
