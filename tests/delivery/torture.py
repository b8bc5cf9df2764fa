"""Random changes from several processes under random faults; then every live page must equal a fresh one.

Each run has a seed and its own chat. `run(world, seed)` raises Difference, which tells the seed, the steps and what
differs; the same seed makes the same steps again.
"""

import argparse
import random
import re
import signal
import sys
import tempfile
import threading
import time
from collections import Counter
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, nullcontext
from dataclasses import dataclass

import httpx
from playwright.sync_api import BrowserContext

from tests.browserless import Person

from .changes import CHANGES, DIRECT
from .live import LivePage
from .page import Page, differences
from .programs import Step, program_for
from .proxy import Proxy
from .tab import Tab, browser_of
from .troubles import TROUBLES, pause
from .world import HEARTBEAT, World

QUIET_WITHIN = 40 * HEARTBEAT  # seconds after the last change in which all pages have to be right
ANSWER_WITHIN = 40  # seconds in which a request must have an answer, however often it is tried
SETTLED_WITHIN = 60  # seconds in which every reply is finished, or failed with a reason
LANES = ("web-0", "web-1", DIRECT)
FINAL = (200, 201, 204, 303, 403, 404, 422)


class Difference(AssertionError):
    """A live page that is not what a fresh one is."""


@dataclass(frozen=True)
class Written:
    id: int
    author: str
    client_id: str | None


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
        self.world.assistant_will("Yes.", ["One ", "two ", "three"] * 5)
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
        """Wait for the assistant. Returns the replies that never came to an end."""
        deadline = time.monotonic() + SETTLED_WITHIN
        while (unfinished := self.world.direct.unfinished()) and time.monotonic() < deadline:
            wait(0.2)
        return [f"a reply is stuck (chat, message, state, attempts, question, lease): {row}" for row in unfinished]

    def report(self) -> str:
        figures = self.figures + Counter({f"hub {name}": number for name, number in self.world.figures.items()})
        lines = [f"  {name:32}{figures[name]:>9}" for name in sorted(figures)]
        return "\n".join([*lines, f"  slowest until quiet, s           {self.slowest:8.1f}"])


