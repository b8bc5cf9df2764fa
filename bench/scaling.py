"""How many processes a place needs, and which limit it meets first: `python -m bench.scaling --pages 100000`.

A model and a simulation, not a measurement. The costs of single steps are measured (docs/performance.md), and a few
numbers describe people; each is an option. The simulation draws chats of very different sizes, spreads their readers
over the processes, and has each process do its work in order. So it shows what averages hide: a large chat is work for
all processes in the same instant.
"""

import argparse
import heapq
import json
import math
import random
from collections import Counter
from dataclasses import asdict, dataclass
from itertools import accumulate
from statistics import quantiles

KIB, MIB = 1024, 1024 * 1024
#: A process that is busy for a larger part of the time makes people wait.
BUSY = 0.5
#: Seconds between two beats of a stream, and the mean age at which a stream is opened anew.
BEAT, AGE = 15, 3150
POST, FRAME = "post", "frame"


@dataclass(frozen=True)
class Costs:
    """Of single steps, in seconds of one core, and in bytes."""

    delivery: float = 10e-6
    beat: float = 6e-6
    opening: float = 1e-3
    post: float = 8e-3
    page: float = 7e-3
    redis_publish: float = 8e-6  # in Redis
    redis_hand_on: float = 4e-6  # in Redis, to one process
    postgres_post: float = 2.5e-3  # in PostgreSQL
    idle_page: float = 2 * KIB
    process: float = 140 * MIB


@dataclass(frozen=True)
class People:
    """In the busiest hour, for each open page."""

    messages: float = 6
    page_loads: float = 10
    #: Chats have sizes by a power law: most are small, and a few have thousands of readers.
    mean_readers: float = 12
    most_readers: int = 5_000


@dataclass(frozen=True)
class Load:
    """What all processes together have to do in each second."""

    pages: int
    posts: float
    deliveries: float
    page_loads: float
    openings: float
    beats: float

    def cores(self, costs: Costs) -> float:
        """Of web processes, all the time."""
        streams = self.deliveries * costs.delivery + self.beats * costs.beat + self.openings * costs.opening
        return streams + self.posts * costs.post + self.page_loads * costs.page


@dataclass(frozen=True)
class Needs:
    """``asked_by`` is the resource that decides how many processes there are. ``redis`` and ``postgres`` are in cores.
    ``wait_ms`` is the time from a commit to a written frame."""

    pages: int
    processes: int
    asked_by: str
    cores: float
    memory_gib: float
    redis: float
    postgres: float
    wait_ms: dict[str, float]


def sizes(pages: int, people: People, chance: random.Random) -> list[int]:
    """Readers of each chat, until all pages read one. A Pareto distribution, cut at the largest chat."""
    shape = people.mean_readers / (people.mean_readers - 1)
    drawn, rest = [], pages
    while rest > 0:
        size = min(math.ceil(chance.paretovariate(shape)), people.most_readers, rest)
        drawn.append(size)
        rest -= size
    return drawn


def load_of(chats: list[int], people: People) -> Load:
    """A message is written in a chat as often as it has readers, and read by all of them."""
    pages = sum(chats)
    each = people.messages / 3600
    deliveries = sum(size * size for size in chats) * each
    return Load(pages, pages * each, deliveries, pages * people.page_loads / 3600, pages / AGE, pages / BEAT)


def processes_for(load: Load, costs: Costs, process_memory: float, most_streams: int) -> tuple[int, str]:
    """How many, and the resource that decides it."""
    by = {
        "cores": math.ceil(load.cores(costs) / BUSY),
        "memory": math.ceil(load.pages * costs.idle_page / (process_memory - costs.process)),
        "streams": math.ceil(load.pages / most_streams),
    }
    first = max(by, key=by.get)
    return by[first], first


