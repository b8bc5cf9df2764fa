"""What streams take, and that they give it back."""

import json
import socket
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from urllib.parse import urlsplit

from tests.servers import wait_until

from .http import Door, Reader

CONNECTS = 1000  # bench/aborts.py makes 10,000


def inside(door: Door) -> dict[str, int]:
    return json.loads(door.get("/inside")[1])


def test_connects_with_immediate_aborts_leave_nothing_behind(world, new_chat, server):
    web = server()
    door, chats = world.door("Ada").at(web.url), [new_chat() for _ in range(4)]
    connect_and_abort_all(door, chats, 100)  # fills the pools of connections to the database and to Redis
    before = wait_until(lambda: rested(door), 20)
    subscribed = subscriptions(world)
    connect_and_abort_all(door, chats, CONNECTS)
    after = wait_until(lambda: rested(door), 60)
    assert after["streams"] == before["streams"] == 0
    assert after["files"] <= before["files"] + 3
    assert after["greenlets"] <= before["greenlets"] + 3
    wait_until(lambda: subscriptions(world) == subscribed)


def connect_and_abort_all(door: Door, chats: list[int], count: int) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: connect_and_abort(door, chats[n % 4], answered=n % 3 == 0), range(count)))


def connect_and_abort(door: Door, chat: int, answered: bool = False) -> None:
    """Gone before, or just after the first byte."""
    parts = urlsplit(door.url)
    with socket.create_connection((parts.hostname, parts.port), timeout=30) as connection:
        head = f"GET /chats/{chat}/stream?revision=1 HTTP/1.1\r\nHost: {parts.netloc}\r\nCookie: {door.cookie}\r\n\r\n"
        connection.sendall(head.encode())
        if answered:
            connection.recv(1)


def rested(door: Door) -> dict[str, int] | None:
    """What is open once all connections are forgotten."""
    found = inside(door)
    return found if found["connections"] == 0 and found["streams"] == 0 else None


def subscriptions(world) -> dict:
    channels = world.redis_client.pubsub_channels()
    return dict(world.redis_client.pubsub_numsub(*channels)) if channels else {}


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
