import logging
import socket
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress

import pytest
import redis

from chatapp.lib import redis_client as module
from chatapp.lib.redis_client import client
from tests.servers import redis_server, wait_until

MANY = 30


@pytest.fixture(autouse=True)
def short_timeouts(monkeypatch):
    monkeypatch.setattr(module, "TIMEOUT", 1.0)
    monkeypatch.setattr(module, "SLOW", 0.5)


@pytest.fixture
def long_timeouts(short_timeouts, monkeypatch):
    """For a Redis that answers or refuses. On a busy machine that may take its time, too."""
    monkeypatch.setattr(module, "TIMEOUT", 30)
    monkeypatch.setattr(module, "SLOW", 30)


@pytest.fixture
def pause(monkeypatch):
    """``pause(seconds)`` sets for how long a Redis that hung is left alone. Until then it is an hour."""

    def set(seconds: float) -> None:
        monkeypatch.setattr(module, "PAUSE", seconds)

    set(3600)
    return set


@pytest.fixture
def server(tmp_path, pause):
    with redis_server(tmp_path) as server:
        yield server


@pytest.fixture
def connect():
    with ExitStack() as stack:
        yield lambda url: stack.enter_context(client(url))


def fails(client: redis.Redis, *_) -> bool:
    try:
        client.ping()
    except redis.RedisError:
        return True
    return False


def fails_for_many(client: redis.Redis) -> bool:
    with ThreadPoolExecutor(MANY) as pool:
        return all(pool.map(lambda _: fails(client), range(MANY)))


class Silence:
    """Takes connections, counts them, and never says a word."""

    def __init__(self, scheme: str, directory):
        if scheme == "unix":
            self.listener = socket.socket(socket.AF_UNIX)
            self.listener.bind(f"{directory}/socket")
            self.listener.listen(100)
            self.url = f"unix://{directory}/socket"
        else:
            self.listener = socket.create_server(("127.0.0.1", 0), backlog=100)
            self.url = f"{scheme}://127.0.0.1:{self.listener.getsockname()[1]}/0"
        self.listener.setblocking(False)
        self.connections: list[socket.socket] = []

    def count(self) -> int:
        """How many connections were made. The kernel takes them, so the clients do not wait for this."""
        with suppress(BlockingIOError):
            while True:
                self.connections.append(self.listener.accept()[0])
        return len(self.connections)

    def close(self) -> None:
        for one in (self.listener, *self.connections):
            one.close()


@pytest.fixture(params=["redis", "rediss", "unix"])
def silence(request, tmp_path, pause):
    silence = Silence(request.param, tmp_path)
    yield silence
    silence.close()


def test_many_who_meet_a_redis_that_hangs_at_once_try_no_more_than_once_for_each_connection(server, connect):
    client = connect(server.url)
    with redis.Redis.from_url(server.url) as other:
        assert client.ping() and other.config_resetstat()
        server.hang()
        assert fails_for_many(client)
        server.go_on()
        assert other.info("stats")["total_connections_received"] < module.CONNECTIONS  # the first one is open already


def test_who_comes_after_a_timeout_does_not_wait_and_is_not_sent(server, connect):
    client = connect(server.url)
    with redis.Redis.from_url(server.url) as other:
        other.config_resetstat()
        client.ping()
        server.hang()
        assert fails(client) and fails_for_many(client)
        server.go_on()
        assert other.info("commandstats")["cmdstat_ping"]["calls"] == 2


def test_every_kind_of_connection_is_asked_once_and_then_left_alone(silence, connect):
    client = connect(silence.url)
    assert fails(client) and fails_for_many(client)
    assert silence.count() == 1


def test_after_the_pause_one_tries_and_the_others_fail_at_once(silence, connect, pause):
    client = connect(silence.url)
    pause(0)
    assert fails(client)
    pause(3600)
    assert fails_for_many(client)
    assert silence.count() == 2


def test_all_clients_of_one_pool_share_what_one_has_learnt(silence, connect):
    client = connect(silence.url)
    assert fails(client)
    assert fails(redis.Redis(connection_pool=client.connection_pool))
    assert silence.count() == 1


def test_a_redis_that_goes_on_is_used_again_and_it_is_said_once(server, connect, pause, caplog):
    client = connect(server.url)
    pause(0.01)
    with caplog.at_level(logging.INFO):
        server.hang()
        assert fails(client) and fails_for_many(client)
        server.go_on()
        wait_until(lambda: not fails(client))
    assert [record.message.split(":")[0] for record in caplog.records] == ["Redis is away", "Redis is back"]


def test_a_redis_that_refused_is_used_at_once_when_it_is_back(long_timeouts, server, connect, caplog):
    client = connect(server.url)
    with caplog.at_level(logging.INFO):
        server.stop()
        assert fails(client) and fails_for_many(client)
        server.start()
        assert not fails(client)
    assert [record.message.split(":")[0] for record in caplog.records] == ["Redis is away", "Redis is back"]


def test_a_redis_that_hung_and_then_refused_is_used_at_once_when_it_is_back(server, connect, pause):
    client = connect(server.url)
    pause(0)
    server.hang()
    assert fails(client)
    pause(3600)
    server.kill9()
    assert fails(client)
    server.start()
    assert not fails(client)


def test_who_tries_after_a_hang_does_not_stumble_over_a_connection_of_before(server, connect, pause):
    client = connect(server.url)
    hanging, kept = client.connection_pool.get_connection(), client.connection_pool.get_connection()
    client.connection_pool.release(kept)
    pause(0)
    server.hang()
    hanging.send_command("PING")
    with pytest.raises(redis.TimeoutError):
        hanging.read_response()
    pause(3600)
    server.kill9()
    server.start()
    assert not fails(client)
    client.connection_pool.release(hanging)


def test_an_error_that_redis_answers_with_is_no_outage(long_timeouts, server, connect, caplog):
    client = connect(server.url)
    with pytest.raises(redis.ResponseError):
        client.execute_command("NONSENSE")
    assert not fails(client)
    assert "away" not in caplog.text


def test_all_that_a_request_asks_of_redis_goes_through_one_pool(app):
    from chatapp.extensions import limiter, queue, turbo

    clients = [turbo.publisher.redis, turbo.limit.redis, queue.redis, queue.rq.connection, limiter.storage.storage]
    assert len({id(client.connection_pool) for client in clients}) == 1
