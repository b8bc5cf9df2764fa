"""A chat's page without a browser: what a browser shows after the same HTML and the same events.

The rules are those of static/lib/message_list.js, region.js and render.js, kept under the same names: a mistake found
here is one that people would see. Articles are compared by their whole HTML, character by character.
"""

import re
import threading
from collections import Counter
from dataclasses import dataclass

from .http import Door, Event

ARTICLE = re.compile(r'<article id="(message_(\d+))" [^>]*data-revision="(\d+)".*?</article>', re.DOTALL)
STREAM = re.compile(
    r'<turbo-stream action="(\w+)" target="([^"]+)">(?:<template>(.*?)</template>)?</turbo-stream>', re.DOTALL
)
HEADER = re.compile(r'<header id="(header_chat_\d+)" [^>]*data-revision="(\d+)".*?</header>', re.DOTALL)
PAGER = re.compile(r'<turbo-frame id="messages_before_(\d+)" [^>]*loading="lazy"')
LIST = re.compile(r'<div id="messages_chat_\d+" class="messages".*?<div class="outbox"', re.DOTALL)
STANDING = re.compile(r'<i id="(member_\d+_chat_\d+)" [^>]*data-revision="(\d+)"[^>]*></i>')
CURSOR = re.compile(r'data-stream-url-value="[^"]*revision=(\d+)')
AFTER = re.compile(r"<!--after (\d+)-->$")
FRAME = re.compile(r'<turbo-frame id="messages_before_\d+" class="messages__older" target="_top">.*', re.DOTALL)


@dataclass(frozen=True)
class Article:
    """One message on a page. ``id`` is its element's."""

    id: str
    number: int
    revision: int
    html: str


def articles(html: str) -> list[Article]:
    return [Article(m[1], int(m[2]), int(m[3]), m[0]) for m in ARTICLE.finditer(html)]


