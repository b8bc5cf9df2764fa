"""Two thousand streams break at once, half of them have missed something, and all come back within half a second.

That is when pages come back whose stream had worked (static/turbo/connection.js). Each belongs to somebody else.
Meanwhile somebody opens ten pages a second.

python bench/thundering_herd.py [--postgres] [--streams=2000] [--rounds=3]
"""

import heapq
import random
import resource
import select
import socket
import subprocess
import sys
import time
from contextlib import suppress
from itertools import count
from statistics import quantiles
from urllib.parse import urlsplit

import psutil
from support import figures, product, verdict

from tests.delivery.http import Door
from tests.delivery.page import Page
from tests.servers import PROJECT, environ_of

#: Seconds over which those come back who were dropped; until a page takes a silent stream for a network that holds
#: streams back; and after which this gives up.
SPREAD, FIRST_BEAT, LIMIT = 0.5, 5.0, 150.0
MANY = {"STREAM_RETRY_MS": "2000", "STREAMS_PER_PROCESS": "12000", "STREAMS_PER_USER": "20"}
MISSED = "Missed by one half"


def option(name: str, default: int) -> int:
    return int(next((text.partition("=")[2] for text in sys.argv if text.startswith(f"--{name}=")), default))


class Reader:
    """One page: what it asks for, and when it heard the first beat, and what it had missed."""

    __slots__ = ("request", "socket", "connected", "tail", "asked", "beat", "said")

    def __init__(self, chat: int, cookie: str):
        self.request = f"GET /chats/{chat}/stream?revision=%d HTTP/1.1\r\nHost: x\r\nCookie: {cookie}\r\n\r\n"
        self.socket = None


class Herd:
    """All readers in one loop."""

    def __init__(self, url: str, chats: list[int], cookies: list[str]):
        parts = urlsplit(url)
        self.address = (parts.hostname, parts.port)
        self.readers = [Reader(chats[number % 2], cookie) for number, cookie in enumerate(cookies)]
        self.poll, self.numbers = select.epoll(), count()
        self.open: dict[int, Reader] = {}
        self.again = 0

    def drop(self) -> None:
        for reader in self.readers:
            if reader.socket is not None:
                reader.socket.close()
                reader.socket = None
        self.open.clear()

    def come(self, cursors: list[int], behind: bool) -> None:
        """Have all come, the first half of two ``behind``. Returns when all have what they came for."""
        began = time.monotonic()
        due = [(began + random.uniform(0, SPREAD), next(self.numbers), reader) for reader in self.readers]
        heapq.heapify(due)
        self.cursors = {reader: cursors[number % 2] for number, reader in enumerate(self.readers)}
        for number, reader in enumerate(self.readers):
            reader.beat, reader.said = None, None if behind and number % 2 == 0 else began
            reader.asked = None
        waiting = set(self.readers)
        while waiting and time.monotonic() < began + LIMIT:
            for _ in range(20):
                if not due or due[0][0] > time.monotonic():
                    break
                self.ask(heapq.heappop(due)[2])
            for number, _ in self.poll.poll(0.01, 500):
                reader = self.open.get(number)
                if reader is None or self.hear(reader):
                    if reader and reader.beat and reader.said:
                        waiting.discard(reader)
                else:
                    self.leave(reader)
                    heapq.heappush(due, (time.monotonic() + random.uniform(1, 3), next(self.numbers), reader))
        self.left = len(waiting)

    def ask(self, reader: Reader) -> None:
        reader.socket, reader.connected, reader.tail = socket.socket(), False, b""
        reader.socket.setblocking(False)
        with suppress(BlockingIOError):
            reader.socket.connect(self.address)
        reader.asked = reader.asked or time.monotonic()
        self.open[reader.socket.fileno()] = reader
        self.poll.register(reader.socket, select.EPOLLOUT)

    def leave(self, reader: Reader) -> None:
        self.again += 1
        self.open.pop(reader.socket.fileno(), None)
        reader.socket.close()

    def hear(self, reader: Reader) -> bool:
        """False where it has to come again."""
        try:
            if not reader.connected:
                reader.connected = True
                reader.socket.sendall((reader.request % self.cursors[reader]).encode())
                self.poll.modify(reader.socket, select.EPOLLIN)
                return True
            data = reader.socket.recv(2**18)
        except OSError:
            return False
        heard, reader.tail = reader.tail + data, data[-40:]
        if reader.beat is None and b"event: beat" in heard:
            reader.beat = time.monotonic()
        if reader.said is None and MISSED.encode() in heard:
            reader.said = time.monotonic()
        return bool(data)


