"""Restarts, reloads and crashes of the web process, with pages open all the time."""

import os
import signal
import time

import psutil
import pytest

from tests.servers import gunicorn, wait_until

from .http import Reader
from .live import LivePage
from .page import Page, differences

pytestmark = pytest.mark.any_database


@pytest.fixture
def web(world):
    """The product as a deploy starts it."""
    with gunicorn(world.environ) as web:
        yield web


@pytest.fixture
def page(world, web, chat):
    with LivePage(world.door("Ada").at(web.url), chat, first_beat=5) as page:
        wait_until(lambda: page.source and page.source.status == 200)
        yield page


def workers(web) -> list[int]:
    return [child.pid for child in psutil.Process(web.pid).children()]


def write(world, chat: int, content: str) -> None:
    world.direct.post(chat=chat, email=world.email("Bob"), content=content)


def follows(page: LivePage, world, chat: int) -> bool:
    return differences(page, Page(world.door("Ada"), chat).load()) == []


def test_on_sigterm_streams_end_at_once_with_a_time_to_come_back(world, web, chat):
    with Reader(world.door("Ada").at(web.url), f"/chats/{chat}/stream?revision=1") as stream:
        wait_until(lambda: stream.events)
        stream.source.retry_ms = None
        began = time.monotonic()
        web.process.send_signal(signal.SIGTERM)
        wait_until(lambda: stream.ended_at)
        web.process.wait(15)
        gone = time.monotonic()
    assert stream.ended_at - began < 10
    assert gone - began < 15
    assert stream.source.retry_ms and not stream.source.cut


def test_an_idle_connection_does_not_hold_up_the_end(world, web, chat):
    idle = world.door("Ada").at(web.url).connection(10)
    idle.request("GET", "/up")
    idle.getresponse().read()
    began = time.monotonic()
    web.process.send_signal(signal.SIGTERM)
    web.process.wait(15)
    idle.close()
    assert time.monotonic() - began < 10


def test_a_restart_misses_nothing(world, web, page, chat):
    web.stop()
    write(world, chat, "While nobody was there")
    web.start()
    write(world, chat, "Back again")
    wait_until(lambda: follows(page, world, chat), 20)


def test_a_reload_misses_nothing(world, web, page, chat):
    before = workers(web)
    os.kill(web.pid, signal.SIGHUP)
    for n in range(20):
        write(world, chat, f"During the reload {n}")
    wait_until(lambda: not set(workers(web)) & set(before) and workers(web), 20)
    write(world, chat, "After the reload")
    wait_until(lambda: follows(page, world, chat), 20)


def test_a_crashed_worker_misses_nothing(world, web, page, chat):
    (crashing,) = workers(web)
    os.kill(crashing, signal.SIGKILL)
    write(world, chat, "After the crash")
    wait_until(lambda: follows(page, world, chat), 20)
    assert page.figures["reconnects"]
