"""A model provider over real HTTP that says what it is told to say, and fails on command.

with Provider() as provider:
    provider.will("Hello there")             # streamed word by word
    provider.will(Failure(429), "Now then")  # one behaviour for each request; the last one stays
    LanguageModel(provider.url, …)
    provider.requests[0]["messages"]
"""

import json
import random
import re
import select
import threading
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

#: What the app says to a model that shall go on with a reply of its own.
GO_ON = "Go on exactly where you stopped, with the very next word. Repeat nothing."

#: The share of the pieces before which ``Chopped`` pauses.
PAUSED = 0.3


@dataclass(frozen=True)
class Failure:
    """An answer with an error status."""

    status: int
    message: str = "It failed."
    code: str | None = None
    retry_after: str | None = None


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
    """Send these very bytes, ``times`` times over, ``every`` so many seconds, and end the connection."""

    body: bytes
    times: int = 1
    every: float = 0
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


@dataclass(frozen=True)
class Chopped:
    """Say these pieces, now and then with a pause, ``seconds`` in all. The bytes are cut anywhere: in an event, in an
    escape, in a letter."""

    pieces: list[str]
    seconds: float
    seed: object


@dataclass(frozen=True)
class Thinking:
    """Think ``thought``, or its pieces, and then say ``text``, with a pause in seconds before each piece. Where
    ``hangs`` is true, stay silent in between until the test ends."""

    thought: str | list[str]
    text: str | list[str]
    every: float = 0
    field: str = "reasoning_content"
    hangs: bool = False


@dataclass(frozen=True)
class Counted:
    """Say ``text``, or its pieces, and then how many tokens were ``read`` and ``written``, if that was asked for."""

    text: str | list[str]
    read: int
    written: int


@dataclass(frozen=True)
class Calling:
    """Say ``text``, or its pieces, and then call tools: ``calls`` are names with arguments, which are an object, or a
    text that is sent as it is. The arguments come in pieces of ``size`` letters, those of all calls in turn."""

    calls: tuple[tuple[str, dict | str], ...]
    text: str | list[str] = ""
    size: int = 5
    every: float = 0


def call(name: str, text: str = "", **arguments) -> Calling:
    """``Calling`` for one call."""
    return Calling(((name, arguments),), text)


