import json
import logging

import pytest
from redis import Redis

from chatapp.turbo import Frame
from chatapp.turbo import publisher as module
from chatapp.turbo.publisher import CONTROL, Publisher
from tests.servers import redis_server


@pytest.fixture
def heard(redis):
    """``heard(channel)`` listens; calling the answer gives the next payload."""
    with Redis.from_url(redis.url) as client, client.pubsub() as listener:

        def listen(channel: str):
            listener.subscribe(channel)
            assert listener.get_message(timeout=5)["type"] == "subscribe"
            return lambda: json.loads(listener.get_message(timeout=5)["data"])

        yield listen


@pytest.fixture
def publisher(redis):
    publisher = Publisher(redis.url)
    yield publisher
    publisher.redis.close()


def test_a_frame_goes_to_the_channel_of_its_stream(publisher, heard):
    next_one = heard("turbo:page:7")
    publisher.frame("page:7", Frame(42, 43, "<p>"))
    assert next_one() == {"revision": 43, "html": "<p>"}


def test_a_passing_state_has_no_revision(publisher, heard):
    next_one = heard("turbo:page:7")
    publisher.ephemeral("page:7", "<p>")
    assert next_one() == {"html": "<p>"}


def test_an_end_goes_to_the_stream_that_it_is_about_or_to_all(publisher, heard):
    of_one, of_all = heard("turbo:page:7"), None
    publisher.end("user:1", "page:7", rest=60)
    assert of_one() == {"end": "user:1", "rest": 60}
    of_all = heard(CONTROL)
    publisher.end("user:1")
    assert of_all() == {"end": "user:1", "rest": None}


def test_redis_away_is_no_error_and_said_once(tmp_path, caplog, monkeypatch):
    monkeypatch.setattr(module, "PAUSE", 0)
    with redis_server(tmp_path) as server:
        publisher = Publisher(server.url)
        server.stop()
        with caplog.at_level(logging.INFO):
            for revision in (1, 2, 3):
                publisher.frame("page:7", Frame(revision - 1, revision, "<p>"))
            assert caplog.text.count("Redis is away") == 1
            server.start()
            publisher.frame("page:7", Frame(3, 4, "<p>"))
        assert caplog.text.count("Redis is back") == 1
        publisher.redis.close()


def test_a_dead_redis_is_not_asked_again_for_a_while(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "PAUSE", 3600)
    with redis_server(tmp_path) as server:
        publisher = Publisher(server.url)
        server.stop()
        publisher.ephemeral("page:7", "<p>")
        server.start()
        before = publisher.redis.info("commandstats").get("cmdstat_publish")
        publisher.ephemeral("page:7", "<p>")
        assert publisher.redis.info("commandstats").get("cmdstat_publish") == before is None
        publisher.redis.close()
