"""A crowd that arrives at once stands in line, over real sockets."""

import json
from contextlib import ExitStack

import pytest

from tests.servers import wait_until

from .http import Door, Reader

pytestmark = pytest.mark.any_database

HOLD = {"X-Fault": "hold"}
AT_ONCE = 3


@pytest.fixture
def door(world, server) -> Door:
    return world.door("Ada").at(server(HEARTBEAT_SECONDS="1").url)


@pytest.fixture
def held(door, chat):
    """As many streams as may begin at once are just beginning, and go on after `release`."""
    with ExitStack() as stack:
        path = f"/chats/{chat}/stream?revision=1"
        readers = [stack.enter_context(Reader(door, path, **HOLD)) for _ in range(AT_ONCE)]
        wait_until(lambda: inside(door, "connections") == AT_ONCE == figure(door, "catch_ups"))
        yield readers


def release(door: Door) -> None:
    assert door.get("/release")[0] == 204


def inside(door: Door, name: str) -> int:
    return json.loads(door.get("/inside")[1])[name]


def figure(door: Door, name: str) -> int:
    lines = door.metrics()[1].splitlines()
    return int(sum(float(line.split()[1]) for line in lines if line.startswith(f'turbo_events_total{{event="{name}"')))


def test_who_stands_in_line_gets_heartbeats_and_in_turn_what_was_missed(world, door, chat, held):
    world.direct.post(chat=chat, email=world.email("Bob"), content="Missed")
    with Reader(door, f"/chats/{chat}/stream?revision=1") as reader:
        wait_until(lambda: sum(event.name == "beat" for event in reader.events) >= 3)
        assert not reader.changes
        assert not any(first.events for first in held)
        release(door)
        wait_until(lambda: "Missed" in reader.text)


def test_of_who_goes_while_standing_in_line_nothing_is_asked(world, door, chat, held):
    for number in range(30):
        world.direct.post(chat=chat, email=world.email("Bob"), content=f"Message {number}")
    before = figure(door, "catch_ups")
    with ExitStack() as crowd:
        for revision in range(2, 32):  # each from a revision of its own, so that no two share a catch-up
            crowd.enter_context(Reader(door, f"/chats/{chat}/stream?revision={revision}"))
        wait_until(lambda: inside(door, "in_line") == 30)
    wait_until(lambda: inside(door, "in_line") == 0)
    release(door)
    wait_until(lambda: all(first.changes for first in held))
    assert figure(door, "catch_ups") == before
