"""Random texts, cut at awkward places, under random reloads, reconnects and restarts: each is stored and shown exactly.

Several chats at once, in each of which several assistants answer at once; two people have a page of each, in Chromium.
"""

import os
import random
import re
import signal
import time
from collections import Counter
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from itertools import count, islice
from urllib.parse import urlsplit

import psutil
from playwright.sync_api import BrowserContext, Error, Page, Playwright

from chatapp.lib.llm import storable
from tests.awkward import cut, text_for
from tests.provider import GO_ON, Chopped
from tests.system.browsers import launch
from tests.system.people import TURBO_REQUEST

from .asking import Difference, wait
from .text_lane import Lane
from .world import HastyWorker, World

SETTINGS = {"ASSISTANT_TIMEOUT": "20", "ASSISTANT_CONTEXT_TOKENS": "1000000", "ASSISTANT_REPLY_TOKENS": "100000"}
NAMES = ["Aster", "Birch", "Cedar", "Dahlia", "Elder", "Fern", "Gorse", "Hazel"]
TICK = 150  # ms
OFFLINE = (0.3, 3.0)  # seconds

#: Notes where a growing text loses more than the block that is being written, by the letters that it shows.
WATCH = """
  window.watched = { seen: 0, lost: [] }
  const earlier = new Map()
  function blocksOf(body) {
    const words = (node) => (node.matches?.(".copy-code") ? "" : node.childNodes.length && node.nodeType === 1
      ? [...node.childNodes].map(words).join("") : node.textContent.replace(/\\s/g, ""))
    return [...body.childNodes].map(words).filter(Boolean)
  }
  function look() {
    for (const body of document.querySelectorAll("article[data-author-kind=assistant] > * .message__body")) {
      const { id } = body.closest("article")
      const growing = body.hasAttribute("data-source")
      if (!growing && !earlier.has(id)) continue
      const before = earlier.get(id) ?? []
      const now = blocksOf(body)
      watched.seen++
      if (!now.join("").startsWith(before.slice(0, -1).join(""))) watched.lost.push([id, before, now])
      if (growing) earlier.set(id, now)
      else earlier.delete(id)
    }
  }
  new MutationObserver(look).observe(document, { subtree: true, childList: true, characterData: true })
"""