def redis_of(load: Load, chats: list[int], processes: int, costs: Costs) -> float:
    """The part of one core that handing frames to processes takes. A chat is on as many as have a reader of it."""
    each = load.posts / load.pages
    spread = sum(size * each * (processes * (1 - (1 - 1 / processes) ** size)) for size in chats)
    return load.posts * costs.redis_publish + spread * costs.redis_hand_on


def simulate(
    chats: list[int], processes: int, people: People, costs: Costs, seconds: float, chance: random.Random
) -> list[float]:
    """Waits between commit and written frame, in seconds: one for each process that a message reaches."""
    load = load_of(chats, people)
    steady = (load.page_loads * costs.page + load.beats * costs.beat + load.openings * costs.opening) / processes
    speed = max(1 - steady, 0.01)  # of each process: the rest goes into pages, beats and openings
    free_at, waits, weights = [0.0] * processes, [], list(accumulate(chats))
    events = [(chance.expovariate(load.posts), POST, 0)]
    while events[0][0] < seconds:
        now, kind, readers = heapq.heappop(events)
        if kind == POST:
            committed = work(free_at, chance.randrange(processes), now, costs.post / speed)
            readers = chance.choices(chats, cum_weights=weights)[0]
            heapq.heappush(events, (now + chance.expovariate(load.posts), POST, 0))
            heapq.heappush(events, (committed, FRAME, readers))
        else:
            spread = Counter(chance.randrange(processes) for _ in range(readers))
            for process, count in spread.items():
                waits.append(work(free_at, process, now, count * costs.delivery / speed) - now)
    return waits


def work(free_at: list[float], process: int, now: float, cost: float) -> float:
    """The process does this after all that it had to do before. Returns when it is done."""
    free_at[process] = max(free_at[process], now) + cost
    return free_at[process]


def needs_of(pages: int, people: People, costs: Costs, options: dict) -> Needs:
    chance = random.Random(options["seed"])
    chats = sizes(pages, people, chance)
    load = load_of(chats, people)
    processes, first = processes_for(load, costs, options["memory"] * MIB, options["streams"])
    waits = simulate(chats, processes, people, costs, options["seconds"], chance)
    cuts = quantiles(waits, n=100) if len(waits) > 1 else [0.0] * 99
    return Needs(
        pages=pages,
        processes=processes,
        asked_by=first,
        cores=load.cores(costs),
        memory_gib=(processes * costs.process + pages * costs.idle_page) / MIB / KIB,
        redis=redis_of(load, chats, processes, costs),
        postgres=load.posts * costs.postgres_post,
        wait_ms={"p50": cuts[49] * 1000, "p99": cuts[98] * 1000},
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pages", type=int, nargs="+", default=[1_000, 10_000, 100_000], help="open at once")
    parser.add_argument("--seconds", type=float, default=20, help="that are simulated")
    parser.add_argument("--memory", type=float, default=512, help="MiB that one process may take")
    parser.add_argument("--streams", type=int, default=1_500, help="STREAMS_PER_PROCESS")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    for kind in (People, Costs):
        for name, default in asdict(kind()).items():
            parser.add_argument(f"--{name.replace('_', '-')}", type=type(default), default=default)
    options = vars(parser.parse_args())
    people = People(**{name: options[name] for name in asdict(People())})
    costs = Costs(**{name: options[name] for name in asdict(Costs())})
    for pages in options["pages"]:
        needs = needs_of(pages, people, costs, options)
        print(json.dumps(asdict(needs)) if options["json"] else in_words(needs))


def in_words(needs: Needs) -> str:
    waits = ", ".join(f"{name} {ms:.1f} ms" for name, ms in needs.wait_ms.items())
    web = f"{needs.processes:,} processes for their {needs.asked_by}"
    cores = f"cores: web {needs.cores:.2f}, Redis {needs.redis:.2f}, PostgreSQL {needs.postgres:.2f}"
    return f"{needs.pages:>9,} pages: {web}; {cores}; {needs.memory_gib:.1f} GiB; from commit to frame {waits}"


if __name__ == "__main__":
    main()
