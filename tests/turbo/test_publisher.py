import json
import time

import pytest
from redis import Redis

from chatapp.turbo import Frame
from chatapp.turbo.publisher import CONTROL, Publisher
from tests.servers import free_port


@pytest.fixture
def heard(redis):
    """``heard(channel)`` listens; calling the answer gives the next payload."""
    with Redis.from_url(redis.url) as client, client.pubsub() as listener:

        def listen(channel: str):
            listener.subscribe(channel)
            assert listener.get_message(timeout=30)["type"] == "subscribe"
            return lambda: json.loads(listener.get_message(timeout=30)["data"])

        yield listen


@pytest.fixture
def publisher(redis):
    with Redis.from_url(redis.url) as client:
        yield Publisher(client)


def test_a_frame_goes_to_the_channel_of_its_stream(publisher, heard):
    next_one, before = heard("turbo:page:7"), time.time()
    publisher.frame("page:7", Frame(42, 43, "<p>"))
    said = next_one()
    assert before - 0.001 <= said.pop("at") <= time.time() + 0.001
    assert said == {"revision": 43, "html": "<p>", "head": None}


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


def test_redis_away_is_no_error():
    with Redis.from_url(f"redis://127.0.0.1:{free_port()}/0") as nowhere:
        Publisher(nowhere).frame("page:7", Frame(1, 2, "<p>"))
