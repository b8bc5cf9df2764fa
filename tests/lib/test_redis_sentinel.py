"""A Redis whose place Sentinels know. Of the two Sentinels in its address, one is down."""

import threading

import pytest
import redis

from chatapp.lib.redis_client import client, patient_client
from chatapp.turbo.subscribers import subscriber
from tests.clusters import Sentinel
from tests.servers import free_port, redis_server, wait_until


@pytest.fixture
def servers(tmp_path):
    """The primary, and the Sentinel that watches it."""
    with (
        redis_server(folder(tmp_path / "primary")) as primary,
        redis_server(folder(tmp_path / "replica"), free_port()) as replica,
        redis.Redis(port=primary.port) as asked,
        redis.Redis(port=replica.port) as following,
    ):
        following.replicaof("127.0.0.1", primary.port)
        # Before the Sentinel looks for the first time: it looks again after ten seconds.
        wait_until(lambda: asked.info("replication")["connected_slaves"] == 1, 30)
        with Sentinel(folder(tmp_path / "sentinel"), primary) as sentinel:
            wait_until(lambda: sentinel.knows_a_replica, 30)
            yield primary, sentinel
            sentinel.client.close()


def folder(path):
    path.mkdir()
    return path


def test_requests_workers_and_streams_follow_to_the_server_that_takes_over(servers):
    primary, sentinel = servers
    heard: list = []
    with client(sentinel.url) as quick, patient_client(sentinel.url) as patient:
        listening = subscriber(quick, lambda *said: heard.append(said), lambda: None)
        thread = threading.Thread(target=listening.run, daemon=True)
        thread.start()
        listening.subscribe("a")
        wait_until(lambda: publishes(quick, "one") and ("a", b"one") in heard)
        wait_until(lambda: publishes(patient, "one"))
        primary.kill9()
        wait_until(lambda: publishes(quick, "two") and ("a", b"two") in heard, 120)
        wait_until(lambda: publishes(patient, "three") and ("a", b"three") in heard, 120)
        listening.close()
        thread.join(10)
        assert not thread.is_alive()


def publishes(client: redis.Redis, text: str) -> bool:
    try:
        client.set("written", text)
        return client.publish("a", text) > 0
    except redis.RedisError:
        return False
