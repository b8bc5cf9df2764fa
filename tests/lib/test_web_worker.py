import runpy
import socket

import pytest

from tests.servers import PROJECT

worker = runpy.run_path(str(PROJECT / "chatapp" / "lib" / "web_clients.py"))
Client, Waiting, network = worker["Client"], worker["Waiting"], worker["network"]
HEROKU_KEEPS = 90  # seconds for which its router keeps an idle connection


@pytest.fixture
def pair():
    """A client's end of a connection, and the server's."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield theirs, ours


@pytest.mark.parametrize(
    ("address", "counts_as"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", ""),
        ("somebody", "somebody"),
    ],
)
def test_one_visitor_is_an_address_or_an_ipv6_network(address, counts_as):
    assert network(address) == counts_as


def test_connections_are_kept_for_longer_than_routers_use_them_again(monkeypatch):
    monkeypatch.delenv("DYNO", raising=False)
    assert runpy.run_path(str(PROJECT / "gunicorn.conf.py"))["keepalive"] > HEROKU_KEEPS


def test_what_is_slower_than_its_time_reads_as_gone(pair, monkeypatch):
    client, server = pair
    reading = Client(server, "203.0.113.7", Waiting(), keepalive=1000)
    client.sendall(b"POST /")
    assert reading.recv(100) == b"POST /"
    monkeypatch.setitem(worker["Client"].recv.__globals__, "HEAD", 0)
    assert reading.recv(100) == b""


def test_a_body_that_comes_too_slowly_reads_as_gone(pair):
    client, server = pair
    reading = Client(server, "203.0.113.7", Waiting(), keepalive=1000)
    reading.expect_body("203.0.113.7")
    client.sendall(b"email=")
    assert reading.recv(100) == b"email="
    client.sendall(b"x")
    reading.since -= worker["BODY"] + 1
    assert reading.recv(100) == b""


def test_a_large_body_that_comes_at_a_fair_pace_has_the_time_it_takes(pair, monkeypatch):
    client, server = pair
    reading = Client(server, "203.0.113.7", Waiting(), keepalive=1000)
    monkeypatch.setitem(worker["Client"].recv.__globals__, "BODY", 0.001)
    reading.expect_body("203.0.113.7")
    client.sendall(b"x" * 50_000)
    reading.since = 1e-9
    reading.received = 4096 * 10**9  # of a body that began long ago
    assert reading.recv(100) == b"x" * 100


def test_of_one_address_only_so_many_are_waited_for(pair):
    _, server = pair
    waiting = Waiting(most=2, most_requests=2)
    clients = [Shut(server, address, waiting, 1) for address in ("a", "a", "b", "a")]
    with waiting.of(clients[0]), waiting.of(clients[1]), waiting.of(clients[2]):
        assert not any(client.closed for client in clients)
        with waiting.of(clients[3]):
            assert [client.closed for client in clients] == [True, False, False, False]
    assert list(waiting) == []


def test_who_has_sent_what_was_waited_for_is_not_closed_because_we_were_busy(pair):
    _, server = pair
    waiting = Waiting(most=2, most_requests=2)
    clients = [Shut(server, "a", waiting, 1) for _ in range(3)]
    clients[0].has_news = True
    with waiting.of(clients[0]), waiting.of(clients[1]), waiting.of(clients[2]):
        assert [client.closed for client in clients] == [False, True, False]


class Shut(Client):
    closed = has_news = False

    def shut(self) -> None:
        self.closed = True


def test_a_proxy_s_own_connections_are_not_counted_but_the_bodies_of_one_visitor_behind_it_are(pair):
    _, server = pair
    waiting = Waiting(most=1, most_requests=None)
    idle = [Shut(server, "proxy", waiting, 1) for _ in range(3)]
    sending = [Shut(server, "proxy", waiting, 1) for _ in range(2)]
    for client in sending:
        client.expect_body("203.0.113.7")
    with waiting.of(idle[0]), waiting.of(idle[1]), waiting.of(idle[2]), waiting.of(sending[0]), waiting.of(sending[1]):
        assert [client.closed for client in (*idle, *sending)] == [False, False, False, True, False]
