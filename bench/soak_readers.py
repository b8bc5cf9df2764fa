"""Thousands of readers in one loop, each of whom notes every message and comes back by itself when it is cut off.

They follow the rules of a page (tests/delivery/wire.py): each knows its position, asks for what follows it when it
comes back, and leaves a stream that tells of something missing. bench/soak.py starts them, each crowd in a process.
"""

import heapq
import itertools
import random
import re
import resource
import select
import socket
import time
from collections import Counter
from contextlib import suppress
from functools import lru_cache
from multiprocessing.connection import Connection
from typing import NamedTuple

from tests.delivery.wire import Mark, mark_of, positions

#: The id of a message, and the number that stands in its text.
MESSAGE = re.compile(r'<article id="message_(\d+)".*?~(\d+)~', re.DOTALL)
OPENINGS_EACH_TURN = 20
#: Seconds in which nothing has to come before a reader gives a stream up; heartbeats come every 15 s.
SILENCE = 40.0
RETRY = 2.0  # seconds; as an EventSource that was told so, spread as the pages spread it

ids: dict[int, int] = {}  # of the messages, by their numbers


class Heard(NamedTuple):
    """One event: its mark, its position, what the server says it stands at, and the ids and numbers of its messages."""

    mark: Mark | None
    position: int
    stands_at: int
    messages: tuple[tuple[int, int], ...]


@lru_cache(maxsize=4096)
def heard(block: bytes) -> Heard:
    """Readers of one chat get the same bytes, which are taken apart once."""
    fields: dict[str, list[str]] = {"data": [], "event": [""], "id": [""]}
    for line in block.decode().split("\n"):
        name, _, value = line.partition(":")
        fields.setdefault(name, []).append(value.removeprefix(" "))
    data, id, name = "\n".join(fields["data"]), fields["id"][-1], fields["event"][-1]
    stands_at = positions(data if name == "revision" else id).get(None, 0)
    mark = None if name else mark_of(data)
    messages = tuple((int(id), int(number)) for id, number in MESSAGE.findall(data)) if mark else ()
    return Heard(mark, positions(id).get(None, 0), stands_at, messages)


class Reader:
    """One page: its connection, its position, and how often each message came to it."""

    __slots__ = ("cursor", "came", "socket", "rest", "begun", "last", "address")

    def __init__(self, cursor: int, address: str):
        self.cursor, self.address, self.came = cursor, address, bytearray()
        self.socket: socket.socket | None = None
        self.rest, self.begun, self.last = b"", False, 0.0

    def take(self, data: bytes, figures: Counter[str]) -> bool:
        """Take bytes of the stream. False where the reader has to come back: something is missing."""
        if not self.begun:
            head, found, data = (self.rest + data).partition(b"\r\n\r\n")
            self.rest = b"" if found else head
            if not found:
                return True
            self.begun = head.partition(b" ")[2].startswith(b"200")
            figures["refused"] += not self.begun
            if not self.begun:
                return False
        *blocks, self.rest = (self.rest + data).split(b"\n\n")
        return all(self.hear(heard(block), figures) for block in blocks)

    def hear(self, event: Heard, figures: Counter[str]) -> bool:
        if event.mark and not event.mark.full and event.mark.after > self.cursor:
            figures["gaps"] += 1
            return False
        for id, number in event.messages:
            self.came += bytes(max(0, number + 1 - len(self.came)))
            # A page knows its messages by their ids, so one that comes again does not show twice.
            figures["again"] += bool(self.came[number]) and not event.mark.full
            figures["doubled"] += ids.setdefault(number, id) != id
            figures["deliveries"] += 1
            self.came[number] = 1
        if event.mark:
            self.cursor = max(event.position, self.cursor)
            if event.mark.full and event.messages:
                self.begin_anew(min(number for _, number in event.messages), figures)
        return event.stands_at <= self.cursor

    def begin_anew(self, first: int, figures: Counter[str]) -> None:
        """The reader missed more than a catch-up holds, and got the newest page in place of the list. Messages before
        its ``first`` one count as come: they are history, which a page fetches once somebody reads back."""
        figures["anew"] += 1
        self.came[:first] = b"\1" * first


class Crowd:
    """Readers of one chat, from several addresses, because one has only some 28,000 ports."""

    def __init__(self, address: tuple[str, int], request: str, cursor: int, readers: int, sources: list[str]):
        self.address, self.request, self.figures = address, request, Counter()
        self.readers = [Reader(cursor, source) for source, _ in zip(itertools.cycle(sources), range(readers))]
        self.open: dict[int, Reader] = {}
        self.poll = select.epoll()
        self.due = [(0.0, number, reader) for number, reader in enumerate(self.readers)]
        self.numbers = itertools.count(readers)  # so that two readers due at one moment have an order

    def serve(self, orders: Connection) -> None:
        """Read until told to end. ``cut`` breaks a part of the connections, ``report`` asks for what came."""
        checked = time.monotonic()
        while True:
            while orders.poll():
                order, *arguments = orders.recv()
                if order == "end":
                    return
                orders.send(getattr(self, order)(*arguments))
            self.open_due()
            self.read(0.02)
            if time.monotonic() > checked + 5:
                self.leave_the_silent()
                checked = time.monotonic()

    def open_due(self) -> None:
        for _ in range(OPENINGS_EACH_TURN):
            if not self.due or self.due[0][0] > time.monotonic():
                return
            reader = heapq.heappop(self.due)[2]
            try:
                self.connect(reader)
            except OSError:
                self.figures["refused"] += 1
                self.come_back(reader)

    def connect(self, reader: Reader) -> None:
        reader.socket = socket.socket()
        reader.socket.settimeout(10)
        reader.socket.bind((reader.address, 0))
        reader.socket.connect(self.address)
        reader.socket.sendall(self.request.format(cursor=reader.cursor).encode())
        reader.socket.setblocking(False)
        reader.rest, reader.begun, reader.last = b"", False, time.monotonic()
        self.open[reader.socket.fileno()] = reader
        self.poll.register(reader.socket, select.EPOLLIN)

    def read(self, timeout: float) -> None:
        for number, _ in self.poll.poll(timeout, 1000):
            reader = self.open[number]
            data = b""
            with suppress(OSError):
                data = reader.socket.recv(2**18)
            reader.last = time.monotonic()
            if not data or not reader.take(data, self.figures):
                self.come_back(reader)

    def come_back(self, reader: Reader) -> None:
        if reader.socket is not None:
            self.open.pop(reader.socket.fileno(), None)
            reader.socket.close()  # which takes it out of the poll
            reader.socket = None
        reader.begun = False
        due = time.monotonic() + RETRY * random.uniform(0.5, 1.5)
        heapq.heappush(self.due, (due, next(self.numbers), reader))

    def leave_the_silent(self) -> None:
        late = time.monotonic() - SILENCE
        for reader in [reader for reader in self.open.values() if reader.last < late]:
            self.figures["silent"] += 1
            self.come_back(reader)

    def cut(self, share: float) -> int:
        chosen = random.sample(list(self.open.values()), int(share * len(self.open)))
        for reader in chosen:
            self.come_back(reader)
        return len(chosen)

    def report(self, messages: int) -> dict:
        """What came, and how many of the first ``messages`` messages are missing in all."""
        missing = sum(messages - sum(reader.came[:messages]) for reader in self.readers)
        connected = sum(reader.begun for reader in self.readers)
        return dict(self.figures) | {"missing": missing, "open": connected}


def run(orders: Connection, *arguments) -> None:
    """The body of a process."""
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    Crowd(*arguments).serve(orders)
