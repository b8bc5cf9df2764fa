"""The list of chats on many pages at once: what a message costs the server, and how soon it shows.

First one chat with a thousand members, who all have their list open; then two hundred chats in one list, with fifty
messages a second spread over them. No page asks for anything but its one stream.

python bench/live_list.py [--postgres] [--members=200]
"""

import os
import re
import resource
import selectors
import socket
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

from support import every, figures, product, verdict, wait_until

from tests.browserless import Person

MEMBERS = next((int(option.partition("=")[2]) for option in sys.argv if option.startswith("--members=")), 1000)
CHATS, RATE, SECONDS, MESSAGES, PAGES = 200, 50, 10, 20, 20
SAID = re.compile(rb"Said (\d+)\.")
TICKS = os.sysconf("SC_CLK_TCK")


class Lists:
    """Reads the lists of ``people``, each by one connection. Notes when each message first showed in each of them."""

    def __init__(self, url: str, people: list[Person]):
        self.selector = selectors.DefaultSelector()
        self.seen: list[dict[int, float]] = []
        self.events = self.bytes = 0
        self._stop = threading.Event()
        for person in people:
            self._open(url, person)
        threading.Thread(target=self._read, daemon=True).start()

    def _open(self, url: str, person: Person) -> None:
        parts = urlsplit(url)
        user = re.search(r'name="current-user-id" content="(\d+)"', person.http.get("/").text)[1]
        cookie = "; ".join(f"{key}={value}" for key, value in person.http.cookies.items())
        page = socket.create_connection((parts.hostname, parts.port))
        page.sendall(f"GET /stream?user:{user}=0 HTTP/1.1\r\nHost: {parts.netloc}\r\nCookie: {cookie}\r\n\r\n".encode())
        self.seen.append({})
        self.selector.register(page, selectors.EVENT_READ, self.seen[-1])

    def _read(self) -> None:
        while not self._stop.is_set():
            for key, _ in self.selector.select(1):
                piece = key.fileobj.recv(1 << 18)
                self.bytes += len(piece)
                self.events += piece.count(b"\ndata: <turbo-stream")
                for number in SAID.findall(piece):
                    key.data.setdefault(int(number), time.monotonic())

    def all_show(self, number: int) -> bool:
        return all(number in seen for seen in self.seen)

    def close(self) -> None:
        self._stop.set()
        for key in list(self.selector.get_map().values()):
            key.fileobj.close()


def cpu_of(web) -> float:
    """Seconds of CPU that a server and its children have used."""
    pid = web.process.pid
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    used = (Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split() for one in [pid, *children])
    return sum(int(fields[11]) + int(fields[12]) for fields in used) / TICKS


def quantiles(values: list[float]) -> str:
    ordered = sorted(values)
    return f"{ordered[len(ordered) // 2] * 1000:.0f} ms (half), {ordered[-1] * 1000:.0f} ms (last)"


def a_large_chat(world, web, people: list[Person]) -> bool:
    email = people[0].email
    chat = world.direct.start_chat(email=email, members=[person.email for person in people[1:]])
    lists = Lists(web.url, people)
    world.direct.post(chat=chat, email=email, content="Said 0.")
    wait_until(lambda: lists.all_show(0), 120, "all lists")
    asked, used, bytes_before = figures(web)["catch_ups"], cpu_of(web), lists.bytes
    sent = []
    for number in range(1, MESSAGES + 1):
        sent.append(time.monotonic())
        world.direct.post(chat=chat, email=email, content=f"Said {number}.")
        wait_until(lambda number=number: lists.all_show(number), 60, "the message in all lists")
    cpu = (cpu_of(web) - used) / MESSAGES
    late = [max(seen[number] for seen in lists.seen) - sent[number - 1] for number in range(1, MESSAGES + 1)]
    each = (lists.bytes - bytes_before) / MESSAGES / len(people)
    print(f"{len(people)} members with their list open: {cpu * 1000:.0f} ms of CPU for a message,", end=" ")
    print(
        f"{cpu / len(people) * 1e6:.0f} µs and {each:.0f} bytes for each of them; in all lists after {quantiles(late)}"
    )
    asked = figures(web)["catch_ups"] - asked
    lists.close()
    return asked == 0


def a_long_list(world, web, people: list[Person]) -> tuple[bool, bool]:
    email, members = people[0].email, [person.email for person in people[1:]]
    chats = [world.direct.start_chat(email=email, members=members, title=f"Chat {n}") for n in range(CHATS)]
    lists = Lists(web.url, people)
    time_left = iter(range(RATE * SECONDS))
    stop, sent, used, events = threading.Event(), {}, cpu_of(web), lists.events
    for _ in every(1 / RATE, stop):
        if (number := next(time_left, None)) is None:
            break
        sent[number] = time.monotonic()
        world.direct.post(chat=chats[number * 7 % CHATS], email=email, content=f"Said {number}.")
    took = time.monotonic() - min(sent.values())
    last = {number * 7 % CHATS: number for number in sent}.values()  # what each chat's line shows in the end
    wait_until(lambda: all(map(lists.all_show, last)), 60, "the newest message of each chat")
    late = [seen[number] - sent[number] for seen in lists.seen for number in seen if number in sent]
    print(
        f"{len(people)} lists of {CHATS} chats, {len(sent) / took:.0f} messages/s spread over them: shown after",
        end=" ",
    )
    print(f"{quantiles(late)}; {(cpu_of(web) - used) / len(sent) * 1000:.1f} ms of CPU for a message,", end=" ")
    print(f"{(lists.events - events) / len(people) / took:.1f} events/s for each page")
    lists.close()
    return all(map(lists.all_show, last)), max(late) < 1


resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
with product(1, STREAM_RETRY_MS="2000") as (world, (web,)), ThreadPoolExecutor(4) as pool:
    people = list(pool.map(lambda n: Person(web.url, f"Member{n}").sign_up(), range(MEMBERS)))
    nobody_asked = a_large_chat(world, web, people)
    followed, within_a_second = a_long_list(world, web, people[:PAGES])
    for person in people:
        person.http.close()
    verdict(
        no_page_asked_for_anything=nobody_asked,
        each_list_shows_the_newest_message_of_each_chat=followed,
        nothing_showed_later_than_after_a_second=within_a_second,
    )
