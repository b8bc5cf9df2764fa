"""What a commit says to Redis goes there together, and its publications before anything that follows from them."""

import pytest
from redis import Redis

from chatapp.turbo import after_commit, after_publication, tell, together
from tests.servers import free_port

from .blog import Comment, db, turbo


class Noting(Redis):
    """Notes each command and each pipeline, which is one round trip."""

    def __init__(self, **options):
        super().__init__(**options)
        self.trips: list[list[str]] = []

    def execute_command(self, *arguments, **options):
        self.trips.append([arguments[0]])
        return super().execute_command(*arguments, **options)

    def pipeline(self, **options):
        pipe = super().pipeline(**options)
        execute = pipe.execute

        def noted(**how):
            self.trips.append([command[0][0] for command in pipe.command_stack])
            return execute(**how)

        pipe.execute = noted
        return pipe


@pytest.fixture
def client(redis):
    with Noting(connection_pool=Redis.from_url(redis.url).connection_pool) as client:
        yield client
        client.connection_pool.disconnect()


def test_what_is_told_in_a_block_is_one_round_trip_in_order(client):
    answers = []
    with together():
        tell(client, "set", "one", "1")
        with together():
            tell(client, "get", "one", then=answers.append)
        assert client.trips == []
    assert (client.trips, answers) == ([["SET", "GET"]], [b"1"])


def test_outside_of_a_block_it_is_told_at_once(client):
    tell(client, "set", "one", "1")
    assert client.trips == [["SET"]]


def test_a_redis_that_is_away_or_refuses_a_command_stops_nothing(client):
    answers = []
    with together():
        tell(client, "set", "one", "1")
        tell(client, "zadd", "one", {"x": 1}, then=answers.append)  # no sorted set
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
    assert client.trips == [["ZREM", "PUBLISH"], ["LPUSH"]]