def pages_meanwhile(door: Door, path: str):
    """Have a page opened again and again. Returns the function that ends it, and says how long each took."""
    command = [sys.executable, "-m", "bench.herd_pages", door.url, door.cookie, path]
    process = subprocess.Popen(command, cwd=PROJECT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    process.stdout.readline()  # it has begun
    return lambda: sorted(map(float, process.communicate()[0].split()))


def main() -> None:
    streams, rounds = option("streams", 2000), option("rounds", 3)
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    with product(1, **MANY) as (world, (web,)):
        email, door = world.email("Ada"), world.door("Ada").at(web.url)
        chats = [world.direct.start_chat(email=email, members=[], kind="open", assistant="never") for _ in range(2)]
        herd = Herd(web.url, chats, cookies_of(streams, world.environ))
        herd.come([Page(door, chat).load().cursor for chat in chats], behind=False)
        print(f"{streams - herd.left} streams", flush=True)
        held = [one_round(world, web, herd, chats, door) for _ in range(rounds)]
    verdict(**{name: all(one[name] for one in held) for name in held[0]})


def cookies_of(people: int, environ: dict[str, str]) -> list[str]:
    command = [sys.executable, "-m", "bench.herd_people", str(people)]
    made = subprocess.run(command, cwd=PROJECT, env=environ_of(environ), stdout=subprocess.PIPE, text=True, check=True)
    return [line for line in made.stdout.splitlines() if line.startswith("plainwire=")]


def one_round(world, web, herd: Herd, chats: list[int], door: Door) -> dict[str, bool]:
    (process,) = psutil.Process(web.process.pid).children()
    cursors = [Page(door, chat).load().cursor for chat in chats]
    before, used = figures(web), process.cpu_times()
    end_pages = pages_meanwhile(door, f"/chats/{chats[1]}")
    began, herd.again = time.monotonic(), 0
    herd.drop()
    world.direct.post(chat=chats[0], email=world.email("Ada"), content=MISSED)
    herd.come(cursors, behind=True)
    took = time.monotonic() - began
    pages = end_pages()
    cpu = sum(process.cpu_times()[:2]) - sum(used[:2])
    asked = (figures(web) - before)["catch_ups"]
    back = sorted(reader.beat - began for reader in herd.readers if reader.beat)
    late = sum(reader.beat is None or reader.beat - reader.asked > FIRST_BEAT for reader in herd.readers)
    p95 = quantiles(pages, n=20)[-1]
    print(f"  first beat {back[len(back) // 2]:.1f} s (half), {back[-1]:.1f} s (all); caught up {took:.1f} s (all),")
    each, half = 1000 * cpu / len(herd.readers), pages[len(pages) // 2]
    print(f"    {each:.2f} ms of CPU each, {asked} catch-up queries, {herd.again} came again,")
    print(f"    {len(pages)} pages: {1000 * half:.0f} ms (half), {1000 * p95:.0f} ms (95 of 100)", flush=True)
    return dict(
        all_caught_up_within_10_s=took < 10 and not herd.left,
        pages_within_half_a_second=p95 < 0.5,
        nobody_took_the_line_for_a_network_that_holds_streams_back=not late,
        one_query_at_most_for_each_that_missed_something_and_none_for_others=asked <= len(herd.readers) // 2,
    )


if __name__ == "__main__":
    main()