class Texts:
    """A context manager. ``run(count)`` has so many texts written; ``differences`` holds what is wrong with any."""

    def __init__(self, world: World, playwright: Playwright, seed: int, lanes: int, troubles: float = 0.5):
        self.world, self.playwright, self.seed, self.troubles = world, playwright, seed, troubles
        self.lane_count, self.names, self.email = lanes, NAMES, world.email("Ada")
        self.dice = random.Random(seed)
        self.figures: Counter[str] = Counter()
        self.reasons: Counter[str] = Counter()  # why an answer ended too early
        self.differences: list[str] = []
        self.contexts: dict[str, BrowserContext] = {}
        self._stack, self._numbers = ExitStack(), iter(())
        self._restart: Future | None = None
        self._back_at: float | None = None
        self._troubles: list = []
        self._asked = count()

    def __enter__(self) -> "Texts":
        enter = self._stack.enter_context
        self.world.assistant_will(self.answer)
        self.workers = [self.world.worker, enter(HastyWorker(self.world.environ))]
        self.restarts = enter(ThreadPoolExecutor(1))
        browser = enter(launch(self.playwright))
        for name in ("Ada", "Bob"):
            self.contexts[name] = enter(browser.new_context(service_workers="block"))
            self._log_in(name)
        self.direct("add_assistants", names=self.names)
        return self

    def __exit__(self, *_) -> None:
        self._stack.close()

    def _log_in(self, name: str) -> None:
        http, context = self.world.people[name].http, self.contexts[name]
        host = urlsplit(str(http.base_url)).hostname
        cookies = http.cookies.items()
        context.add_cookies([{"name": key, "value": value, "domain": host, "path": "/"} for key, value in cookies])
        context.add_init_script(WATCH)
        context.on("weberror", lambda thrown: self.thrown(thrown.error))

    def run(self, runs: int, first: int = 0) -> None:
        """Raises Difference where an answer does not come to an end."""
        self._numbers = iter(range(first, first + runs))
        lanes, began = [Lane(self, number) for number in range(self.lane_count)], time.monotonic()
        told = 0
        while lanes:
            unfinished = {chat for chat, *_ in self.direct("unfinished")}
            lanes = [lane for lane in lanes if lane.chat in unfinished or lane.go_on()]
            if late := [lane.numbers for lane in lanes if lane.is_late()]:
                raise Difference(f"These texts have no end: {late}\n{self.direct('unfinished')}")
            if lanes:
                self.disturb(lanes)
                lanes[0].pages["Ada"].wait_for_timeout(TICK)
            self.world.provider.requests.clear()
            if (texts := self.figures["texts"]) >= told + 100:
                told = texts
                print(
                    f"{texts} texts, {time.monotonic() - began:.0f} s, {len(self.differences)} differences", flush=True
                )
        if self._restart:
            self._restart.result()

    def next_numbers(self) -> list[int]:
        return list(islice(self._numbers, len(self.names)))

    def direct(self, verb: str, **arguments):
        """Tried again while the database is locked for longer than anybody waits: the machine may be busy."""
        while True:
            try:
                return self.world.direct.ask(verb, arguments)
            except RuntimeError as error:
                if "OperationalError" not in str(error):
                    raise
            wait(0.2)

    # The model

    def text(self, number: int) -> str:
        return text_for(number, self.seed)

    def answer(self, request: dict) -> Chopped:
        system, *turns = request["messages"]
        begun = ""
        if len(turns) > 2 and turns[-1]["content"] == GO_ON:
            begun, turns = turns[-2]["content"], turns[:-2]
        numbers = re.search(r"Texts ([\d ]+)", turns[-1]["content"])[1].split()
        index = next(n for n, name in enumerate(self.names) if f"You are {name}." in system["content"])
        text, dice = self.text(int(numbers[index])), random.Random(f"{self.seed} {next(self._asked)}")
        pieces = cut(self.rest(text, begun), dice)
        return Chopped(pieces, dice.uniform(0.2, 4), dice.random())

    def rest(self, text: str, begun: str) -> str:
        """What comes behind ``begun``, which is what was stored of the text."""
        if not begun:
            return text
        stored = stored_of(text)
        if not stored.startswith(begun):
            self.tell(f"Not the beginning:\n  said   {stored!r}\n  stored {begun!r}")
        return stored[len(begun) :]

    # What goes wrong meanwhile

    def disturb(self, lanes: list[Lane]) -> None:
        if self._back_at and time.monotonic() > self._back_at:
            self.be_online()
        if self.dice.random() > self.troubles:
            return
        if not self._troubles:  # each comes in its turn, also in a short run
            self._troubles = [self.restart_worker, self.kill_web] + [self.be_offline] * 2 + [self.reload] * 6
            self.dice.shuffle(self._troubles)
        self._troubles.pop()(self.dice.choice(lanes))

    def reload(self, lane: Lane) -> None:
        self.figures["reloads"] += 1
        lane.reload("Bob", self.dice)

    def be_offline(self, _: Lane) -> None:
        """All of Ada's pages, for a moment."""
        if self._back_at is None:
            self.figures["times offline"] += 1
            self.contexts["Ada"].set_offline(True)
            self._back_at = time.monotonic() + self.dice.uniform(*OFFLINE)

    def be_online(self) -> None:
        self._back_at = None
        self.contexts["Ada"].set_offline(False)

    def restart_worker(self, _: Lane) -> None:
        """One of the two, and not before the last one is back."""
        if self._restart and not self._restart.done():
            return
        if self._restart:
            self._restart.result()
        worker, killed = self.dice.choice(self.workers), self.dice.random() < 0.5
        self.figures["workers killed" if killed else "workers stopped"] += 1
        self._restart = self.restarts.submit(lambda: (worker.kill9() if killed else worker.stop(), worker.start()))

    def kill_web(self, lane: Lane) -> None:
        web = self.dice.choice(self.world.web)
        if self.dice.random() < 0.5:
            self.figures["web processes replaced"] += 1
            os.kill(web.pid, signal.SIGHUP)
            return
        self.figures["web processes killed"] += 1
        for child in psutil.Process(web.pid).children():
            child.kill()

    # What is found

    def tell(self, difference: str) -> None:
        print(difference, flush=True)
        self.differences.append(difference)

    def thrown(self, error: Error) -> None:
        if error.message != "Failed to fetch" and not TURBO_REQUEST.search(error.stack or ""):
            self.tell(error.stack or error.message)

    def look_at(self, page: Page) -> None:
        watched = page.evaluate("watched")
        page.evaluate("() => { watched.seen = 0; watched.lost = [] }")
        self.figures["states of growing texts"] += watched["seen"]
        for id, before, now in watched["lost"]:
            self.tell(f"{id} lost more than its last block:\n  before {before}\n  after  {now}")

    def report(self) -> str:
        lines = [f"  {name:28}{number:>9}" for name, number in self.figures.items()]
        return "\n".join([*lines, *(f"  ended early: {reason} ({times})" for reason, times in self.reasons.items())])


def stored_of(text: str) -> str:
    """A text as it is stored while it is being written."""
    return storable(text).lstrip()
