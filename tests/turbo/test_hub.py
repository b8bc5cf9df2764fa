"""The hub with a real Redis and a real database. Faults are in test_hub_faults.py."""

import time

import pytest
from redis import Redis
from sqlalchemy import update

from chatapp.turbo import Closing, Connection, Gone, Hub, Overloaded, delays, outlet
from chatapp.turbo.publisher import Publisher
from chatapp.turbo.slices import BATCH
from chatapp.turbo.source import DatabaseSource
from tests.browserless import parse
from tests.servers import wait_until

from .blog import Post, db, turbo, write
from .readers import Reading, connect, settled


@pytest.fixture
def hub(source, redis):
    """With a heartbeat so slow that none comes in a test."""
    hub = settled(Hub(redis.url, source, beat=600))
    yield hub
    hub.close()


def test_what_is_committed_is_read(hub, post):
    with Reading(hub, post.stream_name, post.revision) as reading:
        write(post, "Hello")
        assert reading.wait_for("Hello").id == str(post.revision)


def test_every_reader_of_a_stream_gets_it_and_no_other(hub, post, other):
    with (
        Reading(hub, post.stream_name, post.revision) as first,
        Reading(hub, post.stream_name, post.revision) as second,
        Reading(hub, other.stream_name, other.revision) as elsewhere,
    ):
        write(post, "Here")
        write(other, "There")
        first.wait_for("Here")
        second.wait_for("Here")
        elsewhere.wait_for("There")
        assert all("Here" not in event.data for event in elsewhere.changes)


def test_changes_come_each_once_and_in_order(hub, post):
    begin = post.revision
    with Reading(hub, post.stream_name, begin) as reading:
        for number in range(20):
            write(post, f"Number {number}.")
        reading.wait_for("Number 19.")
        assert reading.revisions == list(range(begin + 1, begin + 21))


def test_who_comes_late_is_caught_up_and_then_live(hub, post):
    begin = post.revision
    write(post, "Missed")
    with Reading(hub, post.stream_name, begin) as reading:
        reading.wait_for("Missed")
        write(post, "Live")
        reading.wait_for("Live")
        assert reading.revisions == [begin + 1, begin + 2]
    assert hub.figures["catch_ups"] == 1


def test_who_has_seen_everything_costs_no_catch_up(hub, post):
    with Reading(hub, post.stream_name, post.revision):
        assert hub.figures["catch_ups"] == 0


def test_a_crowd_that_comes_back_from_one_place_is_caught_up_by_one_query(hub, post):
    begin = post.revision
    with Reading(hub, post.stream_name, begin) as staying:
        write(post, "Missed")
        staying.wait_for("Missed")
        for _ in range(3):
            with Reading(hub, post.stream_name, begin) as back:
                back.wait_for("Missed")
                assert back.revisions == [begin + 1]
    assert hub.figures["catch_ups"] == 1


def test_what_was_told_to_the_crowd_is_read_anew_once_there_is_news(hub, post):
    begin = post.revision
    with Reading(hub, post.stream_name, begin) as staying:
        for number in (1, 2):
            write(post, f"Missed {number}.")
            staying.wait_for(f"Missed {number}.")
            with Reading(hub, post.stream_name, begin) as back:
                back.wait_for(f"Missed {number}.")
                assert back.revisions == [begin + number]
    assert hub.figures["catch_ups"] == 2


@pytest.mark.parametrize("cursor", [-1, 2**31 - 1])
def test_who_stands_nowhere_gets_the_whole_page(hub, post, cursor):
    write(post, "Hello")
    with Reading(hub, post.stream_name, cursor) as reading:
        assert f'action="replace" target="comments_post_{post.id}"' in reading.wait_for("Hello").data
    assert hub.figures["full_replacements"] == 1


def test_a_passing_state_reaches_readers_without_an_id(hub, post):
    with Reading(hub, post.stream_name, post.revision) as reading:
        turbo.broadcast(post.stream_name, "<somebody is typing>")
        assert reading.wait_for("<somebody is typing>").id is None


def test_a_record_that_does_not_exist_has_no_stream(hub):
    with pytest.raises(Gone):
        connect(hub, "post:999999", 0)
    assert (hub.connection_count, hub.stream_count) == (0, 0)


def test_a_process_has_room_for_so_many(source, redis, post):
    hub = Hub(redis.url, source, beat=600, limit=2)
    first, _ = (connect(hub, post.stream_name, 0) for _ in range(2))
    with pytest.raises(Overloaded):
        connect(hub, post.stream_name, 0)
    hub.disconnect(first)
    connect(hub, post.stream_name, 0)
    hub.close()


# Ends


