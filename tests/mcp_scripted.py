"""An MCP server over real HTTP that says what a test tells it to say. For a well-behaved one see `tests/mcp_server.py`.

with ScriptedServer() as server:
    server.says["tools/list"] = lambda params: {"tools": []}    # a result
    server.says["tools/call"] = Raw(b"...", "text/event-stream")
"""

import json
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass(frozen=True)
class Raw:
    """These very bytes; ``times`` over, or until the client goes where it is 0."""

    body: bytes = b""
    kind: str = "application/json"
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    times: int = 1


@dataclass(frozen=True)
class Error:
    """An error of the protocol."""

    code: int
    message: str


HANDSHAKE = {"protocolVersion": "2025-11-25", "capabilities": {}, "serverInfo": {"name": "Scripted", "version": "1"}}


class ScriptedServer:
    """Knows the handshake only, unless a test tells it otherwise."""

    def __init__(self):
        self.says = {
            "initialize": lambda params: HANDSHAKE,
            "notifications/initialized": Raw(status=202),
            "server/discover": Raw(b"No", "text/plain", 400),
        }
        #: Each request: its method, its parameters and its headers.
        self.asked: list[tuple[str, dict, dict[str, str]]] = []
        self._ended = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}/mcp"

    @property
    def methods(self) -> list[str]:
        return [method for method, _, _ in self.asked]

    def __enter__(self) -> "ScriptedServer":
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_) -> None:
        self._ended.set()
        self._server.shutdown()
        self._server.server_close()

    def _handler(script):
        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                message = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                method, params = message["method"], message.get("params", {})
                script.asked.append((method, params, dict(self.headers)))
                self.answer(script.says[method], params, message.get("id"))

            def do_DELETE(self) -> None:
                script.asked.append(("DELETE", {}, dict(self.headers)))
                self.send(Raw(status=204))

            def answer(self, said, params: dict, id: int | None) -> None:
                if callable(said):
                    said = said(params)
                if isinstance(said, Error):
                    said = {"error": {"code": said.code, "message": said.message}}
                elif isinstance(said, dict):
                    said = {"result": said}
                if isinstance(said, dict):
                    said = Raw(json.dumps({"jsonrpc": "2.0", "id": id} | said).encode())
                self.send(said)

            def send(self, said: Raw) -> None:
                self.send_response(said.status)
                for header in (said.headers | {"Content-Type": said.kind}).items():
                    self.send_header(*header)
                self.end_headers()
                try:
                    for _ in range(said.times):
                        self.wfile.write(said.body)
                    while not said.times and not script._ended.is_set():
                        self.wfile.write(said.body)
                except OSError:
                    pass

            def log_message(self, *_) -> None:
                pass

        return Handler
