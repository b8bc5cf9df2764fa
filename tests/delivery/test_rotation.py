"""Streams that end by themselves: of old age, or because they were asked to."""

import time

import pytest

from tests.servers import wait_until

from .http import Reader
from .live import LivePage
from .page import Page, differences
from .proxy import Proxy
from .world import FaultyGunicorn

pytestmark = pytest.mark.any_database


@pytest.fixture(scope="module")
def seldom(world):
    """A web process in which no heartbeat tells of a loss."""
    with FaultyGunicorn(world.environ | {"HEARTBEAT_SECONDS": "30"}, preload=False) as web:
        yield web


def write(world, chat: int, content: str) -> None:
    world.direct.post(chat=chat, email=world.email("Bob"), content=content)


def path(world, chat: int, wait: float) -> str:
    return f"/chats/{chat}/stream?revision={world.direct.state(chat=chat)['revision']}&wait={wait:g}"


def test_a_stream_ends_cleanly_when_it_is_old_and_the_page_misses_nothing(world, chat, server):
    web = server(STREAM_MIN_AGE_SECONDS="2", STREAM_MAX_AGE_SECONDS="3")
    with LivePage(world.door("Ada").at(web.url), chat, native=True, first_beat=10) as page:
        for n in range(1000):
            if page.figures["reconnects"] >= 3:
                break
            write(world, chat, f"Message {n}")
        wait_until(lambda: differences(page, Page(world.door("Ada"), chat).load()) == [])
    assert page.figures["failures"] == 0
    assert page.violations == []


def test_an_answer_that_waits_ends_after_the_first_change(world, chat):
    with Reader(world.door("Ada"), path(world, chat, wait=20)) as answer:
        wait_until(lambda: answer.events)
        write(world, chat, "Now")
        wait_until(lambda: answer.ended_at, 15)  # before its 20 s are over
    assert len(answer.changes) == 1
    assert not answer.source.cut


@pytest.mark.parametrize("wait", [0, 0.5])
def test_an_answer_that_waits_ends_after_its_time(world, chat, wait):
    began = time.monotonic()
    with Reader(world.door("Ada"), path(world, chat, wait)) as answer:
        wait_until(lambda: answer.ended_at)
    assert answer.ended_at - began >= wait
    assert answer.changes == []
    assert not answer.source.cut


def test_where_every_answer_is_held_until_its_end_the_page_follows_by_answers_that_end(world, chat):
    with Proxy(world.web[0].url) as proxy:
        proxy.faults.hold_until_end = True
        with LivePage(world.door("Ada").at(proxy.url), chat) as page:
            wait_until(lambda: page.figures["polls"])
            for n in range(3):
                write(world, chat, f"Message {n}")
            wait_until(lambda: differences(page, Page(world.door("Ada"), chat).load()) == [])
        assert page.figures["fallbacks"] >= 1  # again, where the first answer that ended came late


@pytest.mark.parametrize("fault", ["refuse_upgrade", "drop_last_event_id", "split", "hold_one_back", "duplicate"])
def test_the_page_follows_through_a_proxy_that_does(world, chat, fault):
    with Proxy(world.web[0].url) as proxy:
        setattr(proxy.faults, fault, True)
        with LivePage(world.door("Ada").at(proxy.url), chat, native=True, first_beat=5) as page:
            wait_until(lambda: page.source and page.source.status == 200)
            write(world, chat, "One")
            page.disconnect()
            write(world, chat, "Two")
            wait_until(lambda: differences(page, Page(world.door("Ada"), chat).load()) == [])


@pytest.mark.parametrize("native", [False, True])
@pytest.mark.parametrize("fault", ["drop", "reorder"])
def test_a_page_sees_what_is_missing_before_an_event_and_fetches_it(world, chat, seldom, fault, native):
    with Proxy(seldom.url) as proxy, LivePage(world.door("Ada").at(proxy.url), chat, native, first_beat=10) as page:
        page.believes_the_wire = False
        wait_until(lambda: page.source and page.source.status == 200)
        setattr(proxy.faults, fault, True)
        for n in range(3):
            write(world, chat, f"Message {n}")
        wait_until(lambda: page.figures["losses"])
        proxy.faults.clear()
        write(world, chat, "The last")
        wait_until(lambda: differences(page, Page(world.door("Ada"), chat).load()) == [])
        assert page.figures["failures"] == 0


def test_a_loss_of_the_last_event_is_seen_by_the_next_heartbeat(world, chat):
    with Proxy(world.web[0].url) as proxy, LivePage(world.door("Ada").at(proxy.url), chat, first_beat=10) as page:
        wait_until(lambda: page.source and page.source.status == 200)
        proxy.faults.drop = True
        write(world, chat, "Left out")
        wait_until(lambda: differences(page, Page(world.door("Ada"), chat).load()) == [])
        # Once more where the head of the list, which comes a moment after the message, was left out as well.
        assert page.figures["losses"] == page.figures["reconnects"] >= 1