class Run:
    def __init__(self, torture: Torture, seed: int):
        self.torture, self.world, self.seed = torture, torture.world, seed
        self.ids = torture.ids
        self.random = random.Random(seed)
        self.program = program_for(seed, self.world.database)
        self.messages: list[Written] = []
        self.acknowledged: dict[str, int] = {}
        self.deleted: set[int] = set()
        self.replies: list[int] = []
        self.pages: list[LivePage] = []
        self.log: list[str] = []
        self.futures: list[Future] = []
        self.tab: Tab | None = None

    # Its course

    def begin(self) -> None:
        email = self.world.email
        self.chat = self.direct(None, "start_chat", email=email("Ada"), members=[email("Bob")])
        for id in self.direct(None, "fill", chat=self.chat, email=email("Bob"), count=self.program.filled):
            self.written(id, "Bob", None)
        for pick in self.program.pages:
            self.open_page(pick)
        if self.torture.browser:
            way, direct = self.proxy(self.seed).url, self.world.web[0].url
            self.tab = Tab(self.torture.browser, way, direct, self.chat)

    def go(self) -> None:
        for step in self.program.steps:
            self.log.append(str(step))
            self.torture.figures[f"{'change' if step.name in CHANGES else 'trouble'} {step.name}"] += 1
            if step.fault:
                self.torture.figures[f"fault {step.fault}"] += 1
            if step.name in CHANGES:
                self.futures.append(self.torture.lanes[step.where].submit(CHANGES[step.name].do, self, step))
            else:
                TROUBLES[step.name].do(self, step)
            if self.tab and step.pick % 3 == 0:
                self.tab.say()
            wait(pause(step.pick))
        for future in self.futures:
            future.result(ANSWER_WITHIN)

    def compare(self) -> None:
        """Everything works again; wait until all pages are right."""
        self.world.redis.go_on()
        for proxy in self.torture.proxies:
            proxy.faults.clear()
        began = time.monotonic()
        while found := self.differences():
            if time.monotonic() - began > QUIET_WITHIN:
                raise Difference(self.story(found))
            wait(0.05)
        self.torture.slowest = max(self.torture.slowest, time.monotonic() - began)
        if violations := [violation for page in self.pages for violation in page.violations]:
            raise Difference(self.story(violations))

    def end(self) -> None:
        self.world.redis.go_on()
        for proxy in self.torture.proxies:
            proxy.faults.clear()
        if self.tab:
            self.torture.figures["typed in the browser"] += len(self.tab.said)
            self.tab.close()
        for page in self.pages:
            page.close()
            self.torture.figures.update({f"page {name}": number for name, number in page.figures.items()})
            self.torture.figures["pages"] += 1

    def differences(self) -> list[str]:
        try:
            fresh, found = Page(self.world.door("Ada", 0), self.chat).load(), []
            for number, page in enumerate(self.pages):
                found += [f"page {number} ({page.way}): {line}" for line in differences(page, fresh)]
            return found or self.lost(fresh) or self.seen_in_browser(fresh)
        except LookupError as error:  # the server is just being restarted
            return [str(error)]

    def seen_in_browser(self, fresh: Page) -> list[str]:
        if not self.tab:
            return []
        contents = [message["content"] for message in self.world.direct.state(chat=self.chat)["messages"]]
        return [f"in the browser: {line}" for line in self.tab.differences(fresh.cursor, contents)]

    def lost(self, fresh: Page) -> list[str]:
        """What was answered is there, and once."""
        header, shown = fresh.everything()
        times = Counter(m[1] for article in shown if (m := re.search(r'data-client-id="(\w+)"', article.html)))
        wanted = {client for client, id in self.acknowledged.items() if id not in self.deleted}
        return [f"sent once, there {times[client]} times: {client}" for client in wanted if times[client] != 1]

    def story(self, found: list[str]) -> str:
        chat = f"chat {self.chat}, {self.program.filled} messages before, {len(self.pages)} pages"
        steps = [f"  {line}" for line in self.log]
        return "\n".join([f"seed {self.seed}, {chat}", *steps, "Differences:", *found])

    # What changes and troubles use

    def member(self, pick: int) -> str:
        return ("Ada", "Bob")[pick % 2]

    def choose(self, pick: int) -> Written | None:
        """A message, rather a new one."""
        messages = [message for message in self.messages if message.id not in self.deleted][-12:]
        return messages[pick % len(messages)] if messages else None

    def written(self, id: int, author: str, client_id: str | None) -> None:
        self.messages.append(Written(id, author, client_id))
        if client_id:
            self.acknowledged[client_id] = id

    def sent(self, answer: httpx.Response) -> int:
        """The message that an answer brings; the sender's own page shows it."""
        return int(re.search(r'data-message-id="(\d+)"', answer.text)[1])

    def direct(self, step: Step | None, verb: str, **arguments):
        """Tried again while the database is away, as whoever runs a command would."""
        deadline, fault = time.monotonic() + ANSWER_WITHIN, step and step.fault
        while True:
            try:
                return self.world.direct.ask(verb, arguments, fault)
            except RuntimeError as error:
                if "OperationalError" not in str(error) or time.monotonic() > deadline:
                    raise
            wait(0.05)

    def request(self, step: Step, name: str, method: str, path: str, form: dict | None = None) -> httpx.Response:
        """Tried until there is an answer, as a page does. The fault comes with the first try only."""
        person = self.torture.people[LANES.index(step.where)][name]
        headers, deadline = {"X-Fault": step.fault} if step.fault else {}, time.monotonic() + ANSWER_WITHIN
        while True:
            answer = self.tried(person, method, path, form, headers)
            if answer is not None and answer.status_code in FINAL:
                self.answered(name, answer)
                return answer
            if time.monotonic() > deadline:
                raise Difference(self.story([f"{method} {path} was never answered: {answer and answer.text}"]))
            headers = {}
            wait(0.03)

    def tried(self, person: Person, method: str, path: str, form: dict | None, headers: dict) -> httpx.Response | None:
        person.http.headers.pop("X-Fault", None)
        person.http.headers.update(headers)
        try:
            return person.turbo(method, path, form)
        except (httpx.HTTPError, TypeError):  # no answer, or no token in it
            return None

    def answered(self, name: str, answer: httpx.Response) -> None:
        """The first page is Ada's, and takes the answers to what she does."""
        if name == "Ada" and answer.status_code in (200, 201) and "<turbo-stream" in answer.text and self.pages:
            self.pages[0].apply(answer.text, live=False)

    def open_page(self, pick: int, fault: str | None = None) -> None:
        proxy = self.proxy(pick)
        page = LivePage(self.world.door("Ada").at(proxy.url), self.chat, native=pick % 3 == 0)
        page.way = f"proxy {pick % 4}{', native' if page.native else ''}"
        page.believes_the_wire = not (proxy.faults.duplicate or proxy.faults.drop or proxy.faults.reorder)
        for _ in range(int(ANSWER_WITHIN / 0.05)):
            try:
                self.pages.append(page.open(**({"X-Fault": fault} if fault else {})))
                return
            except LookupError:
                wait(0.05)
        raise Difference(self.story(["a page could not be opened"]))

    def scroll_up(self, pick: int) -> None:
        """One of the pages loads its history."""
        self.tab.scroll_up() if self.tab and pick % 4 == 0 else self.page(pick).scroll_up()

    def page(self, pick: int) -> LivePage:
        return self.pages[pick % len(self.pages)]

    def proxy(self, pick: int) -> Proxy:
        return self.torture.proxies[pick % len(self.torture.proxies)]

    def doubt_the_wire(self, proxy: Proxy) -> None:
        for page in self.pages:
            page.believes_the_wire = page.believes_the_wire and page.door.url != proxy.url

    def network_fault(self, name: str) -> None:
        self.torture.figures[f"network {name}"] += 1


def wait(seconds: float) -> None:
    threading.Event().wait(seconds)


def main() -> None:
    options = arguments()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # stops all servers on the way out
    seeds = range(options.seed, options.seed + options.runs)
    with (
        tempfile.TemporaryDirectory(prefix="plainwire-torture-", ignore_cleanup_errors=True) as directory,
        World(directory, options.database) as world,
        browser_of(world.people["Ada"]) if options.browser else nullcontext() as browser,
        Torture(world, browser) as torture,
    ):
        failed = torture_with(torture, seeds, options.keep_going)
        stuck = torture.settle()
        print("\n".join(stuck))
        print(f"{options.database}, seeds {seeds.start} to {seeds.stop - 1}: {len(failed)} differences")
        print(torture.report())
    if failed:
        browser = " --browser" if options.browser else ""
        print(f"Again: bin/torture --database {options.database}{browser} --runs 1 --seed {failed[0]}")
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
    parser.add_argument("--keep-going", action="store_true", help="after a difference too")
    return parser.parse_args()


if __name__ == "__main__":
    main()
