"""Stops replies, and measures when somebody else sees it and when the model's connection is closed."""

import time
from typing import NamedTuple

from tests.provider import Hang
from tests.servers import wait_until

from .live import LivePage

PATIENCE = 30  # seconds


class Stopped(NamedTuple):
    """Seconds from the click."""

    seen: float
    hung_up: float


def stop_one(world, chat: int, restart_redis: bool = False) -> Stopped:
    """Ada stops a silent reply by one web process, and Bob watches by the other."""
    ada = world.people["Ada"]
    ada.turbo("GET", f"/chats/{chat}")  # the first request of a process takes longer
    world.assistant_will(Hang("Thinking about it"))
    with LivePage(world.door("Bob", web=1), chat) as page:
        world.direct.post(chat=chat, email=world.email("Ada"), content="Well?")
        growing = lambda: "about it" in last(page) and 'data-state="generating"' in last(page)  # noqa: E731
        wait_until(growing, PATIENCE, "the first words")
        if restart_redis:
            world.redis.restart()
        world.provider.disconnected.clear()
        reply = world.direct.state(chat=chat)["messages"][-1]["id"]
        began = time.monotonic()
        assert ada.turbo("POST", f"/messages/{reply}/stops").status_code == 201
        seen = hung_up = None
        while None in (seen, hung_up):
            if time.monotonic() - began > PATIENCE:
                raise TimeoutError(f"seen after {seen}, hung up after {hung_up}")
            if seen is None and 'data-state="stopped"' in last(page):
                seen = time.monotonic() - began
            if hung_up is None and world.provider.disconnected.is_set():
                hung_up = time.monotonic() - began
            time.sleep(0.005)
        wait_until(lambda: "Thinking about it" in last(page))
    return Stopped(seen, hung_up)


def last(page: LivePage) -> str:
    """The HTML of the last message."""
    return page.list.shown[-1].html if page.list.shown else ""
