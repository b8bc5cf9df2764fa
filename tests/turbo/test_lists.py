"""Reading a list while it changes: no head slips through between the reading and the listening."""

import re

import pytest
from markupsafe import Markup
from redis import Redis
from sqlalchemy import select

from chatapp.turbo import Connection, Gone, Hub, lists
from chatapp.turbo.publisher import Publisher
from tests.browserless import parse
from tests.servers import wait_until

from .blog import Author, Follower, Post, db, turbo, write
from .readers import PageReading
from .test_heads import List, position

AFTER = re.compile(r"<!--after \S+ (\d+)-->")


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


def test_a_page_with_another_list_at_the_same_position_gets_what_it_lacks(hub, ada, followed, other, monkeypatch):
    other.follow(ada)
    write(other, "First")
    db.session.commit()
    with PageReading(hub, {ada.stream_name: position(ada)}) as before:
        with monkeypatch.context() as away:
            away.setattr(turbo, "publisher", Publisher(Redis.from_url("redis://127.0.0.1:1/0")))
            write(followed, "Unheard")
        rendered = position(ada)
        write(other, "Heard")
        before.wait_for("Heard")
        assert before.positions[ada.stream_name] == rendered  # one is ahead in one head, the other in the other
        with PageReading(hub, {ada.stream_name: rendered}) as page:
            page.wait_for("Heard")
            before.wait_for("Unheard")


def test_a_list_read_in_the_middle_of_a_departure_is_followed_by_nothing_older(hub, ada, followed, other, monkeypatch):
    other.follow(ada)
    write(other, "First")
    read, readings = hub.source.listing, []

    def and_meanwhile(name):
        readings.append(name)
        if len(readings) > 1:
            return read(name)
        write(followed, "In between")
        live.wait_for("In between")  # which the page that begins hears as well
        listing = read(name)
        heads = {stream: revision for stream, revision in listing.heads.items() if stream != other.stream_name}
        return listing._replace(heads=heads)  # its own revision was read before the departure, and the rest behind it

    with PageReading(hub, {ada.stream_name: position(ada)}) as live:
        monkeypatch.setattr(hub.source, "listing", and_meanwhile)
        with PageReading(hub, {ada.stream_name: 0}) as page:
            page.wait_for("In between")
            write(followed, "Later")
            page.wait_for("Later")
            stands = [int(event.id.partition("=")[2]) for event in page.changes]
            follows = [int(found[1]) for event in page.changes if (found := AFTER.search(event.data))]
            assert all(after <= before for before, after in zip(stands, follows, strict=False))


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


class Asked:
    """``source``, and what it was asked for."""

    def __init__(self, source):
        self.source, self.questions = source, []

    def __getattr__(self, name: str):
        def ask(*arguments):
            self.questions.append(name)
            return getattr(self.source, name)(*arguments)

        return ask


@pytest.fixture
def crowd(followed, other) -> list[Author]:
    """They all follow two posts."""
    authors = [Author(name=f"Author {number}") for number in range(lists.CROWD + 2)]
    db.session.add_all(authors)
    db.session.commit()
    for author in authors:
        followed.follow(author)
        other.follow(author)
        db.session.commit()
    return authors


def come(redis, source, pages: dict[str, List]) -> tuple[list[str], dict[str, List]]:
    """What a process that knows nothing yet asks for when all of these come at once, and what they show then."""
    asked = Asked(source)
    hub = Hub(redis.url, asked, beat=600)
    connections = {name: Connection({name: page.position}, named=True) for name, page in pages.items()}
    try:
        assert hub.begin_all(list(connections.values())) == {}
        events = {name: parse([one.outlet.waiting().decode()]) for name, one in connections.items()}
        changes = {name: [event for event in found if event.data and not event.name] for name, found in events.items()}
        return asked.questions, {name: page.after(changes[name]) for name, page in pages.items()}
    finally:
        hub.close()


def test_a_crowd_whose_heads_are_old_gets_them_by_two_questions_and_nobody_a_whole_list(redis, source, crowd, followed):
    pages = {author.stream_name: List(author) for author in crowd}
    write(followed, "Missed by all")
    asked, shown = come(redis, source, pages)
    db.session.expire_all()
    assert all(shown[author.stream_name].heads == List(author).heads for author in crowd)
    # The second reading of the lists is behind the listening to what they show.
    assert [asked.count(name) for name in ("listings", "heads", "listing")] == [2, 1, 0]


def test_in_a_crowd_whoever_has_another_list_or_knows_too_much_gets_it_whole(redis, source, crowd, followed):
    pages = {author.stream_name: List(author) for author in crowd}
    write(followed, "Missed by all")
    left, ahead = crowd[:2]
    db.session.scalars(select(Follower).filter_by(author_id=left.id, post_id=followed.id)).one().gone = True
    db.session.commit()
    pages[ahead.stream_name].revision += 1
    asked, shown = come(redis, source, pages)
    db.session.expire_all()
    for author in crowd:
        page, fresh = shown[author.stream_name], List(author)
        assert (page.revision, page.heads) == (fresh.revision, fresh.heads)
    assert asked.count("listing") == 2


def test_a_list_that_fails_by_a_mistake_or_is_gone_does_not_concern_the_others(redis, source, crowd, monkeypatch):
    failing, gone, *others = crowd
    read = Author.read_lists.__func__

    def fail(cls, session, ids):
        if failing.id in ids:
            raise ValueError("a mistake")
        return read(cls, session, ids)

    monkeypatch.setattr(Author, "read_lists", classmethod(fail))
    names = [failing.stream_name, f"author:{gone.id + 1000}", *(author.stream_name for author in others)]
    hub = Hub(redis.url, source, beat=600)
    connections = [Connection({name: 0}) for name in names]
    try:
        failed = hub.begin_all(connections)
    finally:
        hub.close()
    assert {one: type(error) for one, error in failed.items()} == {connections[0]: ValueError, connections[1]: Gone}
