"""Frames that a Redis Cluster carries, of three primaries with a replica each."""

import socket
import threading
from functools import partial

import pytest
import redis
from redis.cluster import RedisCluster

from chatapp.turbo import Cluster, Hub
from chatapp.turbo.publisher import Publisher
from chatapp.turbo.sharded_subscriber import ShardedSubscriber
from tests.clusters import Cluster as Servers
from tests.servers import wait_until

from .blog import turbo, write
from .readers import Reading

CHANNELS = [f"turbo:post:{n}" for n in range(12)]


@pytest.fixture(scope="module")
def all_servers(tmp_path_factory):
    with Servers(tmp_path_factory.mktemp("cluster")) as servers:
        yield servers


@pytest.fixture
def servers(all_servers):
    return all_servers.wait_until_whole()


@pytest.fixture
def cluster(servers):
    cluster = Cluster(partial(client, servers))
    yield cluster
    cluster.close()


def client(servers: Servers) -> RedisCluster:
    first = servers.primaries[0]
    return RedisCluster(host="127.0.0.1", port=first.port, socket_timeout=30, socket_connect_timeout=1, protocol=2)


@pytest.fixture
def heard() -> list:
    return []


@pytest.fixture
def subscriber(cluster, heard):
    """It listens to CHANNELS, and counts in ``again`` how often it has to look for what it missed."""
    again = []
    subscriber = ShardedSubscriber(cluster, lambda *said: heard.append(said), lambda: again.append(1))
    subscriber.again = again
    thread = threading.Thread(target=subscriber.run, daemon=True)
    thread.start()
    subscriber.subscribe(*CHANNELS)
    yield subscriber
    subscriber.close()
    thread.join(10)
    assert not thread.is_alive()


def test_servers_of_which_one_cannot_start_leave_none_behind(tmp_path):
    servers = Servers(tmp_path)
    with socket.create_server(("127.0.0.1", servers.replicas[0].port)), pytest.raises(RuntimeError, match="stopped"):
        servers.__enter__()
    assert not any(server.running for server in servers.servers)


def test_all_shards_have_channels(servers):
    assert {servers.shard_of(channel) for channel in CHANNELS} == {0, 1, 2}


def test_what_is_published_is_heard_on_every_shard_and_in_order(cluster, subscriber, heard):
    for number in range(20):
        for channel in CHANNELS:
            cluster.publish(channel, str(number))
    wait_until(lambda: len(heard) == 20 * len(CHANNELS))
    for channel in CHANNELS:
        assert [int(payload) for name, payload in heard if name == channel] == list(range(20))


def test_a_channel_that_nobody_needs_is_left(servers, cluster, subscriber, heard):
    left, kept = CHANNELS[0], CHANNELS[1]
    subscriber.unsubscribe(left)
    wait_until(lambda: not listeners(servers, left))
    cluster.publish(left, "nobody")
    cluster.publish(kept, "somebody")
    wait_until(lambda: heard == [(kept, b"somebody")])


def listeners(servers: Servers, channel: str) -> int:
    leader = servers.primary_of(servers.shard_of(channel))
    return int(leader.client.execute_command("PUBSUB", "SHARDNUMSUB", channel)[1])


def test_channels_are_followed_to_the_server_that_their_slots_move_to(servers, cluster, subscriber, heard):
    moving = CHANNELS[0]
    shard, before = servers.shard_of(moving), len(subscriber.again)
    before_it, after_it = servers.primaries[shard], servers.replicas[shard]
    if not before_it.leads:
        before_it, after_it = after_it, before_it
    after_it.take_over()
    wait_until(lambda: len(subscriber.again) > before and listeners(servers, moving) == 1, 20)
    publish_until_heard(cluster, moving, heard)


def test_a_dead_primary_is_replaced_and_nothing_that_was_said_meanwhile_is_taken_for_heard(
    servers, cluster, subscriber, heard
):
    lost = CHANNELS[1]
    leader = servers.primary_of(servers.shard_of(lost))
    before = len(subscriber.again)
    leader.kill9()
    others = [channel for channel in CHANNELS if servers.shard_of(channel) != servers.shard_of(lost)]
    cluster.publish(others[0], "still here")
    wait_until(lambda: (others[0], b"still here") in heard)
    wait_until(lambda: len(subscriber.again) > before, 20)
    publish_until_heard(cluster, lost, heard)


def publish_until_heard(cluster: Cluster, channel: str, heard: list) -> None:
    def tried() -> bool:
        try:
            cluster.publish(channel, "again")
        except (redis.RedisError, OSError):
            return False
        return (channel, b"again") in heard

    wait_until(tried, 20)


def test_a_cluster_that_is_away_delays_nobody_and_is_found_later(servers, heard):
    there = False

    def make() -> RedisCluster:
        if not there:
            raise redis.ConnectionError("away")
        return client(servers)

    cluster = Cluster(make)
    subscriber = ShardedSubscriber(cluster, lambda *said: heard.append(said), lambda: None)
    threading.Thread(target=subscriber.run, daemon=True).start()
    assert subscriber.subscribe(CHANNELS[0])
    Publisher(cluster).check("post:0")  # is not heard, and raises nothing
    with pytest.raises(redis.ConnectionError):
        cluster.ping()
    there = True
    publish_until_heard(cluster, CHANNELS[0], heard)
    subscriber.close()
    cluster.close()


def test_readers_get_what_was_written_while_a_primary_died(servers, cluster, blog, source, post, monkeypatch):
    hub = Hub(cluster, source, beat=600)
    monkeypatch.setattr(turbo, "publisher", Publisher(cluster))
    leader = servers.primary_of(servers.shard_of(f"turbo:{post.stream_name}"))
    with Reading(hub, post.stream_name, post.revision) as reading:
        write(post, "Before")
        reading.wait_for("Before")
        leader.kill9()
        write(post, "Unheard")
        reading.wait_for("Unheard")
        write(post, "After")
        reading.wait_for("After")
        assert reading.revisions == sorted(set(reading.revisions))
    hub.close()
