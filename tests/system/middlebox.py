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
#: Looks at a request and returns the part of it that goes to the server. Raises `Refused` where nothing does.
Guard = Callable[[bytes], bytes]


class Refused(Exception):
    """The box answers by itself. ``answer`` is all that the browser gets."""

    def __init__(self, status: str, body: str, *headers: str):
        lines = [f"HTTP/1.1 {status}", "Content-Type: text/html", f"Content-Length: {len(body)}", *headers]
        self.answer = "\r\n".join([*lines, "Connection: close", "", body]).encode()


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
        yield server.recv(PIECE)  # a server may take its time to begin
        server.settimeout(seconds)
        yield from pieces(server)

    return habit


def retype(content_type: bytes) -> Habit:
    """Changes the Content-Type to this one, or removes it where this is empty."""

    def habit(server: socket.socket) -> Iterator[bytes]:
        line = b"Content-Type: " + content_type + b"\r\n" if content_type else b""
        yield re.sub(rb"Content-Type:[^\r]*\r\n", line, server.recv(PIECE), count=1, flags=re.IGNORECASE)
        yield from pieces(server)

    return habit


def refuse(server: socket.socket) -> Iterator[bytes]:
    yield b"HTTP/1.1 502 Bad Gateway\r\nContent-Type: text/html\r\nContent-Length: 3\r\n\r\nno\n"


def everything(request: bytes) -> bytes:
    return request


def get_and_post_only(request: bytes) -> bytes:
    if request.split(b" ")[0] not in (b"GET", b"HEAD", b"POST"):
        raise Refused("405 Method Not Allowed", "<h1>Not in this office</h1>")
    return request


def known_headers_only(request: bytes) -> bytes:
    head, _, body = request.partition(b"\r\n\r\n")
    lines = [line for line in head.split(b"\r\n") if not re.match(rb"x-|turbo-|sec-", line, re.IGNORECASE)]
    return b"\r\n".join(lines) + b"\r\n\r\n" + body


def small_bodies_only(request: bytes) -> bytes:
    if len(request.partition(b"\r\n\r\n")[2]) > 64 * 1024:
        raise Refused("413 Content Too Large", "<h1>Too large for this office</h1>")
    return request


class Hotel:
    """Leads everybody who has not accepted its terms, and all scripts, to its own page on the same host."""

    def __init__(self, path: str):
        self.path = path
        self.closed = False

    def __call__(self, request: bytes) -> bytes:
        if not self.closed:
            return request
        if request.split(b" ")[1].split(b"?")[0].decode() == self.path:
            raise Refused("200 OK", "<!doctype html><title>Hotel</title><form><h1>Welcome to the hotel</h1></form>")
        raise Refused("302 Found", "", f"Location: {self.path}")


class Middlebox:
    """A context manager; ``url`` leads to ``target`` through it. Its habit concerns streams, its guard all requests."""

    def __init__(self, target: str, habit: Habit = pieces, guard: Guard = everything):
        self.target = (urlsplit(target).hostname, urlsplit(target).port)
        self.habit = habit
        self.guard = guard
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
        with client:
            try:
                self._pass_on(client, read(client))
            except Refused as refused:
                client.sendall(refused.answer)
            except OSError:
                pass  # one side is gone, or was silent for too long

    def _pass_on(self, client: socket.socket, request: bytes) -> None:
        with socket.create_connection(self.target) as server:
            server.sendall(as_1_0(self.guard(request)))
            for piece in (self.habit if STREAMS.match(request) else pieces)(server):
                client.sendall(piece)


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
