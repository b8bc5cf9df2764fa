"""A chat's page without a browser: what a browser shows after the same HTML and the same events.

The rules are those of live.js, region.js and render.js in static/turbo, and of static/lib/message_list.js, kept under
the same names: a mistake found here is one that people would see. Articles are compared by their whole HTML, character
by character. message_list.py has the messages, chat_list.py the list of chats.
"""

import re
import threading
from collections import Counter

from .chat_list import ChatList, list_differences
from .faces import faces
from .http import Door, Event
from .message_list import QUOTE, Article, MessageList, articles
from .wire import STREAM, Region, mark_of, positions

HEADER = re.compile(r'<header id="(header_chat_\d+)" [^>]*data-revision="(\d+)".*?</header>', re.DOTALL)
LIST = re.compile(r'<div id="messages_chat_\d+" class="messages".*?<div class="outbox"', re.DOTALL)
STANDING = re.compile(r'<i id="(member_\d+_chat_\d+)" [^>]*data-revision="(\d+)"[^>]*></i>')
CURSOR = re.compile(r'data-stream-url-value="[^"]*revision=(\d+)')
ADDRESS = re.compile(r'<meta name="stream-address" content="([^"]+)">')
FRAME = re.compile(r'<turbo-frame id="messages_(before|after)_\d+" class="\w+" target="_top">.*', re.DOTALL)


