"""A reader who loses access gets nothing more, in every process, however he lost it."""

import time

import pytest

from tests.browserless import Person
from tests.servers import wait_until

from .http import Door, Reader
from .page import Page

WITHIN = 10  # seconds; a stream that nobody ends lives for an hour
SLOW = {"X-Fault": "slow:150"}  # the catch-up takes long enough for something to happen in it


@pytest.fixture
def reader(world, chat, request):
    """Somebody new for each test, in ``chat``: an account can be lost only once."""
    name = f"Reader{abs(hash(request.node.nodeid))}"
    with Person(world.web[0].url, name).sign_up() as person:
        world.direct.admit(chat=chat, email=person.email)
        yield person


def removed(world, chat: int, person: Person) -> None:
    world.direct.dismiss(chat=chat, email=person.email)


def logged_out_elsewhere(world, chat: int, person: Person) -> None:
    world.direct.logged_out_elsewhere(email=person.email)


def deactivated(world, chat: int, person: Person) -> None:
    world.direct.deactivated(email=person.email)


WAYS = pytest.mark.parametrize("withdraw", [removed, logged_out_elsewhere, deactivated])


def door(world, person: Person, web: int) -> Door:
    return Door(world.web[web].url, "; ".join(f"{name}={value}" for name, value in person.http.cookies.items()))


@WAYS
def test_open_streams_end_in_both_processes(world, chat, reader, withdraw):
    cursor = Page(door(world, reader, 0), chat).load().cursor
    path = f"/chats/{chat}/stream?revision={cursor}"
    with Reader(door(world, reader, 0), path) as first, Reader(door(world, reader, 1), path) as second:
        wait_until(lambda: first.events and second.events)
        began = time.monotonic()
        withdraw(world, chat, reader)
        world.direct.post(chat=chat, email=world.email("Bob"), content="Secret")
        wait_until(lambda: first.ended_at and second.ended_at)
    assert max(first.ended_at, second.ended_at) - began < WITHIN
    assert "Secret" not in first.text + second.text


@WAYS
def test_a_withdrawal_during_the_catch_up_ends_the_stream_too(world, chat, reader, withdraw):
    world.direct.post(chat=chat, email=world.email("Bob"), content="Missed")
    with Reader(door(world, reader, 0), f"/chats/{chat}/stream?revision=1", **SLOW) as stream:
        wait_until(lambda: stream.source._socket)
        withdraw(world, chat, reader)
        world.direct.post(chat=chat, email=world.email("Bob"), content="Secret")
        began = time.monotonic()
        wait_until(lambda: stream.ended_at)
    assert stream.ended_at - began < WITHIN
    assert "Secret" not in stream.text


@WAYS
def test_whoever_comes_back_is_told_not_to(world, chat, reader, withdraw):
    withdraw(world, chat, reader)
    with Reader(door(world, reader, 1), f"/chats/{chat}/stream", last_event_id="1") as stream:
        wait_until(lambda: stream.ended_at)
    assert (stream.source.status, stream.events) == (204, [])


@WAYS
def test_without_redis_the_streams_end_with_the_next_heartbeat(world, chat, reader, withdraw):
    with Reader(door(world, reader, 0), f"/chats/{chat}/stream?revision=1") as stream:
        wait_until(lambda: stream.events)
        began = time.monotonic()
        world.direct.ask("dismiss" if withdraw is removed else withdraw.__name__, *unheard(withdraw, chat, reader))
        wait_until(lambda: stream.ended_at)
    assert stream.ended_at - began < WITHIN


def unheard(withdraw, chat: int, person: Person) -> tuple[dict, str]:
    arguments = {"email": person.email} | ({"chat": chat} if withdraw is removed else {})
    return arguments, "publish:never"