def test_a_tag_ends_the_connections_that_carry_it(hub, post):
    with (
        Reading(hub, post.stream_name, post.revision, ["user:1"]) as one,
        Reading(hub, post.stream_name, post.revision, ["user:2"]) as two,
    ):
        turbo.publisher.end("user:1")
        one.wait_for_end()
        write(post, "Still there")
        two.wait_for("Still there")
        assert not two.ended


def test_a_tag_can_end_the_connections_of_one_stream_only(hub, post, other):
    with (
        Reading(hub, post.stream_name, post.revision, ["user:1"]) as here,
        Reading(hub, other.stream_name, other.revision, ["user:1"]) as there,
    ):
        turbo.publisher.end("user:1", post.stream_name)
        here.wait_for_end()
        write(other, "Still there")
        there.wait_for("Still there")


def test_nothing_that_is_written_after_an_end_gets_through(hub, post):
    with Reading(hub, post.stream_name, post.revision, ["user:1"]) as reading:
        turbo.publisher.end("user:1", post.stream_name)
        write(post, "Secret")
        reading.wait_for_end()
        assert b"Secret" not in reading.bytes


def test_ends_wait_for_the_commit(hub, post):
    with Reading(hub, post.stream_name, post.revision, ["user:1"]) as reading:
        turbo.end(db.session(), "user:1")
        db.session.rollback()
        db.session.commit()
        write(post, "Still there")
        reading.wait_for("Still there")
        turbo.end(db.session(), "user:1")
        db.session.commit()
        reading.wait_for_end()


def test_the_last_reader_who_leaves_ends_the_subscription(hub, post, redis):
    name = f"turbo:{post.stream_name}"
    subscribers = lambda: dict(turbo.publisher.redis.pubsub_numsub(name))[name.encode()]  # noqa: E731
    with Reading(hub, post.stream_name, post.revision), Reading(hub, post.stream_name, post.revision):
        assert subscribers() == 1
    wait_until(lambda: subscribers() == 0)
    assert (hub.connection_count, hub.stream_count) == (0, 0)


def test_a_stream_that_nobody_read_for_a_while_starts_from_the_database_again(hub, post):
    with Reading(hub, post.stream_name, post.revision):
        pass
    cursor = post.revision
    write(post, "Meanwhile")
    with Reading(hub, post.stream_name, cursor) as reading:
        reading.wait_for("Meanwhile")
        write(post, "And now")
        reading.wait_for("And now")


def test_a_slow_reader_is_cut_off_and_catches_up_when_it_comes_back(hub, post, monkeypatch):
    slow = connect(hub, post.stream_name, post.revision)
    with monkeypatch.context() as patience:
        patience.setattr(outlet, "MOST_CHUNKS", 3)
        for number in range(6):
            write(post, f"Number {number}.")
        wait_until(lambda: slow.ended)
    seen = list(parse([b"".join(slow.chunks()).decode()]))
    assert "Number 0." in seen[0].data and "Number 5." not in seen[-1].data
    hub.disconnect(slow)
    hub.disconnect(slow)
    assert hub.figures["cut_off"] == 1
    with Reading(hub, post.stream_name, int(seen[-1].id)) as back:
        back.wait_for("Number 5.")


def test_a_delivery_is_timed_from_its_publication_to_the_moment_when_the_server_has_written_it(hub, post):
    reader = connect(hub, post.stream_name, post.revision)
    chunks = reader.chunks()
    write(post, "News")
    assert b"News" in next(chunks)
    assert sum(hub.delays.counts) == 0  # the server is just writing it
    reader.beat(15)
    next(chunks)
    assert sum(hub.delays.counts) == 1 and 0 < hub.delays.seconds < 60


def test_of_a_crowd_a_sample_is_timed_and_who_comes_later_takes_the_place_of_who_goes(hub, post, monkeypatch):
    monkeypatch.setattr(delays, "TIMED", 2)
    first, second, third = (connect(hub, post.stream_name, post.revision) for _ in range(3))
    assert [reader.timed for reader in (first, second, third)] == [True, True, False]
    write(post, "News")
    wait_until(lambda: hub.figures["deliveries"] == 3)
    hub.disconnect(first)
    hub.disconnect(first)
    assert connect(hub, post.stream_name, post.revision).timed


def test_what_the_database_tells_has_no_delay(hub, post):
    cursor = post.revision
    write(post, "Meanwhile")
    with Reading(hub, post.stream_name, cursor) as reading:
        reading.wait_for("Meanwhile")
    assert sum(hub.delays.counts) == 0 and hub.figures["catch_ups"] == hub.figures["begun"] == 1


def test_clocks_that_differ_make_no_delay_of_less_than_nothing(hub):
    hub.delays.note([time.time() + 60, time.time() - 3600])
    assert (hub.delays.counts[0], hub.delays.counts[-1]) == (1, 1)
    assert 3600 <= hub.delays.seconds < 3700


