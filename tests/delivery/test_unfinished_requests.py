"""Clients that do not finish their requests, against the product as a deploy starts it."""

import socket
from contextlib import ExitStack
from urllib.parse import urlsplit

import psutil
import pytest

from tests.servers import Gunicorn, gunicorn, wait_until

pytestmark = pytest.mark.any_database

#: More connections than a process takes: see ROOM_FOR_PAGES in gunicorn.conf.py.
CROWD = 620
HEAD = b"POST /login HTTP/1.1\r\nHost: plainwire\r\nContent-Type: application/x-www-form-urlencoded\r\n"
UNFINISHED = {
    "nothing at all": b"",
    "half a request line": b"GET /lo",
    "half a head": b"GET /login HTTP/1.1\r\nHost: plainwire\r\n",
    "half a body": HEAD + b"Content-Length: 1000\r\n\r\nemail=",
    "half a chunk": HEAD + b"Transfer-Encoding: chunked\r\n\r\n10\r\nemail=",
}


@pytest.fixture(scope="module")
def small(world):
    """A web process that has room for few streams."""
    with gunicorn(world.environ | {"STREAMS_PER_PROCESS": "1"}) as web:
        yield web


@pytest.fixture
def crowd(small):
    """``crowd(bytes)`` opens many connections from one address and sends these bytes on each."""
    with ExitStack() as stack:

        def come(beginning: bytes, count: int = CROWD) -> list[socket.socket]:
            return [stack.enter_context(connected(small, beginning)) for _ in range(count)]

        yield come


def connected(web: Gunicorn, beginning: bytes) -> socket.socket:
    parts = urlsplit(web.url)
    connection = socket.create_connection((parts.hostname, parts.port), timeout=60)
    connection.sendall(beginning)
    return connection


def answer(connection: socket.socket) -> bytes:
    try:
        return connection.recv(65536)
    except ConnectionResetError:
        return b""


def ask(web: Gunicorn, path: str = "/up") -> bytes:
    with connected(web, f"GET {path} HTTP/1.1\r\nHost: plainwire\r\n\r\n".encode()) as connection:
        return answer(connection)


@pytest.mark.parametrize("beginning", UNFINISHED.values(), ids=UNFINISHED)
def test_a_crowd_that_finishes_nothing_does_not_stop_the_process(small, crowd, beginning):
    crowd(beginning)
    assert ask(small).startswith(b"HTTP/1.1 200")


def test_of_one_address_those_that_have_waited_longest_are_closed(small, crowd):
    connections = crowd(UNFINISHED["half a body"])
    assert not answer(connections[0]).startswith(b"HTTP/1.1 2")
    connections[-1].sendall(b"x" * 994)
    assert answer(connections[-1]).startswith(b"HTTP/1.1 4")  # read to its end, and refused for its content


def test_a_body_that_comes_in_pieces_is_read(small):
    form = b"email=nobody%40example.com&password=wrong"
    with connected(small, HEAD + b"Content-Length: %d\r\n\r\n" % len(form)) as connection:
        for byte in form:
            connection.sendall(bytes([byte]))
        assert answer(connection).startswith(b"HTTP/1.1 400")  # refused for its missing token, so it was understood


def test_a_connection_is_kept_for_another_request_also_after_a_body(small):
    form = b"email=nobody%40example.com"
    with connected(small, HEAD + b"Content-Length: %d\r\n\r\n" % len(form) + form) as connection:
        assert b"\r\nConnection: keep-alive\r\n" in answer(connection)
        connection.sendall(b"GET /up HTTP/1.1\r\nHost: plainwire\r\n\r\n")
        assert wait_until(lambda: b"200 OK" in answer(connection))


def test_a_deploy_does_not_wait_for_connections_that_are_idle(world):
    with gunicorn(world.environ) as web, ExitStack() as stack:
        idle = [stack.enter_context(connected(web, b"GET /up HTTP/1.1\r\nHost: plainwire\r\n\r\n")) for _ in range(3)]
        assert all(answer(connection).startswith(b"HTTP/1.1 200") for connection in idle)
        (worker,) = psutil.Process(web.pid).children()
        worker.terminate()
        worker.wait(30)
        assert all(wait_until(lambda connection=connection: answer(connection) == b"") for connection in idle)
        assert "graceful timeout" not in web.log
