"""What one run of bin/bench has: its options, the peers that could be installed, and the servers that run."""

import sys
import tempfile
import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from bench.load.readers import Readers
from bench.peers.every import PEERS
from bench.peers.peer import Peer
from bench.peers.plainwire import Plainwire, plainwire
from bench.peers.scratch import NotInstalledError, without_paths

OURS = "plainwire"  # its folder
QUIET = 0.3  # seconds in which a server has to use less than a tenth of a core
QUIET_WITHIN = 180  # seconds


@dataclass
class Run:
    """A context manager. ``figures`` are those of all measurements so far: by measure, key and label, one number for
    each round."""

    readers: int = 1000
    rounds: int = 5
    wanted: tuple[str, ...] = tuple(PEERS)
    versions: dict[str, str] = field(default_factory=dict)
    absent: dict[str, str] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)  # why a measure gave nothing
    figures: dict[str, dict[str, dict[str, list[float]]]] = field(default_factory=dict)

    def install(self) -> None:
        """All peers that are wanted. Those that cannot be had are named with the reason."""
        for name in self.wanted:
            peer = PEERS[name]
            tell(f"installing {peer.label}")
            try:
                self.versions[peer.label] = peer.install()
            except NotInstalledError as error:
                self.absent[peer.label] = str(error)

    def take(self, measure) -> None:
        """Ask ``measure`` once, whichever budgets need it. What fails is kept as a reason, without anybody's paths."""
        name = measure.__name__
        if name in self.figures or name in self.missing:
            return
        tell(f"measuring {name}")
        try:
            self.figures[name] = {key: dict(found) for key, found in measure(self).items()}
        except Exception as error:  # one measure that fails must not take the others along
            self.missing[name] = without_paths(f"{type(error).__name__}: {error}")[:300]
            tell(f"{name} failed: {self.missing[name]}")

    def __enter__(self) -> "Run":
        self._stack = ExitStack()
        self._begun: dict[str, Peer | Plainwire] = {}
        temporary = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        self._directory = Path(self._stack.enter_context(temporary))
        return self

    def __exit__(self, *_) -> None:
        self._stack.close()

    def ours(self) -> Plainwire:
        """The product; it begins when it is first asked for, and goes on until the end of the run."""
        if OURS not in self._begun:
            self._begun[OURS] = self._stack.enter_context(plainwire(self._directory / OURS))
        return self._begun[OURS]

    def servers(self, only: set[str] | None = None) -> list:
        """The product, and the installed peers, or those of ``only``. All of them run, and one at a time has work."""
        chosen = [name for name in self.wanted if only is None or name in only]
        found = [self._peer(name) for name in chosen if PEERS[name].label in self.versions]
        return [self.ours(), *(peer for peer in found if peer)]

    def _peer(self, name: str) -> Peer | None:
        label = PEERS[name].label
        if label not in self._begun:
            try:
                self._begun[label] = self._stack.enter_context(PEERS[name](self._directory / name))
            except RuntimeError as error:
                del self.versions[label]
                self.absent[label] = without_paths(str(error).splitlines()[0])
                return None
        return self._begun[label]


def read_from(server, count: int, requests: list[bytes] | None = None, at_once: int = 50) -> Readers:
    """Readers of a server; not connected yet."""
    return Readers(server.port, count, requests or [server.request], server.kind, server.ready, server.say, at_once)


def settle(server) -> None:
    """Wait until it has nothing more to do for those who have just come. Raises TimeoutError."""
    deadline = time.monotonic() + QUIET_WITHIN
    while time.monotonic() < deadline:
        before = server.cpu()
        time.sleep(QUIET)
        if server.cpu() - before < QUIET / 10:
            return
    raise TimeoutError(f"{server.label} did not come to rest.")


def tell(text: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {text}", file=sys.stderr, flush=True)