def test_closing_ends_every_stream_with_a_moment_to_come_back(hub, post):
    with Reading(hub, post.stream_name, post.revision) as one, Reading(hub, post.stream_name, post.revision) as two:
        hub.close()
        for reading in (one, two):
            reading.wait_for_end()
            assert reading.bytes.count(b"event: retry") == 1
    with pytest.raises(Closing):
        connect(hub, post.stream_name, 0)


# The heartbeat


@pytest.fixture
def beating(source, redis):
    hub = Hub(redis.url, source, beat=0.1)
    yield hub
    hub.close()


def test_readers_hear_a_heartbeat(beating, post):
    with Reading(beating, post.stream_name, post.revision) as reading:
        wait_until(lambda: reading.bytes.count(b"event: beat\ndata: 0.1\n\n") >= 3)


def test_who_asked_for_it_hears_a_heartbeat_more_often(hub, post):
    often = Connection({post.stream_name: post.revision}, interval=1)
    hub.begin(often)
    with Reading(hub, post.stream_name, post.revision) as usual:
        sent = often.chunks()
        assert b"event: beat\ndata: 1\n\n" in next(sent) and b"event: beat" in next(sent)
        wait_until(lambda: usual.bytes)
        assert usual.bytes.count(b"event: beat") == 1  # the one at its beginning
    hub.disconnect(often)


def test_a_heartbeat_says_where_each_stream_stands(beating, post):
    with Reading(beating, post.stream_name, post.revision) as here:
        write(post, "Hello")
        here.wait_for("Hello")
        sign = f"event: revision\ndata: {post.revision}\n\nevent: beat\n".encode()
        wait_until(lambda: sign in here.bytes)


def test_what_was_committed_and_never_published_comes_with_the_heartbeat(beating, post, monkeypatch):
    with Reading(beating, post.stream_name, post.revision) as reading:
        monkeypatch.setattr(turbo, "publisher", Publisher(Redis.from_url("redis://127.0.0.1:1/0")))
        write(post, "Never published")
        reading.wait_for("Never published")
    assert beating.figures["heartbeat_fills"] >= 1


def test_a_database_that_was_put_back_is_shown_as_it_is_now(beating, post):
    write(post, "Before")
    cursor = post.revision
    with Reading(beating, post.stream_name, cursor) as reading:
        db.session.execute(update(Post).values(revision=cursor - 1))
        db.session.commit()
        assert reading.wait_for(f'action="replace" target="comments_post_{post.id}"').id == str(cursor - 1)


def test_a_stream_ends_at_its_age(source, redis, post):
    hub = Hub(redis.url, source, beat=0.1, ages=(0.2, 0.3))
    with Reading(hub, post.stream_name, post.revision) as reading:
        reading.wait_for_end()
        assert reading.bytes.count(b"event: retry") == 1
    hub.close()


def test_who_may_no_longer_read_is_ended_although_nobody_said_so(blog, redis, post):
    withdrawn = []
    hub = Hub(redis.url, DatabaseSource(blog, db, lambda cursors: withdrawn), beat=0.1)
    with Reading(hub, post.stream_name, post.revision) as out, Reading(hub, post.stream_name, post.revision) as stays:
        withdrawn.extend(out.connection.cursors.values())
        out.wait_for_end()
        write(post, "Still there")
        stays.wait_for("Still there")
    hub.close()


def test_a_crowd_is_checked_in_parts_so_that_the_process_never_stands_still(blog, redis, post):
    asked = []
    hub = Hub(redis.url, DatabaseSource(blog, db, lambda cursors: asked.append(len(cursors)) or []), beat=0.1)
    crowd = [Connection({post.stream_name: post.revision}) for _ in range(2 * BATCH + 1)]
    assert hub.begin_all(crowd) == {}
    asked.clear()
    wait_until(lambda: sum(asked) >= 2 * len(crowd))
    hub.close()
    assert max(asked) <= BATCH


def test_what_is_withdrawn_while_it_is_read_is_not_sent(hub, monkeypatch, post, other):
    """Somebody is removed, and something is said behind that, between the question for access and the catch-up."""
    begin, read = post.revision, hub.source.catch_up

    def and_meanwhile(name, position):
        hub.end("user:7", post.stream_name)
        write(post, "Not for you")
        return read(name, position)

    monkeypatch.setattr(hub.source, "catch_up", and_meanwhile)
    write(post, "Missed")
    reader = Connection({post.stream_name: begin, other.stream_name: other.revision}, {"user:7"}, named=True)
    hub.begin(reader)
    hub.disconnect(reader)
    sent = b"".join(reader.chunks()).decode()
    assert "event: gone" in sent and "Missed" not in sent and "Not for you" not in sent