def canonical(text: str) -> str:
    """As a browser's parser reads it: one kind of line end."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


class Withheld(LookupError):
    """This reader may not see the chat."""


class Page(Region):
    """The page of one chat, as ``door`` lets somebody see it. Load it, then ``apply`` or ``deliver`` to it.

    It has two regions, itself and its list of chats. One that is ``alone`` is the chat only, as a bot reads it.
    """

    def __init__(self, door: Door, chat: int, alone: bool = False, around: int | None = None):
        self.door, self.chat, self.alone = door, chat, alone
        self.around = around  # the message that a link leads to
        self.name: str | None = None
        self.list = MessageList()
        self.header, self.header_revision = "", 0
        self.standing_id, self.standing, self.standing_revision = "", "", 0
        self.cursor = 0
        self.chats: ChatList | None = None
        self.regions: list[Region] = [self]
        self.lock = threading.RLock()
        self.figures: Counter[str] = Counter()

    def load(self, **headers: str) -> "Page":
        """Raises LookupError for a page that can't be had, and Withheld for one that this reader may not see."""
        around, self.around = self.around, None  # a second try, after a deletion perhaps, opens it at the end
        html = self.fetch(f"/chats/{self.chat}{f'?around={around}' if around else ''}", **headers)
        with self.lock:
            self.cursor = int(CURSOR.search(html)[1])
            self.list.begin(LIST.search(html)[0])
            self.show_header(html, reset=True)
            self.standing_id = STANDING.search(html)[1]
            self.show_standing(html, reset=True)
            if not self.alone:
                self.share(html)
        return self

    def share(self, html: str) -> None:
        """One address for all regions; see static/turbo/address.js."""
        self.common, self.name = ADDRESS.search(html)[1], f"chat:{self.chat}"
        self.chats = ChatList(html)
        self.regions = [self, self.chats]

    def look(self) -> "Page":
        """``load``, also for somebody who may see the list only."""
        try:
            return self.load()
        except Withheld:
            self.chats = ChatList(self.fetch("/"))
            self.regions = [self.chats]
            return self

    def fetch(self, path: str, **headers: str) -> str:
        status, html = self.door.get(path, **headers)
        if status != 200:
            raise (Withheld if status == 404 else LookupError)(f"{path} answered {status}")
        return canonical(html)

    @property
    def is_withheld(self) -> bool:
        """Whether it is without the chat."""
        return self not in self.regions

    def deliver(self, event: Event) -> bool:
        """static/turbo/live.js: an unnamed event of the stream. False where something before or after it is missing."""
        with self.lock:
            mark = mark_of(event.data)
            if mark is None:
                self.apply(event.data, live=True)
                return True
            region = self.region_of(mark.name)
            if region is None:
                return True
            position = positions(event.last_id).get(mark.name, region.cursor)
            return region.receive(canonical(event.data), mark, position) and self.has_all(event.last_id)

    def has_all(self, text: str) -> bool:
        """Whether each region shows everything up to its position in ``text``."""
        with self.lock:
            found = [(self.region_of(name), position) for name, position in positions(text).items()]
            return all(region is None or region.reached(position) for region, position in found)

    def region_of(self, name: str | None) -> Region | None:
        return next((region for region in self.regions if region.name == name), None)

    def withdraw(self, name: str) -> None:
        """The last region stays, as in live.js."""
        with self.lock:
            if (region := self.region_of(name)) and len(self.regions) > 1:
                self.regions.remove(region)

    def take(self, html: str, reset: bool) -> bool:
        self.figures["resets"] += reset
        return self.apply(html, live=True, reset=reset)

    def apply(self, html: str, live: bool, reset: bool = False) -> bool:
        """Stream elements, of the page's own stream (``live``) or in an answer to one of its requests."""
        complete = True
        with self.lock:
            for action, target, growth, content in STREAM.findall(canonical(html)):
                if action == "grow":
                    self.figures["growths"] += 1
                    complete = self.list.grow(target, growth, content) and complete
                else:
                    self.render(action, target, content, live, reset)
        self.figures["growths missed"] += not complete
        return complete

    def render(self, action: str, target: str, content: str, live: bool, reset: bool) -> None:
        if target == f"messages_chat_{self.chat}":
            if action != "append":
                self.figures["full_lists"] += 1
                return self.list.begin(content)
            for article in articles(content):
                self.list.append(article, self.cursor, live, reset)
        elif target == f"faces_chat_{self.chat}":
            self.take_faces(content if action == "append" else "")
        elif target.startswith(".quote"):
            self.list.requote(QUOTE.search(content))
        elif action == "remove":
            self.list.remove(target)
        elif found := articles(content):
            self.list.replace(found[0], reset)
        elif target == self.standing_id:
            self.show_standing(content, reset)
        else:
            self.show_header(content, reset)

    def take_faces(self, html: str) -> None:
        """Those in ``html``; without any, the page forgets what it knew."""
        found = faces(html)
        for face in found:
            self.list.show_face(face)
        if not found:
            self.list.faces.clear()

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
        loaded = self.history("before", before)
        with self.lock:
            if loaded is not None and self.list.older == before and self.list.homeless is not None:
                self.list.precede(loaded, self.cursor)
            self.list.homeless = None
        return loaded is not None

    def scroll_down(self) -> bool:
        """The reader comes to the end of a page that ends early, and what follows loads. Otherwise as `scroll_up`."""
        with self.lock:
            gap = self.list.gap
            if gap is None:
                return False
            self.list.homeless = self.list.homeless or {}
        loaded = self.history("after", gap)
        with self.lock:
            if loaded is not None and self.list.gap == gap and self.list.homeless is not None:
                self.list.follow(loaded, self.cursor)
                self.figures["gaps_filled"] += 1
            self.list.homeless = None
        return loaded is not None

    def history(self, side: str, id: int) -> str | None:
        """What is ``before`` or ``after`` a message."""
        status, html = self.door.get(f"/chats/{self.chat}/messages?{side}={id}", **{"Turbo-Frame": "history"})
        return canonical(FRAME.search(html)[0]) if status == 200 else None

    def everything(self) -> tuple[str, list[Article]]:
        """The header, and all messages: as if the reader had scrolled to both ends, on a copy of the page."""
        with self.lock:
            header, copy = self.header + self.standing, MessageList()
            copy.shown, copy.removed = list(self.list.shown), self.list.removed
            copy.older, copy.gap = self.list.older, self.list.gap
        while copy.older is not None:
            copy.precede(self.certain_history("before", copy.older), self.cursor)
        while copy.gap is not None:
            copy.follow(self.certain_history("after", copy.gap), self.cursor)
        return header, copy.shown

    def certain_history(self, side: str, id: int) -> str:
        if (loaded := self.history(side, id)) is None:
            raise LookupError(f"the messages {side} {id} could not be had")
        return loaded


def differences(live: Page, fresh: Page) -> list[str]:
    """How ``live`` differs from ``fresh``, in lines for people; empty when they show the same."""
    with live.lock:
        in_list = list_differences(live.chats, fresh.chats) if live.chats and fresh.chats else []
    if live.is_withheld or fresh.is_withheld:
        return in_list + ([] if live.is_withheld and fresh.is_withheld else [who_sees_the_chat(fresh)])
    return in_list + chat_differences(live, fresh)


def who_sees_the_chat(fresh: Page) -> str:
    return "the chat is still there" if fresh.is_withheld else "the chat has not come back"


def chat_differences(live: Page, fresh: Page) -> list[str]:
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
