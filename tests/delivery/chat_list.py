"""The list of chats beside a page, without a browser: list_region.js and render.js in static/turbo, and the page's own
chat_list_controller.js and unread.js.

Heads and marks are compared by their whole HTML. The order, what is hidden and what is unread follow from them on a
live page, and come from the server on a fresh one.
"""

import re
from dataclasses import dataclass, replace

from .wire import STREAM, Region

STEP = 2**28  # one change of the list itself weighs more than all heads together
COUNTED = 50  # messages of which a head tells

LIST = re.compile(r'<ul id="(chats_user_(\d+))" [^>]*data-lists data-revision="(\d+)"[^>]*>.*?</ul>', re.DOTALL)
LINE = re.compile(r'<li id="listed_chat_(\d+)"[^>]*?( hidden)?>.*?</li>', re.DOTALL)
HEAD = re.compile(
    r'<a id="head_chat_(\d+)" [^>]*data-revision="(\d+)" data-newest="([\d: ]*)"( data-archived)?[^>]*>.*?</a>',
    re.DOTALL,
)
READ = re.compile(
    r'<i id="read_chat_(\d+)" data-revision="(\d+)" data-read-id="(\d+)" data-mentioned-id="(\d+)"'
    r'( data-favourite)?( data-muted)?(?: data-bookmarks="[\d ]+")? hidden></i>'
)
FOR_ALL = re.compile(r' data-for-all="(\d+):(\d+)"')
LOOKED = re.compile(r' data-looked-id="(\d+)"')
DOT = re.compile(r'title="Mentions"( data-new)?>')
UNREAD = re.compile(r'<span id="unread_chat_\d+"[^>]*>(?:(\d+\+?)<span class="visually-hidden"> unread</span>)?</span>')
PROFILE = re.compile(r'<a id="profile_user_\d+" .*?</a>', re.DOTALL)
DIRECT = " data-direct"
CURRENT = ' aria-current="page"'  # the open chat; the page's own part of a head


@dataclass(frozen=True)
class Line:
    """One chat of the list, as people see it."""

    chat: int
    hidden: bool
    head: str
    read: str
    unread: str
    mentioned: bool


@dataclass(frozen=True)
class Entry:
    """One chat of the list, as the page keeps it."""

    head: re.Match
    read: re.Match

    @property
    def revision(self) -> int:
        return int(self.head[2])

    @property
    def newest(self) -> list[tuple[int, int]]:
        """The author and the id of each of the newest messages, the last one first."""
        return [tuple(map(int, pair.split(":"))) for pair in self.head[3].split()]

    @property
    def place(self) -> tuple[bool, int, int]:
        """The higher one is above the lower one."""
        return bool(self.read[5]), (self.newest[0][1] if self.newest else 0), int(self.head[1])

    @property
    def read_id(self) -> int:
        return int(self.read[3])

    def is_pressing(self, reader: int) -> bool:
        """An unread direct chat, which stands above everything else."""
        later = unread_of(self.newest, reader, self.read_id)
        return DIRECT in self.head[0] and bool(later)

    def line(self, reader: int) -> Line:
        unread = unread_of(self.newest, reader, self.read_id)
        mentioned = self.mention(reader) > self.read_id
        return Line(int(self.head[1]), bool(self.head[4]), plain(self.head), self.read[0], unread, mentioned)

    def mention(self, reader: int) -> int:
        """static/lib/unread.js: the newest message that mentions the reader."""
        to_all = FOR_ALL.search(self.head[0])
        return max(int(self.read[4]), int(to_all[2]) if to_all and int(to_all[1]) != reader else 0)


def plain(head: re.Match) -> str:
    return head[0].replace(CURRENT, "")


def unread_of(newest: list[tuple[int, int]], reader: int, read_id: int) -> str:
    """static/lib/unread.js. One's own messages never count; where all that the head tells of are later, more may be."""
    later = [author for author, id in newest if id > read_id]
    count = sum(author != reader for author in later)
    return f"{count}{'+' if len(later) >= COUNTED else ''}" if count else ""


