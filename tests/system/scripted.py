"""A server that says what a test wants a page to hear, byte by byte. The page, its scripts and HTTP are real."""

import queue
import select
import threading
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, unquote, urlsplit

from tests.servers import PROJECT
from tests.turbo.scratch import TURBO

LOOK = 0.05  # seconds between two looks whether the browser is still there
PAGE = """<!doctype html>
<html lang="en">
<head>
  <title>Scripted</title>
  {head}
  <link rel="icon" href="data:,">
  <script type="importmap">{{"imports": {{"@hotwired/turbo": "/static/turbo.es2017-esm.js"}}}}</script>
  <script type="module">
    import {{ keepPagesLive }} from "/static/turbo/live_page.js"
    import Polling from "/static/turbo/polling.js"
    Polling.passed = true // a slow machine is no network that holds streams back
    keepPagesLive()
  </script>
</head>
<body>{body}</body>
</html>"""


class Stream:
    """One answer to a page that asked ``address`` for its stream."""

    def __init__(self, address: str):
        self.address = address
        self.open = True
        self.words: queue.Queue[str] = queue.Queue()

    @property
    def preamble(self) -> str:
        pairs = [pair for pair in parse_qsl(urlsplit(self.address).query) if pair[0] not in ("beat", "wait")]
        names = "&".join(value if name == "revision" else f"{name}={value}" for name, value in pairs)
        return f"retry: 100\n\nid: {names}\n\nevent: beat\ndata: 60\n\n"


class ScriptedSite:
    """A context manager. ``pages`` has the HTML of each path, ``refused`` the status of each path that is refused.

    ``streams`` are all that were asked for, the newest last; ``url`` is the address of the site.
    """

    def __init__(self):
        self.pages: dict[str, str] = {}
        self.refused: dict[str, int] = {}
        self.streams: list[Stream] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (Handler,), {"site": self}))
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> "ScriptedSite":
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_) -> None:
        for stream in self.streams:
            stream.open = False
        self._server.shutdown()
        self._server.server_close()

    @property
    def asked(self) -> list[str]:
        return [stream.address for stream in self.streams]

    @property
    def open(self) -> int:
        return sum(stream.open for stream in self.streams)

    def say(self, *events: str) -> None:
        """To the newest stream. Each event is its lines without the empty one at its end."""
        for event in events:
            self.streams[-1].words.put(f"{event}\n\n")


class Handler(BaseHTTPRequestHandler):
    site: ScriptedSite

    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        if path in self.site.refused:
            self.answer(self.site.refused[path], "")
        elif path in self.site.pages:
            self.answer(200, self.site.pages[path])
        elif path.startswith("/static/"):
            file = TURBO if path.endswith(TURBO.name) else PROJECT / path[1:]
            self.answer(200, file.read_text(), "text/javascript")
        else:
            self.stream()

    do_HEAD = do_GET

    def answer(self, status: int, text: str, content_type: str = "text/html") -> None:
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", f"{content_type}; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body)

    def stream(self) -> None:
        stream = Stream(unquote(self.path))
        self.site.streams.append(stream)
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream; charset=utf-8")
        self.end_headers()
        stream.words.put(stream.preamble)
        while stream.open and not self.has_left():
            with suppress(queue.Empty, OSError):
                self.wfile.write(stream.words.get(timeout=LOOK).encode())
        stream.open = False

    def has_left(self) -> bool:
        """Whether the browser has closed the connection: it has nothing more to say on it but that."""
        return bool(select.select([self.connection], [], [], 0)[0])

    def log_message(self, *_) -> None:
        """Says nothing: the test does."""
