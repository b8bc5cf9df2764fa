import pytest
from redis import Redis

from chatapp.turbo import Connection, EventStream, Hub
from chatapp.turbo.limits import ConnectionLimit

from .readers import connect


@pytest.fixture
def hub(source, redis):
    hub = Hub(redis.url, source, beat=600)
    yield hub
    hub.close()


def test_the_preamble_comes_first_and_then_the_connection():
    connection = Connection({"page:1": 10})
    connection.write(b"news")
    connection.end()
    assert list(EventStream(connection, b"first", lambda: None)) == [b"first", b"news"]


def test_closing_without_ever_reading_releases_the_connection(hub, post):
    """As when a client is gone before the first byte: a generator would never run its `finally`."""
    for _ in range(100):
        connection = connect(hub, post.stream_name, post.revision)
        EventStream(connection, b"", lambda connection=connection: hub.disconnect(connection)).close()
    assert (hub.connection_count, hub.stream_count) == (0, 0)


def test_closing_in_the_middle_releases_it_too_and_twice_does_no_harm(hub, post):
    connection = connect(hub, post.stream_name, post.revision)
    stream = EventStream(connection, b"first", lambda: hub.disconnect(connection))
    assert next(stream) == b"first"
    stream.close()
    stream.close()
    assert hub.connection_count == 0


# How many connections one owner may have


@pytest.fixture
def limit(redis, blog):
    with Redis.from_url(redis.url) as client:
        yield ConnectionLimit(client, 3, 3600)


def test_the_oldest_gives_way(limit):
    assert [limit.admit(("user:1", id)) for id in "abcde"] == [[], [], [], ["a"], ["b"]]


def test_what_was_released_does_not_count(limit):
    for id in "abc":
        limit.admit(("user:1", id))
    limit.release(("user:1", "a"))
    assert limit.admit(("user:1", "d")) == []
    assert limit.admit(("user:1", "e")) == ["b"]


def test_owners_do_not_count_for_each_other(limit):
    for id in "abc":
        limit.admit(("user:1", id))
    assert limit.admit(("user:2", "d")) == []


def test_without_redis_there_is_no_limit():
    limit = ConnectionLimit(Redis.from_url("redis://127.0.0.1:1/0"), 1, 3600)
    assert [limit.admit(("user:1", id)) for id in "abc"] == [[], [], []]
    limit.release(("user:1", "a"))