def canonical(text: str) -> str:
    """As a browser's parser reads it: one kind of line end."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


class MessageList:
    """static/lib/message_list.js."""

    def __init__(self):
        self.shown: list[Article] = []
        self.removed: set[str] = set()
        self.homeless: dict[str, Article] | None = None
        self.older: int | None = None  # the message id in the pager at the top

    def begin(self, html: str) -> None:
        """The whole list, from a page or from a fragment."""
        self.shown, self.removed, self.homeless = articles(html), set(), None
        self.older = pager_in(html)

    def append(self, article: Article, cursor: int, live: bool, reset: bool = False) -> None:
        if article.id in self.removed:
            return
        if self.position(article.id) is not None:
            self.update(article, reset)
        elif live or article.revision > cursor:
            self.insert(article)

    def replace(self, article: Article, reset: bool = False) -> None:
        if article.id in self.removed:
            return
        if self.position(article.id) is not None:
            self.update(article, reset)
        elif self.homeless is not None:
            self.homeless[article.id] = newer(article, self.homeless.get(article.id))

    def remove(self, id: str) -> None:
        self.removed.add(id)
        self.shown = [article for article in self.shown if article.id != id]

    def prepend(self, loaded: list[Article], cursor: int) -> None:
        for article in reversed(loaded):
            self.append(newer(article, (self.homeless or {}).get(article.id)), cursor, live=True)

    def update(self, article: Article, reset: bool) -> None:
        position = self.position(article.id)
        if reset or article.revision > self.shown[position].revision:
            self.shown[position] = article

    def insert(self, article: Article) -> None:
        place = len(self.shown)
        while place > 0 and self.shown[place - 1].number > article.number:
            place -= 1
        self.shown.insert(place, article)

    def position(self, id: str) -> int | None:
        return next((i for i, article in enumerate(self.shown) if article.id == id), None)


def newer(article: Article, other: Article | None) -> Article:
    return other if other is not None and other.revision > article.revision else article


def pager_in(html: str) -> int | None:
    found = PAGER.search(html)
    return int(found[1]) if found else None


class Page:
    """The page of one chat, as ``door`` lets somebody see it. Load it, then ``apply`` or ``deliver`` to it."""

    def __init__(self, door: Door, chat: int):
        self.door, self.chat = door, chat
        self.list = MessageList()
        self.header, self.header_revision = "", 0
        self.standing_id, self.standing, self.standing_revision = "", "", 0
        self.cursor = 0
        self.lock = threading.RLock()
        self.figures: Counter[str] = Counter()

    def load(self, **headers: str) -> "Page":
        """Raises LookupError for a page that can't be had."""
        status, html = self.door.get(f"/chats/{self.chat}", **headers)
        if status != 200:
            raise LookupError(f"/chats/{self.chat} answered {status}")
        with self.lock:
            self.cursor = int(CURSOR.search(html)[1])
            self.list.begin(canonical(LIST.search(html)[0]))
            self.show_header(canonical(html), reset=True)
            self.standing_id = STANDING.search(canonical(html))[1]
            self.show_standing(canonical(html), reset=True)
        return self

    def deliver(self, event: Event) -> bool:
        """static/turbo/live.js and region.js: an unnamed event of the stream. False for one that does not fit."""
        with self.lock:
            after = AFTER.search(event.data)
            if after and not self.reached(int(after[1])):
                return False
            last = int(event.last_id or self.cursor)
            older = last < self.cursor
            if after and older:
                return True
            reset = older and event.data.endswith("<!--full-->")
            self.figures["resets"] += reset
            self.apply(event.data, live=True, reset=reset)
            if reset or not older:
                self.cursor = last
            return True

    def reached(self, revision: int) -> bool:
        """Whether the page shows everything up to ``revision``."""
        return revision <= self.cursor

    def apply(self, html: str, live: bool, reset: bool = False) -> None:
        """Stream elements, of the page's own stream (``live``) or in an answer to one of its requests."""
        with self.lock:
            for action, target, content in STREAM.findall(canonical(html)):
                self.render(action, target, content, live, reset)

    def render(self, action: str, target: str, content: str, live: bool, reset: bool) -> None:
        if target == f"messages_chat_{self.chat}":
            if action != "append":
                self.figures["full_lists"] += 1
                return self.list.begin(content)
            for article in articles(content):
                self.list.append(article, self.cursor, live, reset)
        elif action == "remove":
            self.list.remove(target)
        elif found := articles(content):
            self.list.replace(found[0], reset)
        elif target == self.standing_id:
            self.show_standing(content, reset)
        else:
            self.show_header(content, reset)

    def show_header(self, html: str, reset: bool) -> None:
        found = HEADER.search(html)
        if found and (reset or int(found[2]) > self.header_revision):
            self.header, self.header_revision = found[0], int(found[2])

    def show_standing(self, html: str, reset: bool) -> None:
        """Whether the reader is a member."""
        found = STANDING.search(html)
        if reset or int(found[2]) > self.standing_revision:
            self.standing, self.standing_revision = found[0], int(found[2])

    def scroll_up(self) -> bool:
        """The reader comes to the top, and what is older loads. False when there is nothing, or it failed."""
        with self.lock:
            before = self.list.older
            if before is None:
                return False
            self.list.homeless = self.list.homeless or {}
        loaded = self.history(before)
        with self.lock:
            if loaded is not None and self.list.older == before and self.list.homeless is not None:
                self.list.prepend(articles(loaded), self.cursor)
                self.list.older = pager_in(loaded)
            self.list.homeless = None
        return loaded is not None

    def history(self, before: int) -> str | None:
        status, html = self.door.get(f"/chats/{self.chat}/messages?before={before}", **{"Turbo-Frame": "history"})
        return canonical(FRAME.search(html)[0]) if status == 200 else None

    def everything(self) -> tuple[str, list[Article]]:
        """The header, and all messages: as if the reader had scrolled to the very top, on a copy of the page."""
        with self.lock:
            header, copy, before = self.header + self.standing, MessageList(), self.list.older
            copy.shown, copy.removed = list(self.list.shown), self.list.removed
        while before is not None:
            if (loaded := self.history(before)) is None:
                raise LookupError(f"the messages before {before} could not be had")
            copy.prepend(articles(loaded), self.cursor)
            before = pager_in(loaded)
        return header, copy.shown


def differences(live: Page, fresh: Page) -> list[str]:
    """How ``live`` differs from ``fresh``, in lines for people; empty when they show the same."""
    (header, shown), (fresh_header, expected) = live.everything(), fresh.everything()
    found = [] if header == fresh_header else [f"header:\n  live  {header}\n  fresh {fresh_header}"]
    by_id, wanted = {a.id: a for a in shown}, {a.id: a for a in expected}
    found += [f"missing: {id}" for id in wanted if id not in by_id]
    found += [f"too many: {id}" for id in by_id if id not in wanted]
    found += [f"{id}:\n  live  {a.html}\n  fresh {wanted[id].html}" for id, a in by_id.items()
              if id in wanted and a.html != wanted[id].html]  # fmt: skip
    if not found and [a.id for a in shown] != [a.id for a in expected]:
        found = [f"order: live {[a.number for a in shown]}, fresh {[a.number for a in expected]}"]
    return found
