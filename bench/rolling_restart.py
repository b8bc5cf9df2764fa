"""A rolling restart of two web processes under 200 readers and 20 messages a second.

python bench/rolling_restart.py [--postgres]
"""

import random
import threading
import time
import uuid

import httpx
from support import LightPage, every, product, verdict, wait_until

from tests.browserless import Person
from tests.delivery.page import Page

READERS, RATE, CALM = 200, 20, 4.0  # readers, messages per second, seconds before, between and after

asked: list[str] = []  # client ids
sent: list[str] = []  # those that were answered
slowest = 0.0
up: list[str] = []


def writer(person: Person, chat: int, stop: threading.Event) -> None:
    for _ in every(1 / RATE, stop):
        asked.append(uuid.uuid4().hex)
        threading.Thread(target=send, args=(person, chat, asked[-1]), daemon=True).start()


def send(person: Person, chat: int, client_id: str) -> None:
    """Tried until it is answered, by whichever process is there, as a page does behind a router."""
    headers = {"Accept": "text/vnd.turbo-stream.html", "X-CSRFToken": person._token}
    while True:
        url, form = f"{random.choice(up)}/chats/{chat}/messages", {"content": "Hello", "client_id": client_id}
        try:
            if person.http.post(url, data=form, headers=headers).status_code == 201:
                sent.append(client_id)
                return
        except httpx.HTTPError:
            pass
        threading.Event().wait(0.05)


def visitor(door, chat: int, stop: threading.Event) -> None:
    """Somebody who opens the page ten times a second."""
    global slowest
    for _ in every(0.1, stop):
        began = time.monotonic()
        while door().get(f"/chats/{chat}")[0] != 200 and not stop.is_set():
            threading.Event().wait(0.02)
        slowest = max(slowest, time.monotonic() - began)


with product(2) as (world, webs):
    up = [web.url for web in webs]
    chat = world.direct.start_chat(email=world.email("Ada"), members=[], title="Deploy", assistant="never")
    ada, door = world.people["Ada"], lambda: world.door("Ada").at(random.choice(up))
    ada.http.base_url = up[0]
    ada._token = ada.token("/chats/new")
    cursor = Page(door(), chat).load().cursor
    pages = [LightPage(door, chat, cursor).begin() for _ in range(READERS)]
    wait_until(lambda: all(page.opened for page in pages), 60, "all streams")
    stop, restarts = threading.Event(), []
    for work in (lambda: writer(ada, chat, stop), lambda: visitor(door, chat, stop)):
        threading.Thread(target=work, daemon=True).start()
    for web in webs:
        threading.Event().wait(CALM)
        up.remove(web.url)  # a router sends nobody to a process that was told to stop
        restarts.append(time.monotonic())
        web.restart()
        up.append(web.url)
    threading.Event().wait(CALM)
    stop.set()
    wait_until(lambda: len(sent) == len(asked), 60, "all sends to be answered")
    expected = world.direct.state(chat=chat)["messages"]
    ids = {str(message["id"]) for message in expected}
    wait_until(lambda: all(set(page.came) >= ids for page in pages), 30, "all messages on all pages")
    back = sorted(t - restarts[0] for page in pages for t in page.opened[1:])
    doubled = sum(count - 1 for page in pages for count in page.came.values())
    made_twice = len(expected) - len(set(sent))
    full = sum(page.figures["full_lists"] for page in pages)
    print(f"{len(expected)} messages, {len(sent)} sends, {READERS} readers, {len(back)} reconnects, {full} whole lists")
    first = sorted(t for t in back if t < restarts[1] - restarts[0])
    print(f"  the first restart's came back {first[0]:.1f} to {first[-1]:.1f} s after its SIGTERM" if first else "")
    print(f"  slowest page request {slowest:.2f} s")
    print(f"  {doubled} fragments came again inside of a later event, where a gap was filled: pages know their ids")
    for page in pages:
        page.disconnect()
        page._stop.set()
    verdict(
        nothing_lost=all(set(page.came) >= ids for page in pages),
        nothing_doubled=made_twice == 0 and not any(page.violations for page in pages),
        reconnects_spread_over_a_second_or_more=bool(first) and first[-1] - first[0] >= 1,
        no_page_slower_than_1_s=slowest < 1,
    )
