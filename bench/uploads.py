"""A file of 100 MB through nginx, whose connection is cut five times; then twenty files at once, and pages meanwhile.

python bench/uploads.py [--postgres] [--mb=100]
"""

import os
import re
import statistics
import sys
import threading
import time
from contextlib import suppress

import httpx
import psutil
from support import product, verdict

from tests.browserless import Person
from tests.middleboxes.boxes import Nginx

MB = 1_000_000
SIZE = next((int(option.partition("=")[2]) for option in sys.argv if option.startswith("--mb=")), 100) * MB
PIECE = 768 * 1024
CUTS, AT_ONCE, SMALLER = 5, 20, 5 * MB


def offset_of(answer: httpx.Response) -> tuple[int, int]:
    return tuple(map(int, re.search(r"<template>(\d+) (\d+)</template>", answer.text).groups()))


class Upload:
    """Sends a file as the page does, and goes on from where the server says after each cut."""

    def __init__(self, person: Person, name: str, data: bytes):
        self.person, self.name, self.data = person, name, data
        self.requests = self.cuts = 0

    def send(self, cut_at: set[int] = frozenset()) -> int:
        id, offset = offset_of(self.person.turbo("POST", "/uploads", {"name": self.name, "size": str(len(self.data))}))
        while offset < len(self.data):
            piece = self.data[offset : offset + PIECE]
            if self.requests in cut_at and self.cuts < len(cut_at):
                self.cut(id, offset, piece)
            self.requests += 1
            offset = offset_of(self.piece(id, offset, piece))[1]
        return id

    def piece(self, id: int, offset: int, piece: bytes) -> httpx.Response:
        """Put together here, because httpx takes more time for it than the server takes for the rest."""
        fields = {"csrf_token": self.person._token, "_method": "patch", "offset": str(offset)}
        head = "".join(
            f'--x\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{fields[name]}\r\n' for name in fields
        )
        head += '--x\r\nContent-Disposition: form-data; name="piece"; filename="blob"\r\n\r\n'
        headers = {"Accept": "text/vnd.turbo-stream.html", "Content-Type": "multipart/form-data; boundary=x"}
        content = b"".join([head.encode(), piece, b"\r\n--x--\r\n"])
        return self.person.http.post(f"/uploads/{id}", content=content, headers=headers)

    def cut(self, id: int, offset: int, piece: bytes) -> None:
        """Half of a piece goes out, and then the connection breaks."""
        self.cuts += 1

        def half():
            yield piece[: len(piece) // 2]
            raise ConnectionError

        headers = {"X-CSRFToken": self.person._token, "Upload-Offset": str(offset), "Content-Length": str(len(piece))}
        headers |= {"Content-Type": "application/offset+octet-stream"}
        with suppress(ConnectionError, httpx.HTTPError):
            self.person.http.patch(f"/uploads/{id}", content=half(), headers=headers)


class Memory:
    """The most memory that the web processes had, beyond what they had at first, in MB; and their time."""

    def __init__(self, pid: int):
        self.processes = [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]
        self.base = {process.pid: process.memory_info().rss for process in self.processes}
        self.most = 0.0
        threading.Thread(target=self.watch, daemon=True).start()

    @property
    def seconds(self) -> float:
        """Of a core, that they have used."""
        return sum(sum(process.cpu_times()[:2]) for process in self.processes)

    def watch(self) -> None:
        while True:
            for process in self.processes:
                try:
                    grown = process.memory_info().rss - self.base[process.pid]
                except psutil.Error:
                    return
                self.most = max(self.most, grown / 2**20)
            time.sleep(0.02)


def send_large(una: Person, chat: int, data: bytes) -> bool:
    """Whether what arrives is what was sent."""
    began, upload, pieces = time.monotonic(), Upload(una, "large.bin", data), -(-SIZE // PIECE)
    id = upload.send({pieces * n // (CUTS + 1) for n in range(1, CUTS + 1)})
    took = time.monotonic() - began
    print(f"{SIZE // MB} MB in {upload.requests} pieces with {upload.cuts} cuts: {took:.1f} s")
    form = {"content": "", "client_id": "one-large-file", "upload_ids": str(id)}
    answer = una.turbo("POST", f"/chats/{chat}/messages", form)
    address = re.search(r'href="(/attachments/[^"]+)"', answer.text)[1]
    return una.http.get(address).content == data


def send_many(url: str, chat: int, data: bytes) -> list[float]:
    """The seconds that pages take meanwhile."""
    people = [Person(url, f"P{n}").sign_up() for n in range(AT_ONCE)]
    for person in people:
        person.turbo("GET", "/")
    times, done = [], threading.Event()
    looking = threading.Thread(target=look, args=(url, chat, times, done))
    senders = [threading.Thread(target=Upload(one, "a.bin", data).send) for one in people]
    began = time.monotonic()
    for thread in (looking, *senders):
        thread.start()
    for sender in senders:
        sender.join()
    print(f"{AT_ONCE} files of {len(data) // MB} MB at once: {time.monotonic() - began:.1f} s;", end=" ")
    done.set()
    looking.join()
    return times


def look(url: str, chat: int, times: list[float], done: threading.Event) -> None:
    with Person(url, "Una").log_in() as una:
        while not done.is_set():
            times.append(seconds_of(una, chat))
            time.sleep(0.05)


def seconds_of(person: Person, chat: int) -> float:
    start = time.monotonic()
    person.http.get(f"/chats/{chat}")
    return time.monotonic() - start


FAST = "100000 per second"
RATES = {"WRITE_RATE": FAST, "UPLOAD_RATE": FAST, "SIGNUP_RATE": FAST}
with (
    product(1, ATTACHMENT_DAY_MB="5000", **RATES) as (_, (web,)),
    Nginx(web.url) as nginx,
    Person(nginx.url, "Una").sign_up() as una,
):
    chat = una.start_chat(title="Files")
    una.send(chat, "Hello")
    alone = [seconds_of(una, chat) for _ in range(20)]
    memory = Memory(web.process.pid)
    data = os.urandom(MB) * (SIZE // MB)
    used = memory.seconds
    same = send_large(una, chat, data)
    print(f"  web process: at most {memory.most:.1f} MB over its base, {memory.seconds - used:.1f} s of a core")
    used = memory.seconds
    times = send_many(nginx.url, chat, data[:SMALLER])
    slow = statistics.quantiles(times, n=20)[-1] * 1000
    print(f"{len(times)} pages meanwhile, half within {statistics.median(times) * 1000:.0f} ms,", end=" ")
    print(f"95 of 100 within {slow:.0f} ms, all within {max(times) * 1000:.0f} ms;", end=" ")
    print(f"{statistics.median(alone) * 1000:.0f} ms when nobody sends anything")
    print(f"  web process: at most {memory.most:.1f} MB over its base, {memory.seconds - used:.1f} s of a core")
    verdict(
        the_file_is_the_same=same,
        memory_within_64_mb=memory.most <= 64,
        pages_within_500_ms=slow <= 500,
    )