class ChatList(Region):
    """The list in ``html``, and what becomes of it."""

    def __init__(self, html: str):
        self.entries: dict[int, Entry] = {}
        self.begin(html)
        self.name = f"user:{self.reader}"

    def begin(self, html: str) -> None:
        """The whole list, from a page or from a fragment."""
        found = LIST.search(html)
        self.id, self.reader, self.revision = found[1], int(found[2]), int(found[3])
        self.entries, self.as_it_came = {}, []
        self.looked_id = int(LOOKED.search(found[0])[1])
        if dot := DOT.search(html):  # of a page, and not of a fragment
            self.dot_as_it_came = bool(dot[1])
        if profile := PROFILE.search(html):
            self.profile = profile[0]
        for item in LINE.finditer(found[0]):
            entry = Entry(HEAD.search(item[0]), READ.search(item[0]))
            self.entries[int(item[1])] = entry
            unread = UNREAD.search(item[0])[1] or ""
            mentioned = " data-mentioned" in item[0].partition(">")[0]
            line = Line(int(item[1]), bool(item[2]), plain(entry.head), entry.read[0], unread, mentioned)
            self.as_it_came.append(line)

    @property
    def cursor(self) -> int:
        """The sum of all that it shows: what did not arrive is missing in it."""
        return self.revision * STEP + sum(entry.revision for entry in self.entries.values())

    def lines(self) -> list[Line]:
        """What people see, by the page's own rules."""
        placed = {id: (entry.is_pressing(self.reader), *entry.place) for id, entry in self.entries.items()}
        ordered = [self.entries[id] for id in sorted(placed, key=placed.get, reverse=True)]
        return [entry.line(self.reader) for entry in ordered]

    @property
    def dot(self) -> bool:
        """Whether something mentions the reader that he has neither read nor looked at."""
        entries = self.entries.values()
        return any(entry.mention(self.reader) > max(entry.read_id, self.looked_id) for entry in entries)

    def starts_anew(self, position: int) -> bool:
        """The same list with other heads has no higher revision."""
        return True

    def move_to(self, position: int, full: bool) -> None:
        if not full:
            self.revision = position // STEP

    def take(self, html: str, reset: bool) -> bool:
        for _, target, _, content in STREAM.findall(html):
            if target == self.id:
                if reset or int(LIST.search(content)[3]) > self.revision:
                    self.begin(content)
            elif found := PROFILE.search(content):
                self.profile = found[0]
            elif found := HEAD.search(content):
                self._show(found, "head", reset)
            elif found := READ.search(content):
                self._show(found, "read", reset)
        return True

    def _show(self, found: re.Match, part: str, reset: bool) -> None:
        """Nothing becomes older, and what is not in the list stays out of it."""
        entry = self.entries.get(int(found[1]))
        if entry and (reset or int(found[2]) > int(getattr(entry, part)[2])):
            self.entries[int(found[1])] = replace(entry, **{part: found})


def list_differences(live: ChatList, fresh: ChatList) -> list[str]:
    """How a live list differs from what a reload shows."""
    shown, expected = live.lines(), fresh.as_it_came
    by_chat, wanted = {line.chat: line for line in shown}, {line.chat: line for line in expected}
    found = [f"missing in the list: chat {chat}" for chat in wanted if chat not in by_chat]
    found += [f"too many in the list: chat {chat}" for chat in by_chat if chat not in wanted]
    found += [f"in the list, chat {chat}:\n  live  {line}\n  fresh {wanted[chat]}" for chat, line in by_chat.items()
              if chat in wanted and line != wanted[chat]]  # fmt: skip
    if not found and shown != expected:
        found = [f"order: live {list(by_chat)}, fresh {list(wanted)}"]
    if not found and (live.dot, live.looked_id) != (fresh.dot_as_it_came, fresh.looked_id):
        found = [f"mentions: live {live.dot, live.looked_id}, fresh {fresh.dot_as_it_came, fresh.looked_id}"]
    if not found and live.profile != fresh.profile:
        found = [f"oneself: live {live.profile}, fresh {fresh.profile}"]
    if not found and live.cursor != fresh.cursor:
        found = [f"the list stands at {live.cursor} and not at {fresh.cursor}"]
    return found


def untrue(fresh: ChatList, truth: list[dict]) -> list[str]:
    """How what a reload shows differs from what follows from the rows; see ``list_of`` in direct.py."""
    shown = [
        {"chat": line.chat, "head": line.head, "unread": line.unread, "mentioned": line.mentioned}
        for line in fresh.as_it_came
    ]
    if shown == truth:
        return []
    wrong = [f"  shown {line}\n  rows  {true}" for line, true in zip(shown, truth, strict=False) if line != true]
    return ["\n".join([f"a reload of the list shows {len(shown)} chats of {len(truth)}:", *wrong])]
