"""What a commit says to Redis goes there together, and its publications before anything that follows from them."""

import re

import pytest
from redis import Connection, ConnectionPool, Redis

from chatapp.turbo import after_commit, after_publication, tell, together
from tests.servers import free_port

from .blog import Comment, db, turbo


class Noting(Connection):
    """Notes the commands of each round trip."""

    trips: list[list[str]] = []

    def send_packed_command(self, command, check_health=True):
        words = re.findall(rb"\*\d+\r\n\$\d+\r\n(\w+)\r\n", b"".join(command))
        self.trips.append([word.decode() for word in words])
        super().send_packed_command(command, check_health)


@pytest.fixture
def client(redis):
    with Redis.from_pool(ConnectionPool.from_url(redis.url, connection_class=Noting)) as client:
        client.ping()  # a new connection introduces itself
        Noting.trips.clear()
        yield client


def test_what_is_told_in_a_block_is_one_round_trip_in_order(client):
    answers = []
    with together():
        tell(client, "set", "one", "1")
        with together():
            tell(client, "get", "one", then=answers.append)
        assert Noting.trips == []
    assert (Noting.trips, answers) == ([["SET", "GET"]], [b"1"])


def test_outside_of_a_block_it_is_told_at_once(client):
    tell(client, "set", "one", "1")
    assert Noting.trips == [["SET"]]


def test_a_redis_that_is_away_or_refuses_a_command_stops_nothing(client):
    answers = []
    with together():
        tell(client, "set", "one", "1")
        tell(client, "zadd", "one", 1, "x", then=answers.append)  # no sorted set
        tell(client, "get", "one", then=answers.append)
        tell(Redis(port=free_port()), "get", "one", then=answers.append)
    assert answers == [b"1"]


def test_a_commit_publishes_before_what_follows_from_it(post, ada, client, monkeypatch):
    monkeypatch.setattr(turbo.publisher, "redis", client)
    session = db.session()
    after_publication(session, lambda: tell(client, "lpush", "jobs", "1"))
    after_commit(session, lambda: tell(client, "zrem", "typing", "1"))
    session.add(Comment(post=post, author=ada, text="Hello"))
    session.commit()
    assert Noting.trips == [["ZREM", "PUBLISH"], ["LPUSH"]]
