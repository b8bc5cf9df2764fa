import pytest
from redis import Redis

from chatapp.turbo.owners import KEY, Owners
from chatapp.turbo.slices import BATCH


@pytest.fixture
def client(redis):
    with Redis.from_url(redis.url) as client:
        client.delete(KEY)
        yield client


def test_whoever_was_noted_is_here_until_the_time_is_over(client):
    owners = Owners(client, lifetime=60)
    owners.note({"user:1", "user:2"})
    assert owners.here(["user:1", "user:2", "user:3"]) == {"user:1", "user:2"}
    client.zadd(KEY, {"user:1": 1})
    assert owners.here(["user:1", "user:2"]) == {"user:2"}
    owners.note({"user:3"})
    assert client.zscore(KEY, "user:1") is None


def test_nobody_to_note_or_to_ask_for_costs_nothing(client):
    owners = Owners(client, lifetime=60)
    owners.note(set())
    assert owners.here([]) == set() and client.exists(KEY) == 0


def test_a_crowd_is_noted_in_parts_so_that_the_process_never_stands_still(client):
    crowd = {f"user:{number}" for number in range(2 * BATCH + 1)}
    client.config_resetstat()
    Owners(client, lifetime=60).note(crowd)
    assert client.zcard(KEY) == len(crowd)
    assert client.info("commandstats")["cmdstat_zadd"]["calls"] == 3


def test_without_redis_nobody_knows():
    owners = Owners(Redis(port=1, socket_connect_timeout=0.1), lifetime=60)
    owners.note({"user:1"})
    assert owners.here(["user:1"]) is None
