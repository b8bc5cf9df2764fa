"""Random changes from several processes under random faults; then every live page must equal a fresh one.

Each run has a seed and its own chat. `run(world, seed)` raises Difference, which tells the seed, the steps and what
differs; the same seed makes the same steps again.
"""

import argparse
import re
import signal
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, nullcontext

import psutil
from playwright.sync_api import BrowserContext, sync_playwright

from tests.browserless import Person
from tests.provider import Paced

from .asking import LANES, Difference, wait
from .proxy import Proxy
from .run import Run
from .tab import browser_of
from .world import World

SETTLED_WITHIN = 60  # seconds in which every reply is finished, or failed with a reason
#: An answer that grows for a second or two, in pieces that end at awkward places.
ANSWER = [
    *("## One\n\nTw", "o **thr", "ee** `fo", "ur`\n\n```py", "thon\ndef five(): ", "pass\n```\n", "\n| 6 | 7 |\n|-"),
    *("--|---|\n", "| 🎉 | &a", "mp; |\n\n- eig", "ht\n- ni", "ne <b>\n"),
] * 5


class Torture:
    """What lives for many runs: the ways in, the lanes on which changes happen side by side, and the figures."""

    def __init__(self, world: World, browser: BrowserContext | None = None):
        self.world, self.browser = world, browser
        self.figures: Counter[str] = Counter()
        self.slowest = 0.0  # seconds until quiet
        self._stack = ExitStack()

    def __enter__(self) -> "Torture":
        enter = self._stack.enter_context
        self.proxies = [enter(Proxy(web.url)) for web in self.world.web for _ in range(2)]
        self.lanes = {lane: enter(ThreadPoolExecutor(1, lane)) for lane in LANES}
        self.people = [{name: enter(self.at(web.url, person)) for name, person in self.world.people.items()}
                       for web in self.world.web]  # fmt: skip
        self.ids = {name: self.id_of(name) for name in self.world.people}
        self.world.worker  # noqa: B018 - starts it
        self.world.assistant_will("Yes.", Paced(ANSWER, 0.03))
        return self

    def __exit__(self, *_) -> None:
        self._stack.close()

    def at(self, url: str, person: Person) -> Person:
        """The same person at another web server."""
        twin = Person(url, person.name)
        twin.http.cookies = person.http.cookies
        return twin

    def id_of(self, name: str) -> int:
        page = self.world.people[name].http.get("/chats/new").text
        return int(re.search(r'name="current-user-id" content="(\d+)"', page)[1])

    def run(self, seed: int) -> None:
        """One run. Raises Difference."""
        run = Run(self, seed)
        try:
            run.begin()
            run.go()
            run.compare()
        finally:
            run.end()
            self.world.measure()
            self.figures["runs"] += 1

    def settle(self) -> list[str]:
        """Wait for the assistant, and for the web processes that leave: a stream that one of them takes ends at once.
        Returns the replies that never came to an end.
        """
        psutil.wait_procs(self.world.leaving, SETTLED_WITHIN)
        self.world.leaving.clear()
        deadline = time.monotonic() + SETTLED_WITHIN
        while (unfinished := self.world.direct.unfinished()) and time.monotonic() < deadline:
            wait(0.2)
        return [f"a reply is stuck (chat, message, state, attempts, question, lease): {row}" for row in unfinished]

    def report(self) -> str:
        figures = self.figures + Counter({f"hub {name}": number for name, number in self.world.figures.items()})
        lines = [f"  {name:32}{figures[name]:>9}" for name in sorted(figures)]
        return "\n".join([*lines, f"  slowest until quiet, s           {self.slowest:8.1f}"])


def main() -> None:
    options = arguments()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # stops all servers on the way out
    seeds = range(options.seed, options.seed + options.runs)
    with (
        tempfile.TemporaryDirectory(prefix="plainwire-torture-", ignore_cleanup_errors=True) as directory,
        World(directory, options.database, clustered=options.cluster, replicated=options.replica) as world,
        sync_playwright() if options.browser else nullcontext() as playwright,
        browser_of(world.people["Ada"], playwright) if playwright else nullcontext() as browser,
        Torture(world, browser) as torture,
    ):
        failed = torture_with(torture, seeds, options.keep_going)
        stuck = torture.settle()
        print("\n".join(stuck))
        print(f"{options.database}, seeds {seeds.start} to {seeds.stop - 1}: {len(failed)} differences")
        print(torture.report())
    if failed:
        flags = "".join(f" --{name}" for name in ("browser", "cluster", "replica") if getattr(options, name))
        print(f"Again: bin/torture --database {options.database}{flags} --runs 1 --seed {failed[0]}")
    sys.exit(bool(failed or stuck))


def torture_with(torture: Torture, seeds: range, keep_going: bool) -> list[int]:
    """The seeds that failed."""
    failed, began = [], time.monotonic()
    for number, seed in enumerate(seeds, 1):
        try:
            torture.run(seed)
        except Difference as difference:
            print(difference, flush=True)
            failed.append(seed)
            if not keep_going:
                break
        if number % 50 == 0:
            print(f"{number} runs, {(time.monotonic() - began) / number:.2f} s each", flush=True)
    return failed


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=100)
    parser.add_argument("--database", choices=["sqlite", "postgres"], default="sqlite")
    parser.add_argument("--seed", type=int, default=1, help="of the first run; each next one is higher by one")
    parser.add_argument("--browser", action="store_true", help="one of the pages is in Chromium, and sends too")
    parser.add_argument("--replica", action="store_true", help="a replica of the PostgreSQL answers what only reads")
    parser.add_argument("--cluster", action="store_true", help="a Redis Cluster carries the live changes")
    parser.add_argument("--keep-going", action="store_true", help="after a difference too")
    return parser.parse_args()


if __name__ == "__main__":
    main()
