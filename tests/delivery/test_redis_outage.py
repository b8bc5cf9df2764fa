"""Redis goes away and comes back; people write all the time."""

import time

from tests.provider import Hang
from tests.servers import wait_until

from .live import LivePage
from .page import Page, differences
from .world import HEARTBEAT

SLACK = 1.5  # seconds for a busy machine


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
