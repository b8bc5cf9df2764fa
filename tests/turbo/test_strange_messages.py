"""Messages in Redis from another version of the code: during a deploy, two versions run."""

import json

import pytest
from redis import Redis

from chatapp.turbo import Hub
from tests.servers import wait_until

from .blog import turbo, write
from .readers import Reading, settled


@pytest.fixture
def hub(source, redis):
    hub = settled(Hub(redis.url, source, beat=600))
    yield hub
    hub.close()


@pytest.fixture
def tell(redis):
    """Publish any payload on the channel of a stream."""
    with Redis.from_url(redis.url) as client:
        yield lambda post, payload: client.publish(f"turbo:{post.stream_name}", payload)


STRANGE = [
    "no JSON",
    b"\xff\xfe",
    "[1, 2]",
    "null",
    '"text"',
    "{}",
    '{"end": 7, "rest": null}',
    '{"end": null, "rest": 60}',
    '{"check": 1, "why": "new"}',
    '{"reload": true}',
    '{"html": 7}',
    '{"revision": null, "html": "<p>"}',
    '{"revision": "43", "html": "<p>"}',
    '{"revision": true, "html": "<p>"}',
]


@pytest.mark.parametrize("payload", STRANGE)
def test_a_message_that_is_not_understood_disturbs_nobody(hub, post, tell, payload, caplog):
    with Reading(hub, post.stream_name, post.revision) as reading:
        assert tell(post, payload) == 1
        write(post, "Still alive")
        reading.wait_for("Still alive")
        assert not reading.ended and [event.id for event in reading.changes] == [str(post.revision)]
    assert "failed, starting it again" not in caplog.text and "Redis is away" not in caplog.text


def test_keys_of_a_later_version_are_left_alone(hub, post, tell, monkeypatch):
    publish = turbo.publisher._send
    extended = lambda name, payload: publish(name, payload | {"head": "<li>", "version": 9})  # noqa: E731
    monkeypatch.setattr(turbo.publisher, "_send", extended)
    with Reading(hub, post.stream_name, post.revision) as reading:
        write(post, "From the next version")
        reading.wait_for("From the next version")
    assert hub.figures["gap_fills"] == hub.figures["heartbeat_fills"] == 0


@pytest.mark.parametrize("dropped", ["html", "revision"])
def test_a_frame_that_says_it_in_another_way_has_the_database_asked(hub, post, tell, monkeypatch, dropped):
    publish = turbo.publisher._send
    renamed = lambda name, payload: publish(name, {f"new_{k}" if k == dropped else k: v for k, v in payload.items()})  # noqa: E731
    with Reading(hub, post.stream_name, post.revision) as reading:
        with monkeypatch.context() as patched:
            patched.setattr(turbo.publisher, "_send", renamed)
            write(post, "Said in another way")
        if dropped == "revision":
            write(post, "And in this one")
        reading.wait_for("Said in another way")


def test_an_end_without_a_word_about_rest_ends_the_connections(hub, post, tell):
    with Reading(hub, post.stream_name, post.revision, ["user:1"]) as reading:
        tell(post, json.dumps({"end": "user:1"}))
        wait_until(lambda: reading.ended, what="the stream to end")
