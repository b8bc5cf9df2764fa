"""One run of the torture: a chat and those beside it, pages, random steps, and the comparison at the end."""

import random
import re
import time
from collections import Counter
from concurrent.futures import Future
from dataclasses import dataclass

import httpx

from .asking import ANSWER_WITHIN, Asking, Difference, wait
from .catalogue import CHANGES
from .chat_list import untrue
from .live import LivePage
from .page import Page, Withheld, canonical, differences
from .programs import program_for
from .proxy import Proxy
from .tab import Tab
from .troubles import TROUBLES, pause
from .world import HEARTBEAT

QUIET_WITHIN = 100 * HEARTBEAT  # seconds after the last change in which all pages have to be right
READERS = ("Ada", "Ada", "Cleo")  # of the pages; Cleo is a member of the chat now and then


@dataclass(frozen=True)
class Written:
    id: int
    author: str
    client_id: str | None


class Run(Asking):
    def __init__(self, torture, seed: int):
        self.torture, self.world, self.seed = torture, torture.world, seed
        self.ids = torture.ids
        self.random = random.Random(seed)
        self.program = program_for(seed, self.world.parts)
        self.messages: list[Written] = []
        self.beside: dict[int, str] = {}  # the other chats in the lists, and who began them
        self.gone: set[int] = set()  # those of them that were deleted
        self.said_beside: list[Written] = []
        self.acknowledged: dict[str, int] = {}
        self.deleted: set[int] = set()
        self.replies: list[int] = []
        self.uses: list[tuple[int, int]] = []  # each with its message
        self.pages: list[LivePage] = []
        self.log: list[str] = []
        self.futures: list[Future] = []
        self.tab: Tab | None = None

    # Its course

    def begin(self) -> None:
        self.chat = self.start_chat("Ada", "Bob", "Cleo", assistant="mentioned")
        self.direct(None, "promote", chat=self.chat, email=self.world.email("Bob"), wanted=True)
        for id in self.direct(None, "fill", chat=self.chat, email=self.world.email("Bob"), count=self.program.filled):
            self.written(id, "Bob", None)
        for founder, count in zip(("Ada", "Bob", "Bob"), self.program.beside, strict=True):
            self.begin_beside(founder, count)
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
        self.direct(None, "leave_all", emails=[self.world.email(name) for name in self.ids])  # or lists grow and grow

    def differences(self) -> list[str]:
        try:
            fresh = {name: Page(self.world.door(name, 0), self.chat).look() for name in {"Ada", *self.readers}}
            found = []
            for number, page in enumerate(self.pages):
                found += [f"page {number} ({page.way}): {line}" for line in differences(page, fresh[page.reader])]
            return found or self.lost(fresh["Ada"]) or self.untrue(fresh) or self.seen_in_browser(fresh["Ada"])
        except LookupError as error:  # the server is just being restarted
            return [str(error)]

    def untrue(self, fresh: dict[str, Page]) -> list[str]:
        """A reload shows what the rows say: no revision, digest or remembered HTML is asked."""
        lists = {name: self.direct(None, "list_of", email=self.world.email(name)) for name in fresh}
        found = [f"{name}: {line}" for name in fresh for line in untrue(fresh[name].chats, lists[name])]
        rendered = self.direct(None, "rendered", chat=self.chat)
        shown = {"header": fresh["Ada"].header}
        shown |= {article.id: article.html for article in fresh["Ada"].everything()[1]}
        for id, html in shown.items():
            if html != (truth := canonical(rendered.get(id, "nothing"))):
                found.append(f"{id}:\n  fresh {html}\n  truth {truth}")
        return found

    def seen_in_browser(self, fresh: Page) -> list[str]:
        if not self.tab:
            return []
        contents = [message["content"] for message in self.world.direct.state(chat=self.chat)["messages"]]
        return [f"in the browser: {line}" for line in self.tab.differences(fresh, contents)]

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

    def start_chat(self, founder: str, *members: str, **settings: str) -> int:
        email = self.world.email
        return self.direct(None, "start_chat", email=email(founder), members=list(map(email, members)), **settings)

    def begin_beside(self, founder: str, count: int) -> None:
        """Another chat: Ada's are open, Bob's closed."""
        others = [name for name in self.ids if name != founder]
        kind = "open" if founder == "Ada" else "closed"
        chat = self.start_chat(founder, *others, assistant="never", kind=kind)
        self.beside[chat] = founder
        ids = self.direct(None, "fill", chat=chat, email=self.world.email(founder), count=count)
        self.said_beside += [Written(id, founder, None) for id in ids]

    def choose(self, pick: int) -> Written | None:
        """A message, rather a new one."""
        messages = [message for message in self.messages if message.id not in self.deleted][-12:]
        return messages[pick % len(messages)] if messages else None

    def other(self, pick: int) -> int:
        """A chat beside the open one."""
        others = self.remaining()
        return others[pick % len(others)]

    def remaining(self) -> list[int]:
        return [chat for chat in list(self.beside) if chat not in self.gone]

    def some_chat(self, pick: int) -> int:
        """Any chat of the run."""
        chats = [self.chat, *self.remaining()]
        return chats[pick % len(chats)]

    def founder_of(self, chat: int) -> str:
        return self.beside[chat]

    def choose_beside(self, pick: int) -> Written | None:
        return self.said_beside[-12:][pick % len(self.said_beside[-12:])] if self.said_beside else None

    def some_id(self, pick: int) -> int:
        """Of any message of the run, rather a new one."""
        ids = sorted(message.id for message in [*self.messages, *self.said_beside])[-20:]
        return ids[pick % len(ids)] if ids else 1

    def written_beside(self, id: int, author: str) -> None:
        self.said_beside.append(Written(id, author, None))

    def written(self, id: int, author: str, client_id: str | None) -> None:
        self.messages.append(Written(id, author, client_id))
        if client_id:
            self.acknowledged[client_id] = id

    def sent(self, answer: httpx.Response) -> int:
        """The message that an answer brings; the sender's own page shows it."""
        return int(re.search(r'data-message-id="(\d+)"', answer.text)[1])

    def answered(self, name: str, answer: httpx.Response) -> None:
        """The first page is Ada's, and takes the answers to what she does."""
        if name == "Ada" and answer.status_code in (200, 201) and "<turbo-stream" in answer.text and self.pages:
            self.pages[0].apply(answer.text, live=False)

    def open_page(self, pick: int, fault: str | None = None) -> None:
        page = self.new_page(pick, READERS[pick // 7 % len(READERS)] if self.pages else "Ada")
        for _ in range(int(ANSWER_WITHIN / 0.05)):
            try:
                self.pages.append(page.open(**({"X-Fault": fault} if fault else {})))
                return
            except Withheld:
                page = self.new_page(pick, "Ada")
            except LookupError:
                wait(0.05)
        raise Difference(self.story(["a page could not be opened"]))

    def new_page(self, pick: int, reader: str) -> LivePage:
        proxy, alone = self.proxy(pick), reader == "Ada" and pick // 21 % 4 == 0
        door, around = self.world.door(reader).at(proxy.url), self.place(pick)
        page = LivePage(door, self.chat, native=pick % 3 == 0, alone=alone, around=around)
        page.reader = reader
        words = [f"{reader} by proxy {pick % 4}", "native" * page.native, "without a list" * alone]
        words.append(f"around {around}" if around else "")
        page.way = ", ".join(filter(None, words))
        page.believes_the_wire = not (proxy.faults.duplicate or proxy.faults.drop or proxy.faults.reorder)
        return page

    @property
    def readers(self) -> set[str]:
        return {page.reader for page in self.pages}

    def place(self, pick: int) -> int | None:
        """The message that every third page is opened at. The first page, which takes the answers, is never one."""
        there = [message.id for message in self.messages if message.id not in self.deleted]
        return there[pick // 5 % len(there)] if self.pages and there and pick // 28 % 3 == 0 else None

    def scroll_up(self, pick: int) -> None:
        """One of the pages loads its history."""
        self.tab.scroll_up() if self.tab and pick % 4 == 0 else self.page(pick).scroll_up()

    def scroll_down(self, pick: int) -> None:
        self.page(pick).scroll_down()

    def page(self, pick: int) -> LivePage:
        return self.pages[pick % len(self.pages)]

    def proxy(self, pick: int) -> Proxy:
        return self.torture.proxies[pick % len(self.torture.proxies)]

    def doubt_the_wire(self, proxy: Proxy) -> None:
        for page in self.pages:
            page.believes_the_wire = page.believes_the_wire and page.door.url != proxy.url

    def network_fault(self, name: str) -> None:
        self.torture.figures[f"network {name}"] += 1
