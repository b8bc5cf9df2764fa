"""Many real connections for a long time, with messages, cuts and deploys in between. Is anything lost or doubled, and
does memory stay flat?

python bench/soak.py [--readers=20000] [--minutes=10] [--rate=1] [--postgres]
"""

import multiprocessing
import signal
import sys
import time
import uuid
from collections import Counter
from contextlib import contextmanager, suppress
from urllib.parse import urlsplit

import httpx
import psutil
from support import Gunicorn, product, verdict, wait_until

from bench.soak_readers import run
from tests.browserless import Person
from tests.delivery.page import Page

CROWDS = 4
PER_ADDRESS = 2500
CUT_EVERY, CUT_SHARE = 60, 0.05  # seconds, and the share of the connections that break
SETTINGS = {
    "HEARTBEAT_SECONDS": "15", "STREAMS_PER_PROCESS": "15000", "STREAMS_PER_USER": "1000000", "WEB_CONCURRENCY": "2",
    "LOG_LEVEL": "WARNING",
}  # fmt: skip


def option(name: str, default: float) -> float:
    given = (text.partition("=")[2] for text in sys.argv if text.startswith(f"--{name}="))
    return float(next(given, default))


READERS, SECONDS, RATE = int(option("readers", 20_000)), 60 * option("minutes", 10), option("rate", 1)


class Crowds:
    """The readers, in several processes."""

    def __init__(self, web: Gunicorn, cookie: str, chat: int, cursor: int):
        parts, self.pipes, self.processes = urlsplit(web.url), [], []
        request = f"GET /chats/{chat}/stream?revision={{cursor}} HTTP/1.0\r\nHost: x\r\nCookie: {cookie}\r\n\r\n"
        for number in range(CROWDS):
            ours, theirs = multiprocessing.Pipe()
            sources = [f"127.0.{number + 1}.{n + 1}" for n in range(READERS // CROWDS // PER_ADDRESS + 1)]
            arguments = (theirs, (parts.hostname, parts.port), request, cursor, READERS // CROWDS, sources)
            self.processes.append(multiprocessing.Process(target=run, args=arguments, daemon=True))
            self.processes[-1].start()
            self.pipes.append(ours)

    def ask(self, *order) -> list:
        for pipe in self.pipes:
            pipe.send(order)
        return [pipe.recv() for pipe in self.pipes]

    def report(self, messages: int = 0) -> Counter[str]:
        return sum((Counter(one) for one in self.ask("report", messages)), Counter())

    def end(self) -> None:
        for pipe, process in zip(self.pipes, self.processes, strict=True):
            pipe.send(("end",))
            process.join(10)


@contextmanager
def crowds(*arguments):
    all = Crowds(*arguments)
    try:
        yield all
    finally:
        all.end()


class Writer:
    """Sends each message until it is answered, under one id, as a page does."""

    def __init__(self, person: Person, url: str, chat: int):
        self.person, self.address = person, f"{url}/chats/{chat}/messages"
        person.http.base_url = url
        self.headers = {"Accept": "text/vnd.turbo-stream.html", "X-CSRFToken": person.token("/chats/new")}

    def __call__(self, number: int) -> None:
        form = {"content": f"~{number}~", "client_id": uuid.uuid4().hex}
        wait_until(lambda: self.answered(form), 60, "an answer")

    def answered(self, form: dict[str, str]) -> bool:
        try:
            return self.person.http.post(self.address, data=form, headers=self.headers).status_code == 201
        except httpx.HTTPError:
            return False


def memory(web: Gunicorn) -> float:
    """MiB of the web processes that serve, in all."""
    children = psutil.Process(web.process.pid).children()
    return sum(child.memory_info().rss for child in children) / 2**20


def deploy(web: Gunicorn) -> None:
    """New processes take over from the old ones, which end their streams."""
    print(f"  {time.strftime('%H:%M:%S')} deploy", flush=True)
    web.process.send_signal(signal.SIGHUP)


def main() -> None:
    with product(1, **SETTINGS) as (world, (web,)):
        email, door = world.email("Ada"), world.door("Ada").at(web.url)
        chat = world.direct.start_chat(email=email, members=[], title="Soak", assistant="never")
        with crowds(web, door.cookie, chat, Page(door, chat).load().cursor) as readers:
            began = time.monotonic()
            wait_until(lambda: readers.report()["open"] == READERS, 600, "all streams")
            print(f"{READERS} streams open after {time.monotonic() - began:.0f} s", flush=True)
            sent, flat = talk(readers, web, Writer(world.people["Ada"], web.url, chat))
            wait_until(lambda: readers.report()["open"] == READERS, 120, "all streams again")
            with suppress(TimeoutError):  # the verdict says what is still missing
                wait_until(lambda: not readers.report(sent)["missing"], 120)
            found = readers.report(sent)
    print(f"{sent} messages: {dict(found)}")
    verdict(nothing_lost=not found["missing"], nothing_doubled=not found["doubled"], memory_flat=flat)


def talk(readers: Crowds, web: Gunicorn, post) -> tuple[int, bool]:
    """Returns the number of messages, and whether memory was the same before and after the second half."""
    began, sent, cut, deployed, held = time.monotonic(), 0, 0, False, []
    while (past := time.monotonic() - began) < SECONDS:
        if past >= sent / RATE:
            post(sent)
            sent += 1
        if past >= (cut + 1) * CUT_EVERY:
            cut += 1
            held.append(memory(web))
            found = readers.report(sent)
            print(f"  {time.strftime('%H:%M:%S')} {held[-1]:.0f} MiB {dict(found)}", flush=True)
            readers.ask("cut", CUT_SHARE)
        if not deployed and past >= SECONDS / 2:
            deployed = True
            deploy(web)
        time.sleep(max(0.0, min(0.2, began + sent / RATE - time.monotonic())))
    later = held[len(held) // 2 + 1 :]  # the processes that the deploy started
    return sent, not later or max(later) < 1.1 * min(later)


if __name__ == "__main__":
    main()
