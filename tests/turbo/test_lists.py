"""Reading a list while it changes: no head slips through between the reading and the listening."""

import pytest
from markupsafe import Markup
from redis import Redis

from chatapp.turbo import Hub
from chatapp.turbo.publisher import Publisher
from tests.servers import wait_until

from .blog import Author, Follower, Post, db, turbo, write
from .readers import PageReading
from .test_heads import position


@pytest.fixture
def hub(source, redis):
    """With a heartbeat so slow that none comes in a test."""
    hub = Hub(redis.url, source, beat=600)
    yield hub
    hub.close()


@pytest.fixture
def followed(ada, post) -> Post:
    post.follow(ada)
    write(post, "First")
    return post


def test_what_is_said_between_the_reading_and_the_listening_is_in_the_list(
    hub, blog, ada, followed, other, monkeypatch
):
    read, readings, id = hub.source.listing, [], other.id

    def and_meanwhile(*arguments):
        listing = read(*arguments)
        readings.append(listing)
        if len(readings) == 1:
            with blog.app_context():
                write(db.session.get(Post, id), "In between")  # Redis tells those who listen by now
        return listing

    with PageReading(hub, {ada.stream_name: position(ada)}) as page:
        monkeypatch.setattr(hub.source, "listing", and_meanwhile)
        other.follow(ada)  # a new line, whose stream this process has not listened to
        db.session.commit()
        page.wait_for("In between")


def test_a_head_that_one_list_has_read_reaches_the_others(hub, ada, followed, monkeypatch):
    eve = Author(name="Eve")
    db.session.add(eve)
    db.session.commit()
    followed.follow(eve)
    with PageReading(hub, {ada.stream_name: position(ada)}) as page:
        monkeypatch.setattr(turbo, "publisher", Publisher(Redis.from_url("redis://127.0.0.1:1/0")))
        write(followed, "Unheard")
        with PageReading(hub, {eve.stream_name: 0}) as other:
            other.wait_for("Unheard")
            page.wait_for("Unheard")


def test_a_reading_that_is_older_than_what_the_list_has_told_is_not_taken(hub, blog, ada, followed, other, monkeypatch):
    told = Markup('<turbo-stream action="mark" target="list"></turbo-stream>')
    monkeypatch.setattr(Follower, "fragment", lambda self, since: told)  # a change that needs no reading
    read, readings, ids = hub.source.listing, [], (other.id, ada.id)

    def and_meanwhile(*arguments):
        readings.append(read(*arguments))
        if len(readings) == 1:
            with blog.app_context():
                db.session.get(Post, ids[0]).follow(db.session.get(Author, ids[1]))
                db.session.commit()
            page.wait_for('action="mark"')
        return readings[-1]

    with PageReading(hub, {ada.stream_name: position(ada)}) as page:
        monkeypatch.setattr(hub.source, "listing", and_meanwhile)
        with PageReading(hub, {ada.stream_name: 0}) as late:
            late.wait_for("Other")
            db.session.expire_all()
            for reading in (page, late):
                wait_until(lambda reading=reading: reading.positions[ada.stream_name] == position(ada))
