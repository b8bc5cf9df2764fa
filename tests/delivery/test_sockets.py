"""Streams whose sockets the hub writes to itself, and the same streams with a greenlet each."""

import re
import socket
from contextlib import ExitStack, contextmanager
from urllib.parse import urlsplit

import pytest

from tests.browserless import parse
from tests.servers import wait_until

from .http import Door, Reader
from .test_resources import inside, request

pytestmark = pytest.mark.any_database

AGES = {"STREAM_MIN_AGE_SECONDS": "3", "STREAM_MAX_AGE_SECONDS": "4"}  # a busy machine takes a second to begin one
LAST_CHUNK = b"0\r\n\r\n"
READERS = 20
#: Each reads some megabytes beside one who does not, and a thread of this process does it.
OTHERS = 3
#: Some dozens of these fill the system's buffers and ours; one who comes back after a hundred gets the whole list. Many
#: bytes, and little to do for the parser of Markdown.
LONG = "🎉" * 50_000


@pytest.fixture
def on_sockets(server, request):
    """The servers of the tests that are about sockets alone."""
    if request.node.callspec.params["server"] != "1":
        pytest.skip("has a greenlet for each stream")
    return server


def answer(door: Door, asked: bytes) -> tuple[bytes, bytes]:
    """Head and body of an answer, as they are on the wire, up to its end."""
    assert door.get("/chats/new")[0] == 200  # the first request takes longer, and a stream would grow old meanwhile
    parts = urlsplit(door.url)
    with socket.create_connection((parts.hostname, parts.port), timeout=30) as connection:
        connection.sendall(asked)
        received = head = body = b""  # a head can end like the last chunk
        while not body.endswith(LAST_CHUNK) and (piece := connection.recv(65536)):
            received += piece
            head, _, body = received.partition(b"\r\n\r\n")
    assert b" 200 OK" in head, received
    return head, body


def unchunked(body: bytes) -> bytes:
    """The bytes of a chunked body."""
    plain = b""
    while b"\r\n" in body and (size := int(body[: body.index(b"\r\n")], 16)):
        start = body.index(b"\r\n") + 2
        plain, body = plain + body[start : start + size], body[start + size + 2 :]
    return plain


def names(body: bytes) -> list[str | None]:
    return [event.name for event in parse([body.decode()])]


def test_an_answer_goes_out_in_chunks_and_the_log_has_its_line_when_it_is_over(world, chat, server):
    web = server(**AGES, LOG_LEVEL="INFO")
    _, body = answer(world.door("Ada").at(web.url), request(world.door("Ada").at(web.url), chat))
    plain = unchunked(body)
    assert body.endswith(LAST_CHUNK), body
    assert names(plain)[-1] == "retry", plain
    line = wait_until(lambda: re.search(rf'"GET /chats/{chat}/stream" 200 (\d+) (\d+)ms request=\w', web.log))
    assert int(line[1]) == len(plain) and int(line[2]) >= 3000
    assert web.log.count('/stream" 200') == 1


def test_a_client_that_knows_no_chunks_gets_none(world, chat, server):
    web = server(**AGES)
    door = world.door("Ada").at(web.url)
    head, body = answer(door, request(door, chat).replace(b"HTTP/1.1", b"HTTP/1.0"))
    assert b"chunked" not in head and names(body)[-1] == "retry"


def test_the_head_says_that_the_connection_closes_with_the_stream(world, chat, on_sockets):
    door = world.door("Ada").at(on_sockets(**AGES).url)
    assert b"Connection: close" in answer(door, request(door, chat))[0]
    assert b"Connection: keep-alive" in answer(door, request(door, chat).replace(b"=1 ", b"=1&wait=0 "))[0]


def test_streams_need_no_greenlets_and_release_what_they_hold_once(world, chat, on_sockets):
    door = world.door("Cleo").at(on_sockets().url)
    left_by_killed_servers = counted(world)

    def ours() -> int:
        return len(counted(world) - left_by_killed_servers)

    with Reader(door, f"/chats/{chat}/stream?revision=1") as first:
        wait_until(lambda: first.events)
        before = inside(door, whole=True)
        with ExitStack() as stack:
            more = [stack.enter_context(Reader(door, f"/chats/{chat}/stream?revision=1")) for _ in range(READERS)]
            wait_until(lambda: all(one.events for one in more))
            wait_until(lambda: inside(door, whole=True)["greenlets"] < before["greenlets"] + READERS // 2)
            wait_until(lambda: inside(door)["connections"] == READERS + 1)
            wait_until(lambda: ours() == READERS + 1)
        wait_until(lambda: ours() == 1)
        assert inside(door)["connections"] == 1


def counted(world) -> set[bytes]:
    """The ids of the connections that count against their users' limits."""
    keys = world.redis_client.keys("turbo:connections:*")
    return {connection_id for key in keys for connection_id in world.redis_client.zrange(key, 0, -1)}


def test_one_who_stops_reading_is_cut_off_and_the_others_go_on(world, chat, server):
    web = server(HEARTBEAT_SECONDS="5")
    door = world.door("Ada").at(web.url)
    with ExitStack() as stack:
        readers = [stack.enter_context(Reader(door, f"/chats/{chat}/stream?revision=1")) for _ in range(OTHERS)]
        deaf = stack.enter_context(stops_reading(door, chat))
        wait_until(lambda: inside(door)["connections"] == OTHERS + 1)
        world.direct.post(chat=chat, email=world.email("Bob"), content="Number 0 and")
        heard = read_until(deaf, b"Number 0 ")
        for posted in range(1, 200):
            world.direct.post(chat=chat, email=world.email("Bob"), content=f"Number {posted} " + LONG)
            # Or the others fall behind, too.
            wait_until(lambda: all(f"Number {posted} " in reader.text for reader in readers))  # noqa: B023
            if (now := inside(door))["cut_off"] or now["connections"] == OTHERS:
                break
        wait_until(lambda: inside(door)["connections"] == OTHERS)
        wait_until(lambda: all(f"Number {posted} " in reader.text for reader in readers))
    last_id = next(event.id for event in reversed(heard) if event.id)  # a heartbeat has none
    with Reader(door, f"/chats/{chat}/stream?revision=1", last_event_id=last_id) as back:
        wait_until(lambda: numbers(back.text) == list(range(1, posted + 1)))


def read_until(connection: socket.socket, text: bytes) -> list:
    """The events up to the one with this text."""
    received = b""
    while text not in received or not received.endswith(b"\n\n\r\n"):
        received += connection.recv(65536)
    return list(parse([unchunked(received.partition(b"\r\n\r\n")[2]).decode()]))


def numbers(html: str) -> list[int]:
    """Those of the messages in it, in their order."""
    return [int(number) for number in dict.fromkeys(re.findall(r"Number (\d+) ", html))]


@contextmanager
def stops_reading(door: Door, chat: int):
    parts = urlsplit(door.url)
    with socket.socket() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.connect((parts.hostname, parts.port))
        connection.sendall(request(door, chat))
        yield connection
