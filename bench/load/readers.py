"""Starts readers.c, the load client, and talks to it. It is compiled when it is first needed."""

import hashlib
import json
import subprocess
import tempfile
import time
from collections.abc import Iterable
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

from bench.peers.scratch import SCRATCH, run

SOURCE = Path(__file__).with_name("readers.c")


class Opened(NamedTuple):
    """``open`` readers, and the seconds after which half, 95 of 100, and all were. ``refused`` came again."""

    open: int
    refused: int
    p50_s: float
    p95_s: float
    all_s: float


class Delivered(NamedTuple):
    """What came of the messages that were expected; ``strange`` ones were not. Delays begin with the publishing."""

    deliveries: int
    lost: int
    twice: int
    strange: int
    ended: int
    p50_ms: float
    p95_ms: float
    p99_ms: float
    most_ms: float
    seconds: float
    client_cpu_s: float


def mark(number: int) -> str:
    """Has to be in a message for the readers to know it: its number, and when it was sent."""
    return f"mark-{number:09d}-{time.monotonic_ns() // 1000:016d}-"


def compiled() -> Path:
    """The program, made of the source as it is now. Raises NotInstalledError where there is no C compiler."""
    program = SCRATCH / "readers" / hashlib.sha256(SOURCE.read_bytes()).hexdigest()[:16]
    if not program.exists():
        program.parent.mkdir(parents=True, exist_ok=True)
        run(["cc", "-O2", "-o", str(program), str(SOURCE)])
    return program


class Readers:
    """``count`` connections to ``port`` of this machine. A context manager. They take turns with the ``requests``."""

    def __init__(
        self,
        port: int,
        count: int,
        requests: Iterable[bytes],
        kind: str = "sse",
        ready: str = "",
        say: Iterable[str] = (),
        at_once: int = 50,
    ):
        self.port, self.count, self.requests, self.kind = port, count, list(requests), kind
        self.ready, self.say, self.at_once = ready, list(say), at_once
        self._stack = ExitStack()

    def __enter__(self) -> "Readers":
        self.directory = Path(self._stack.enter_context(tempfile.TemporaryDirectory()))
        files = [self._file(f"request{n}", request) for n, request in enumerate(self.requests)]
        said = self._file("say", "\n".join(self.say).encode()) if self.say else ""
        arguments = [str(self.port), str(self.count), self.kind, str(self.at_once), self.ready, said, *files]
        self.process = subprocess.Popen(
            [str(compiled()), *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
        )
        return self

    def __exit__(self, *_) -> None:
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()
        self._stack.close()

    def _file(self, name: str, content: bytes) -> str:
        path = self.directory / name
        path.write_bytes(content)
        return str(path)

    def open(self) -> Opened:
        """Connect all that are not connected, and wait until each has said that it is."""
        return Opened(**self._tell("open"))

    def come_back(self) -> Opened:
        """The same. From now on until ``drop``, those that the server sends away come again when it said."""
        return Opened(**self._tell("return"))

    def expect(self, first: int, count: int) -> None:
        """From now on, messages ``first`` to ``first + count - 1`` count."""
        self._tell(f"expect {first} {count}")

    def finish(self, quiet: float = 5) -> Delivered:
        """Wait until all have everything, or nothing came for ``quiet`` seconds."""
        return Delivered(**self._tell(f"finish {int(quiet * 1000)}"))

    def drop(self) -> None:
        """Close all connections."""
        self._tell("drop")

    def ask(self, number: int, request: bytes) -> None:
        """The next ones who connect send this as request ``number``."""
        self._tell(f"request {number} {self._file(f'request{number}', request)}")

    def _tell(self, line: str) -> dict:
        self.process.stdin.write(line + "\n")
        return json.loads(self.process.stdout.readline())
