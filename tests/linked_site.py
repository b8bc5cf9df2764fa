"""A web site over real HTTP whose pages do what a test says.

with LinkedSite() as site:
    site.pages["/plan"] = Page("<title>The plan</title>")
    site.url("/plan"), site.place, site.asked
"""

import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ssl import SSLContext


@dataclass
class Page:
    """``again`` sends the body over and over until the client goes, or the test ends."""

    body: bytes | str = ""
    status: int = 200
    headers: dict[str, str] = field(default_factory=lambda: {"Content-Type": "text/html; charset=utf-8"})
    again: bool = False
    pause: float = 0.0


class LinkedSite:
    """With ``tls`` it answers by https."""

    def __init__(self, tls: SSLContext | None = None):
        self.pages: dict[str, Page] = {}
        self.asked: list[tuple[str, dict[str, str]]] = []
        self._ended = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._scheme = "https" if tls else "http"
        if tls:
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True)
        self.place = ("127.0.0.1", self._server.server_port)

    def url(self, path: str, host: str = "127.0.0.1") -> str:
        return f"{self._scheme}://{host}:{self.place[1]}{path}"

    def __enter__(self) -> "LinkedSite":
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_) -> None:
        self._ended.set()
        self._server.shutdown()
        self._server.server_close()

    def _handler(site):
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                site.asked.append((self.path, dict(self.headers)))
                page = site.pages.get(self.path, Page("<title>Not found</title>", 404))
                self.send_response(page.status)
                for header in page.headers.items():
                    self.send_header(*header)
                self.end_headers()
                body = page.body.encode() if isinstance(page.body, str) else page.body
                try:
                    self.wfile.write(body)
                    while page.again and not site._ended.wait(page.pause):
                        self.wfile.write(body)
                except OSError:
                    pass

            def log_message(self, *_) -> None:
                pass

        return Handler
