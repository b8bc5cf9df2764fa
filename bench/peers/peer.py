"""What every server that is measured has: how to read from it, how to publish to it, and what it has used."""

import http.client
import time
from pathlib import Path

import psutil

from bench.peers.asking import Asking
from tests.servers import Server, environ_of, free_port

HERE = Path(__file__).parent


class Peer(Server):
    """A server that sends what is published to all who read. A context manager, in a ``directory`` of its own.

    Subclasses say ``command_line``. They do no more than this: no log-in, no catch-up, no broker, one process.
    """

    label: str  # as the tables have it
    kind = "sse"  # or ws
    ready = ""  # a connection is open once an event has this; empty: with its head
    say: tuple[str, ...] = ()  # text frames of a reader, after its handshake
    path = "/stream"
    headers: dict[str, str] = {}
    environ_of_peer: dict[str, str] = {}

    def __init__(self, directory: Path):
        self.directory = Path(directory)
        self.directory.mkdir(exist_ok=True)
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._asking = Asking(self.label, self.port)
        command = self.command_line()
        environ = environ_of({"PORT": str(self.port), "DIRECTORY": str(self.directory), **self.environ_of_peer})
        super().__init__(self.label, command, environ)
        self.directory_of_work = self.directory

    @classmethod
    def install(cls) -> str:
        """Make it available. Returns its versions, for the reports. Raises NotInstalledError."""
        raise NotImplementedError

    def command_line(self) -> list[str]:
        raise NotImplementedError

    @property
    def request(self) -> bytes:
        """What a reader sends first."""
        headers = {"Host": f"127.0.0.1:{self.port}", "Accept": "text/event-stream"} | self.headers
        if self.kind == "ws":
            headers |= {"Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Version": "13"}
            headers |= {"Sec-WebSocket-Key": "cGxhaW53aXJlIGJlbmNoIQ==", "Origin": self.url}
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        return f"GET {self.path} HTTP/1.1\r\n{lines}\r\n".encode()

    def is_ready(self) -> bool:
        try:
            self.publish("ready")
        except (OSError, http.client.HTTPException):
            return False
        return True

    def publish(self, text: str) -> None:
        """To everybody who reads."""
        self.ask("POST", "/publish", text.encode())

    def ask(self, method: str, path: str, body: bytes | None = None, headers: dict | None = None) -> bytes:
        """See ``Asking``."""
        return self._asking.ask(method, path, body, headers)

    def processes(self) -> list[psutil.Process]:
        own = psutil.Process(self.pid)
        return [own, *own.children(recursive=True)]

    def cpu(self) -> float:
        """Seconds that its processes have used."""
        return sum(cpu_of(process.pid) for process in self.processes())

    def kib(self) -> float:
        """Memory of its own that its processes hold."""
        return sum(process.memory_full_info().uss for process in self.processes()) / 1024


def cpu_of(pid: int) -> float:
    """Seconds, to the nanosecond: clock_getcpuclockid(3). Threads that have ended count."""
    return time.clock_gettime(~pid << 3 | 2)
