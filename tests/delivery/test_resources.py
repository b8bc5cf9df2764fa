"""What streams take, and that they give it back."""

import json
import socket
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from itertools import pairwise
from urllib.parse import urlsplit

import pytest

from tests.servers import wait_until

from .http import Door, Reader

ROUNDS = 8
CONNECTS = 150  # in a round; bench/aborts.py makes 10,000


def inside(door: Door, whole: bool = False) -> dict[str, int]:
    return json.loads(door.get("/inside?whole" if whole else "/inside")[1])


@pytest.mark.any_database
def test_connects_with_immediate_aborts_leave_nothing_behind(world, new_chat, server):
    web = server()
    door, chats = world.door("Ada").at(web.url), [new_chat() for _ in range(4)]
    left = [left_behind(door, chats) for _ in range(ROUNDS)]
    assert not grows(left, "files"), left
    assert not grows(left, "greenlets"), left
    wait_until(lambda: subscribers(world, chats) == 0)


def left_behind(door: Door, chats: list[int]) -> dict[str, int]:
    connect_and_abort_all(door, chats, CONNECTS)
    return wait_until(lambda: rested(door), 60)


def grows(left: list[dict[str, int]], what: str) -> bool:
    """Whether more is left after most rounds. Pools of connections, to the database and to Redis, fill up and stop."""
    more = sum(later[what] > earlier[what] for earlier, later in pairwise(left))
    return more > ROUNDS // 2 and left[-1][what] > left[0][what] + ROUNDS // 2


def connect_and_abort_all(door: Door, chats: list[int], count: int) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: connect_and_abort(door, chats[n % 4], answered=n % 3 == 0), range(count)))


def connect_and_abort(door: Door, chat: int, answered: bool = False) -> None:
    """Gone before, or just after the first byte."""
    parts = urlsplit(door.url)
    with socket.create_connection((parts.hostname, parts.port), timeout=30) as connection:
        connection.sendall(request(door, chat))
        if answered:
            connection.recv(1)


def request(door: Door, chat: int) -> bytes:
    host = urlsplit(door.url).netloc
    path = f"/chats/{chat}/stream?revision=1"
    return f"GET {path} HTTP/1.1\r\nHost: {host}\r\nCookie: {door.cookie}\r\n\r\n".encode()


def rested(door: Door) -> dict[str, int] | None:
    """What is open once all connections are forgotten."""
    found = inside(door)
    return inside(door, whole=True) if found["connections"] == found["streams"] == 0 else None


def subscribers(world, chats: list[int]) -> int:
    channels = [f"turbo:chat:{chat}" for chat in chats]
    return sum(count for _, count in world.redis_client.pubsub_numsub(*channels))


@pytest.mark.any_database
def test_a_client_that_does_not_read_can_not_keep_its_place(world, new_chat, server):
    web, chat = server(), new_chat()
    door = world.door("Bob").at(web.url)
    with deaf_reader(door, chat):
        wait_until(lambda: inside(door)["connections"] == 1)
        while inside(door)["waiting"] < 5:  # the system's buffers are full
            for _ in range(3):
                world.direct.post(chat=chat, email=world.email("Ada"), content="&" * 10_000)
        world.direct.dismiss(chat=chat, email=world.email("Bob"))
        wait_until(lambda: inside(door)["connections"] == 0, 20)


@contextmanager
def deaf_reader(door: Door, chat: int):
    """Asks for a stream and never reads it."""
    parts = urlsplit(door.url)
    with socket.socket() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.connect((parts.hostname, parts.port))
        connection.sendall(request(door, chat))
        yield


def test_open_streams_hold_no_database_connection(world, chat, server):
    web = server(DATABASE_POOL="2")
    door = world.door("Ada").at(web.url)
    with ExitStack() as stack:
        path = f"/chats/{chat}/stream?revision=1"
        streams = [stack.enter_context(Reader(door, path)) for _ in range(30)]
        wait_until(lambda: all(stream.changes for stream in streams), 20)
        assert [door.get(f"/chats/{chat}")[0] for _ in range(5)] == [200] * 5
        world.direct.post(chat=chat, email=world.email("Bob"), content="To everybody")
        wait_until(lambda: all("To everybody" in stream.text for stream in streams))