class Provider:
    """A context manager. ``url`` is what OPENAI_BASE_URL takes, ``requests`` holds the bodies that came."""

    def __init__(self):
        self._behaviours: list = ["All right."]
        self._released = threading.Event()
        self.requests: list[dict] = []
        self.keys: list[str] = []  # that came with them
        self.models: list[dict] = []  # what it says of its models
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
        """Behave so: each a text to answer with, a list of its pieces, one of the behaviours of this module, or a
        function that gets the request and returns one of these."""
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
        request = json.loads(body)
        self.provider.keys.append(self.headers["Authorization"].removeprefix("Bearer "))
        self.provider.requests.append(request)
        self.counts = bool(request.get("stream_options", {}).get("include_usage"))
        behaviour = self.provider.next_behaviour()
        if callable(behaviour):
            behaviour = behaviour(request)
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

    def do_GET(self) -> None:
        if self.path != "/v1/models":
            return self.fail(Failure(404, f"There is no {self.path}."))
        body = json.dumps({"object": "list", "data": self.provider.models}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def fail(self, failure: Failure) -> None:
        body = json.dumps({"error": {"message": failure.message, "code": failure.code, "type": "error"}}).encode()
        self.send_response(failure.status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        if failure.retry_after:
            self.send_header("Retry-After", failure.retry_after)
        else:
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
            if self.provider._released.wait(raw.every):
                return

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
        if isinstance(behaviour, Thinking):
            self.think(behaviour)
        for piece in pieces(behaviour):
            if isinstance(behaviour, Paced):
                self.provider._released.wait(behaviour.every)
            self.say(completion(piece))
        match behaviour:
            case Limited():
                self.say(completion("", "length"))
            case Calling():
                for event in calling(behaviour):
                    self.provider._released.wait(behaviour.every)
                    self.say(event)
            case Counted() if self.counts:
                self.say(counted(behaviour.read, behaviour.written))
            case Chopped():
                self.chop(behaviour)
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

    def think(self, behaviour: Thinking) -> None:
        for thought in pieces(Paced(behaviour.thought)):
            self.provider._released.wait(behaviour.every)
            self.say(thinking(thought, behaviour.field))
        if behaviour.hangs:
            self.hang()

    def chop(self, behaviour: Chopped) -> None:
        dice, held = random.Random(behaviour.seed), b""
        for piece in behaviour.pieces:
            if dice.random() < PAUSED:
                self.provider._released.wait(behaviour.seconds / len(behaviour.pieces) / PAUSED)
            held += encoded(completion(piece), in_ascii=dice.random() < 0.5)
            sent = dice.randrange(len(held) + 1)
            self.chunk(held[:sent], ends=False)
            held = held[sent:]
        self.chunk(held, ends=False)

    def hang(self) -> None:
        while not self.provider._released.wait(0.02):
            if self.client_is_gone():
                raise ConnectionResetError

    def client_is_gone(self) -> bool:
        return bool(select.select([self.connection], [], [], 0)[0])  # it has nothing to say but good-bye

    def say(self, event: dict) -> None:
        self.chunk(encoded(event))

    def chunk(self, data: bytes, ends: bool = True) -> None:
        """An empty chunk is the end."""
        if not data and not ends:
            return
        self.wfile.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")
        self.wfile.flush()

    def log_message(self, *_) -> None:
        pass


def pieces(behaviour) -> list[str]:
    """A text in the pieces in which a model writes it; nothing is lost."""
    match behaviour:
        case list():
            return behaviour
        case Drip() | Chopped():
            return []
        case Calling() | Counted() | Limited() | Paced() | Thinking():
            return pieces(behaviour.text)
        case str():
            return re.findall(r"\s*\S+|\s+", behaviour)
    return pieces(behaviour.after)


class Faithful:
    """Says what ``texts`` has for the question, token by token with a pause in seconds before each, and goes on with it
    at the very letter where it was broken off.

    ``strays`` has the beginnings that are no beginning of the text.
    """

    def __init__(self, texts: dict[str, str], every: float):
        self.texts, self.every = texts, every
        self.strays: list[str] = []

    def __call__(self, request: dict) -> Paced:
        *_, asked = turns = request["messages"]
        begun = ""
        if len(turns) > 2 and asked["content"] == GO_ON:
            turns, begun = turns[:-2], turns[-2]["content"]
        text = self.texts[turns[-1]["content"]]
        if not text.startswith(begun):
            self.strays.append(begun)
        return Paced(re.findall(r"(?s).{1,4}", text[len(begun) :]), self.every)


def encoded(event: dict, in_ascii: bool = True) -> bytes:
    try:
        return f"data: {json.dumps(event, ensure_ascii=in_ascii)}\n\n".encode()
    except UnicodeEncodeError:  # half a character has no bytes of its own
        return encoded(event)


def completion(piece: str, finish_reason: str | None = None) -> dict:
    """One event of an answer."""
    choice = {"index": 0, "delta": {"content": piece}, "finish_reason": finish_reason}
    return {"id": "1", "object": "chat.completion.chunk", "choices": [choice]}


def thinking(piece: str, field: str = "reasoning_content") -> dict:
    """One event before an answer."""
    return {"id": "1", "choices": [{"index": 0, "delta": {field: piece, "content": None}, "finish_reason": None}]}


def calling(behaviour: Calling) -> list[dict]:
    """The events of its calls: each begins with id and name, and then its arguments come in pieces."""
    begun, rest = [], []
    for index, (name, arguments) in enumerate(behaviour.calls):
        text = arguments if isinstance(arguments, str) else json.dumps(arguments)
        function = {"name": name, "arguments": ""}
        begun.append({"index": index, "id": f"call-{index}", "type": "function", "function": function})
        pieces = [text[at : at + behaviour.size] for at in range(0, len(text), behaviour.size)]
        rest += [(at, {"index": index, "function": {"arguments": piece}}) for at, piece in enumerate(pieces)]
    fragments = [*begun, *(fragment for _, fragment in sorted(rest, key=lambda one: one[0]))]
    return [*(called(fragment) for fragment in fragments), completion("", "tool_calls")]


def called(*fragments: dict) -> dict:
    """One event with fragments of calls."""
    delta = {"content": None, "tool_calls": list(fragments)}
    return {"id": "1", "choices": [{"index": 0, "delta": delta, "finish_reason": None}]}


def counted(read: int, written: int) -> dict:
    """The event that counts the tokens of an answer."""
    usage = {"prompt_tokens": read, "completion_tokens": written, "total_tokens": read + written}
    return {"id": "1", "object": "chat.completion.chunk", "choices": [], "usage": usage}


def said(*events) -> bytes:
    """The bytes of events, for ``Raw``."""
    return b"".join(b"data: " + json.dumps(event).encode() + b"\n\n" for event in events)
