"""A model provider over real HTTP that says what it is told to say, and fails on command.

with Provider() as provider:
    provider.will("Hello there")             # streamed word by word
    provider.will(Failure(429), "Now then")  # one behaviour for each request; the last one stays
    LanguageModel(provider.url, …)
    provider.requests[0]["messages"]
"""

import json
import re
import select
import threading
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass(frozen=True)
class Failure:
    """An answer with an error status."""

    status: int
    message: str = "It failed."
    code: str | None = None


@dataclass(frozen=True)
class Hang:
    """Say ``after``, and then nothing more until ``Provider.release`` or the end of the test."""

    after: str = ""


@dataclass(frozen=True)
class Cut:
    """Break the connection off after ``after``."""

    after: str


@dataclass(frozen=True)
class StreamError:
    """Say ``after``, and then report an error inside of the stream, as servers do that fail while they write."""

    after: str
    message: str = "It failed."


@dataclass(frozen=True)
class Drip:
    """Say ``piece`` again and again, with a pause in seconds, until the client goes away or the test ends."""

    piece: str
    every: float = 0.05


@dataclass(frozen=True)
class EndlessHead:
    """Begin an answer, and send one header after the other for some seconds, as long as the client is there."""

    count: int = 600
    every: float = 0.005


@dataclass(frozen=True)
class Raw:
    """Send these very bytes, ``times`` times over, and end the connection."""

    body: bytes
    times: int = 1
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Limited:
    """Say ``text``, or its pieces, and stop because the limit of tokens is reached."""

    text: str | list[str]


@dataclass(frozen=True)
class Paced:
    """Say ``text``, or its pieces, with a pause in seconds before each."""

    text: str | list[str]
    every: float = 0.02


class Provider:
    """A context manager. ``url`` is what OPENAI_BASE_URL takes, ``requests`` holds the bodies that came."""

    def __init__(self):
        self._behaviours: list = ["All right."]
        self._released = threading.Event()
        self.requests: list[dict] = []
        self.disconnected = threading.Event()  # a client went away while it was being answered
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._server.block_on_close = False
        self._server.handle_error = lambda *_: None  # a client that goes away is no error
        self.url = f"http://127.0.0.1:{self._server.server_port}/v1"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)

    def __enter__(self) -> "Provider":
        self._thread.start()
        return self

    def __exit__(self, *_) -> None:
        self._released.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def will(self, *behaviours) -> None:
        """Behave so: each a text to answer with, a list of its pieces, or one of the failures of this module."""
        self._behaviours = list(behaviours)

    def release(self) -> None:
        """Let what hangs go on to its end."""
        self._released.set()

    def next_behaviour(self):
        return self._behaviours.pop(0) if len(self._behaviours) > 1 else self._behaviours[0]

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        return type("Handler", (Handler,), {"provider": self})


class Handler(BaseHTTPRequestHandler):
    provider: Provider
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.path != "/v1/chat/completions":
            return self.fail(Failure(404, f"There is no {self.path}."))
        self.provider.requests.append(json.loads(body))
        behaviour = self.provider.next_behaviour()
        if isinstance(behaviour, Failure):
            return self.fail(behaviour)
        try:
            match behaviour:
                case Raw():
                    self.send_raw(behaviour)
                case EndlessHead():
                    self.send_endless_head(behaviour)
                case _:
                    self.answer(behaviour)
        except OSError:
            self.provider.disconnected.set()
            self.close_connection = True

    def fail(self, failure: Failure) -> None:
        body = json.dumps({"error": {"message": failure.message, "code": failure.code, "type": "error"}}).encode()
        self.send_response(failure.status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Retry-After-Ms", "1")  # the client tries again, and a test need not wait for it
        self.end_headers()
        self.wfile.write(body)

    def send_raw(self, raw: Raw) -> None:
        self.close_connection = True
        self.send_response(raw.status)
        for name, value in raw.headers or (("Content-Type", "text/event-stream"),):
            self.send_header(name, value)
        self.end_headers()
        for _ in range(raw.times):
            self.wfile.write(raw.body)

    def send_endless_head(self, head: EndlessHead) -> None:
        self.close_connection = True
        self.wfile.write(b"HTTP/1.1 200 OK\r\n")
        for _ in range(head.count):
            if self.provider._released.wait(head.every):
                return
            self.wfile.write(b"X-Still: here\r\n")

    def answer(self, behaviour) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for piece in pieces(behaviour):
            if isinstance(behaviour, Paced):
                self.provider._released.wait(behaviour.every)
            self.say(completion(piece))
        match behaviour:
            case Limited():
                self.say(completion("", "length"))
            case Drip():
                while not self.provider._released.wait(behaviour.every):
                    self.say(completion(behaviour.piece))
            case Hang():
                self.hang()
            case Cut():
                self.close_connection = True
                return
            case StreamError():
                self.say({"error": {"message": behaviour.message, "type": "server_error"}})
        self.chunk(b"data: [DONE]\n\n")
        self.chunk(b"")

    def hang(self) -> None:
        while not self.provider._released.wait(0.02):
            if self.client_is_gone():
                raise ConnectionResetError

    def client_is_gone(self) -> bool:
        return bool(select.select([self.connection], [], [], 0)[0])  # it has nothing to say but good-bye

    def say(self, event: dict) -> None:
        self.chunk(f"data: {json.dumps(event)}\n\n".encode())

    def chunk(self, data: bytes) -> None:
        self.wfile.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")
        self.wfile.flush()

    def log_message(self, *_) -> None:
        pass


def pieces(behaviour) -> list[str]:
    """A text in the pieces in which a model writes it; nothing is lost."""
    match behaviour:
        case list():
            return behaviour
        case Drip():
            return []
        case Limited() | Paced():
            return pieces(behaviour.text)
        case str():
            return re.findall(r"\s*\S+|\s+", behaviour)
    return pieces(behaviour.after)


def completion(piece: str, finish_reason: str | None = None) -> dict:
    """One event of an answer."""
    choice = {"index": 0, "delta": {"content": piece}, "finish_reason": finish_reason}
    return {"id": "1", "object": "chat.completion.chunk", "choices": [choice]}


def said(*events) -> bytes:
    """The bytes of events, for ``Raw``."""
    return b"".join(b"data: " + json.dumps(event).encode() + b"\n\n" for event in events)
