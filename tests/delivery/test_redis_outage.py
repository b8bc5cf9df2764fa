"""Redis goes away and comes back; people write all the time."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.browserless import Person
from tests.provider import Hang
from tests.servers import wait_until

from .live import LivePage
from .page import Page, differences
from .world import HEARTBEAT

pytestmark = pytest.mark.any_database

SLACK = 10  # seconds for a busy machine


def test_open_pages_follow_by_the_heartbeat_and_a_question_gets_its_reply_when_redis_is_back(world, new_chat, server):
    world.worker  # noqa: B018 - starts it
    world.assistant_will("Here I am.")
    chat = new_chat(assistant="always")
    web = server()
    with LivePage(world.door("Ada").at(web.url), chat, first_beat=5) as page:
        wait_until(lambda: page.source and page.source.status == 200)
        world.redis.stop()
        try:
            for n in range(5):
                wrote_at = write(world, chat, f"Question {n}")
                wait_until(lambda: differences(page, Page(world.door("Ada"), chat).load()) == [])  # noqa: B023
                assert time.monotonic() - wrote_at < HEARTBEAT + SLACK
        finally:
            world.redis.start()
        wait_until(lambda: replied(world, chat) == 6, 30)
        wait_until(lambda: differences(page, Page(world.door("Ada"), chat).load()) == [])
    assert web.log.count("Redis is away, streams follow") == 1
    assert page.figures["reconnects"] == 0


def test_while_redis_hangs_messages_are_sent_and_pages_follow_and_the_replies_come_afterwards(world, new_chat, server):
    world.worker  # noqa: B018 - starts it
    world.assistant_will("Here I am.")
    chat = new_chat(assistant="always")
    wait_until(lambda: replied(world, chat) == 1, 30)
    web = server()
    ada = Person(web.url, "Ada")
    ada.http.cookies = world.people["Ada"].http.cookies
    with ada, LivePage(world.door("Ada").at(web.url), chat, first_beat=5) as page:
        wait_until(lambda: page.source and page.source.status == 200)
        world.redis.hang()
        try:
            with ThreadPoolExecutor(4) as at_once:  # all of them meet the silence, and none may fail of it
                answers = list(at_once.map(lambda n: ada.send(chat, f"Together {n}"), range(4)))
            assert [answer.status_code for answer in answers] == [201] * 4
            for n in range(5):
                assert ada.send(chat, f"Question {n}").status_code == 201
                sent_at = time.monotonic()
                wait_until(lambda: differences(page, Page(world.door("Ada"), chat).load()) == [])
                assert time.monotonic() - sent_at < HEARTBEAT + SLACK
        finally:
            world.redis.go_on()
        wait_until(lambda: replied(world, chat) == 10, 30)
        wait_until(lambda: differences(page, Page(world.door("Ada"), chat).load()) == [])
    assert web.log.count("redis_client: Redis is away") == 1
    assert page.figures["reconnects"] == 0


def test_a_worker_that_is_replying_when_redis_goes_away_goes_on_when_it_is_back(world, new_chat):
    worker = world.worker
    world.assistant_will(Hang(after="Here"), "Here I am.")
    chat = new_chat(assistant="always")
    wait_until(lambda: "Here" in str(world.direct.state(chat=chat)), 30)
    world.redis.stop()
    try:
        world.provider.release()
        write(world, chat, "And now?")
    finally:
        world.redis.start()
    wait_until(lambda: replied(world, chat) >= 1, 45)
    assert worker.running


def write(world, chat: int, content: str) -> float:
    world.direct.post(chat=chat, email=world.email("Bob"), content=content)
    return time.monotonic()


def replied(world, chat: int) -> int:
    """How many questions have a reply; the one of `new_chat` too."""
    return sum("Here I am." in message["content"] for message in world.direct.state(chat=chat)["messages"])
