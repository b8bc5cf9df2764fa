"""What a delivery costs, how many a core can do, and what an idle page keeps: the product and all peers in turn."""

import time
from collections import defaultdict
from contextlib import ExitStack

from bench.load.readers import Delivered, Readers, mark
from bench.peers.every import LIGHT

from .run import Run, read_from, settle, tell

RATE = 20_000  # deliveries a second, for those that can
SECONDS = 2.0  # of each round
SECONDS_OF_MANY = 5.0  # or so few messages come that the first and the last of them decide
SHARE = 0.5  # of a core that a slower one is asked for while its costs are measured
PADDING = "x" * 340  # with its mark and its frame, a message is as long as a short one of the product
LATEST, STEP, STEPS = 500, 1.5, 6  # milliseconds; of the rates that are tried one after another
FIRST = 20  # readers who do not count
MANY = 5  # times the readers, for the large crowd


def deliveries(run: Run) -> dict:
    """``cpu`` in microseconds for each delivery, and ``p99`` in milliseconds."""
    return costs(run, run.readers, SECONDS)


def deliveries_to_many(run: Run) -> dict:
    """The same with a larger crowd, and only those that cost little enough."""
    return costs(run, run.readers * MANY, SECONDS_OF_MANY, LIGHT)


def costs(run: Run, readers: int, seconds: float, only: set[str] | None = None) -> dict:
    figures = {key: defaultdict(list) for key in ("cpu", "p99", "pace", "client")}
    with ExitStack() as stack:
        crowds = [(server, stack.enter_context(Connected(server, readers))) for server in run.servers(only)]
        paces = {server.label: pace_of(server, read) for server, read in crowds}
        for number in range(run.rounds):
            tell(f"  round {number + 1} of {run.rounds}, {readers} readers")
            for server, read in crowds:
                done, used = one_round(server, read, paces[server.label], seconds)
                figures["cpu"][server.label].append(1e6 * used / max(1, done.deliveries))
                figures["p99"][server.label].append(done.p99_ms)
                figures["pace"][server.label].append(paces[server.label])
                figures["client"][server.label].append(done.client_cpu_s / max(0.001, done.seconds))
    return figures


class Connected(ExitStack):
    """Readers of a server that are connected, once it has come to rest. A context manager."""

    def __init__(self, server, readers: int):
        super().__init__()
        self.server, self.count = server, readers

    def __enter__(self) -> Readers:
        super().__enter__()
        read = self.enter_context(read_from(self.server, self.count))
        opened = read.open()
        if opened.open < self.count:
            raise RuntimeError(f"{self.server.label} let {opened.open} of {self.count} readers in.")
        settle(self.server)
        return read


def pace_of(server, read: Readers) -> float:
    """Deliveries a second that take at most a part of a core; also what a server needs to warm up."""
    for messages in (3, 5):
        done, used = one_round(server, read, messages * read.count / 0.5, 0.5)
    return min(RATE, SHARE * max(1, done.deliveries) / max(used, 1e-6))


def one_round(server, read: Readers, pace: float, seconds: float) -> tuple[Delivered, float]:
    """What came, and the seconds of CPU that the server used. ``pace`` is in deliveries a second."""
    count = max(2, round(pace * seconds / read.count))
    read.expect(1, count)
    before, began = server.cpu(), time.monotonic()
    for number in range(count):
        time.sleep(max(0.0, began + number * seconds / count - time.monotonic()))
        server.publish(mark(number + 1) + PADDING)
    done = read.finish(quiet=3)
    return done, server.cpu() - before


def capacity(run: Run) -> dict:
    """``each_core``: deliveries for a second of CPU, at the fastest pace at which 99 of 100 came in time and none was
    lost. ``held`` is that pace."""
    figures = {"each_core": defaultdict(list), "held": defaultdict(list)}
    with ExitStack() as stack:
        crowds = [(server, stack.enter_context(Connected(server, run.readers))) for server in run.servers()]
        starts = {server.label: pace_of(server, read) for server, read in crowds}
        for number in range(run.rounds):
            tell(f"  round {number + 1} of {run.rounds}, {run.readers} readers")
            for server, read in crowds:
                held, each_core = most_of(server, read, starts[server.label])
                starts[server.label] = held or starts[server.label] / STEP**2
                figures["held"][server.label].append(held)
                figures["each_core"][server.label].append(each_core)
    return figures


def most_of(server, read: Readers, pace: float) -> tuple[float, float]:
    """The fastest pace that it holds, and the deliveries for each second of its CPU then; zeros where it held none."""
    best = (0.0, 0.0)
    for _ in range(STEPS):
        done, used = one_round(server, read, pace, SECONDS / 2)
        in_time = done.p99_ms < LATEST and done.seconds < SECONDS  # or it could not even be published so fast
        holds = in_time and not done.lost and not done.twice
        if holds and pace > best[0]:
            best = (pace, done.deliveries / used)
        elif best[0]:
            break
        pace = pace * STEP if holds else pace / STEP
        settle(server)
    return best


def idle_pages(run: Run) -> dict:
    """``kib`` that a server keeps for each connected reader who has everything. Each round has new ones, and those of
    the rounds before stay. Has to come before all that makes a server take memory and give it back."""
    figures = {"kib": defaultdict(list)}
    for server in run.servers():
        request = server.page_request() if hasattr(server, "page_request") else server.request
        with ExitStack() as stack:
            stack.enter_context(read_from(server, FIRST, [request])).open()  # what every first reader needs
            for _ in range(run.rounds):
                figures["kib"][server.label].append(kept(server, run.readers, request, stack))
    return figures


def kept(server, readers: int, request: bytes, stack: ExitStack) -> float:
    settle(server)
    before = server.kib()
    opened = stack.enter_context(read_from(server, readers, [request])).open()
    settle(server)
    return (server.kib() - before) / opened.open
