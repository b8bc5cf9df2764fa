"""What a delivery costs, what an idle stream keeps, and whether one who stops reading disturbs the others.

Streams on sockets beside streams with a greenlet each, and nginx with nchan where it can be installed. All are asked in
turn, with the same fragments at the same pace, published to Redis and so without what a message costs to write.
`bin/bench` has more peers.

python bench/deliveries.py [--readers=1000] [--rounds=5] [--seconds=5] [--rate=20000]
"""

import json
import sys
import tempfile
from contextlib import ExitStack, suppress
from pathlib import Path
from statistics import median

import psutil
from crowd import MARK, Crowd
from support import SETTINGS, product

from bench.peers.nchan import Nchan
from bench.peers.scratch import NotInstalledError
from tests.delivery.http import Door
from tests.servers import Gunicorn, free_port

FRAGMENT = '<turbo-stream action="append" target="messages_chat_1"><template>{}</template></turbo-stream>'
MANY = {"HEARTBEAT_SECONDS": "600", "STREAMS_PER_PROCESS": "12000", "STREAMS_PER_USER": "20000", "LOG_LEVEL": "WARNING"}


def option(name: str, default: int) -> int:
    given = (text.partition("=")[2] for text in sys.argv if text.startswith(f"--{name}="))
    return int(next(given, default))


READERS, ROUNDS, SECONDS, RATE = (
    option(*pair) for pair in {"readers": 1000, "rounds": 5, "seconds": 5, "rate": 20_000}.items()
)
TEXT = FRAGMENT.format(MARK.decode() + "x" * 340)


class Probed(Gunicorn):
    """The product with bench/probe.py beside it."""

    def __init__(self, environ: dict[str, str]):
        super().__init__(environ, free_port())
        self.command[-1] = "bench.probe:app"

    def held(self) -> dict[str, float]:
        return json.loads(Door(self.url, "").get("/held")[1])


class Measured:
    """A server, and how to read from it and publish to it."""

    def __init__(self, name: str, server, request: bytes, publish):
        self.name, self.server, self.request, self.publish = name, server, request, publish
        (self.process,) = psutil.Process(server.process.pid).children()
        self.cpu: list[float] = []
        self.late: list[float] = []
        self.held: list[float] = []

    def rss(self) -> float:
        return self.process.memory_info().rss / 1024

    def seconds_of_cpu(self) -> float:
        times = self.process.cpu_times()
        return times.user + times.system

    def one_round(self, crowd: Crowd) -> None:
        before = self.seconds_of_cpu()
        if held := getattr(self.server, "held", None):
            held()
        done = crowd.round(self.publish, RATE / len(crowd.sockets), SECONDS)
        self.cpu.append(1e6 * (self.seconds_of_cpu() - before) / done.deliveries)
        self.late.append(done.p99)
        if held:
            self.held.append(held()["computed"])


class Publisher:
    """Publishes fragments of one chat as if somebody had written them."""

    def __init__(self, world, chat: int):
        self.redis, self.channel, self.revision = world.redis_client, f"turbo:chat:{chat}", 1
        self.text = TEXT

    def __call__(self, number: int) -> None:
        self.revision += 1
        said = {"revision": self.revision, "html": self.text, "head": None}
        self.redis.publish(self.channel, json.dumps(said))


def ours(world, stack: ExitStack, name: str, **settings: str) -> Measured:
    server = stack.enter_context(Probed(world.environ | SETTINGS | MANY | settings))
    return Measured(name, server, *new_stream(world, name))


def new_stream(world, title: str) -> tuple[bytes, Publisher]:
    """A request for the stream of a new chat, and its publisher.

    The server forgets what was published once nobody reads, so a new crowd needs a new stream.
    """
    chat = world.direct.start_chat(email=world.email("Ada"), members=[], assistant="never", title=title)
    request = f"GET /chats/{chat}/stream?revision=1 HTTP/1.1\r\nHost: x\r\nCookie: {world.door('Ada').cookie}\r\n\r\n"
    return request.encode(), Publisher(world, chat)


def peer(directory: str, stack: ExitStack) -> Measured:
    server = stack.enter_context(Nchan(Path(directory) / "nchan"))
    request = b"GET /stream HTTP/1.1\r\nHost: x\r\nAccept: text/event-stream\r\n\r\n"
    return Measured("nginx + nchan", server, request, lambda number: server.publish(TEXT))


def main() -> None:
    with product(0) as (world, _), ExitStack() as stack, tempfile.TemporaryDirectory() as directory:
        all = [ours(world, stack, "sockets"), ours(world, stack, "greenlets", STREAMS_ON_SOCKETS="0")]
        with suppress(NotInstalledError):
            Nchan.install()
            all.append(peer(directory, stack))
        crowds = {one: begin(one, stack) for one in all}
        for _ in range(ROUNDS):
            for one, crowd in crowds.items():
                one.one_round(crowd)
        report(all)


def begin(one: Measured, stack: ExitStack) -> Crowd:
    with Crowd(one.server.url, one.request, 20):
        pass  # what every first stream needs
    before = one.rss()
    crowd = stack.enter_context(Crowd(one.server.url, one.request, READERS))
    one.kept = (one.rss() - before) / READERS
    return crowd


def report(all: list[Measured]) -> None:
    print(f"{READERS} readers, {RATE} deliveries a second, medians of {ROUNDS} rounds of {SECONDS} s")
    for one in all:
        held = f"{max(one.held):6.1f} ms held" if one.held else ""
        print(f"  {one.name:14}{median(one.cpu):7.1f} µs{median(one.late):8.1f} ms p99{one.kept:7.1f} KiB {held}")
    first = all[0]
    for other in all[1:]:
        ratios = [mine / theirs for mine, theirs in zip(first.cpu, other.cpu, strict=True)]
        print(f"  CPU of sockets to {other.name}: {median(ratios):.2f}, memory {first.kept / other.kept:.2f}")


if __name__ == "__main__":
    main()
