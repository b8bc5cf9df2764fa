"""What the hub does when something is lost, late, away, or dies."""

import itertools
import logging
import threading

import pytest
from redis import Redis
from sqlalchemy.exc import OperationalError

from chatapp.turbo import Connection, Hub, repair, subscriber
from chatapp.turbo.publisher import Publisher
from tests.servers import redis_server, wait_until

from .blog import Post, db, turbo, write
from .readers import Reading, connect, settled

NOWHERE = "redis://127.0.0.1:1/0"


@pytest.fixture
def hub(source, redis):
    hub = settled(Hub(redis.url, source, beat=600))
    yield hub
    hub.close()


@pytest.fixture
def own_redis(tmp_path, blog, monkeypatch):
    """A Redis to stop and start; the blog publishes to it."""
    with redis_server(tmp_path) as server:
        own = Publisher(Redis.from_url(server.url))
        monkeypatch.setattr(turbo, "publisher", own)
        monkeypatch.setattr(subscriber, "RECONNECT", 0.05)
        yield server
        own.redis.close()


def unheard(post, content: str, monkeypatch) -> None:
    """Committed, and lost on the way to Redis."""
    with monkeypatch.context() as lost:
        lost.setattr(turbo, "publisher", Publisher(Redis.from_url(NOWHERE)))
        write(post, content)


def test_a_gap_is_filled_from_the_database(hub, post, monkeypatch):
    begin = post.revision
    with Reading(hub, post.stream_name, begin) as reading:
        unheard(post, "Lost", monkeypatch)
        write(post, "Heard")
        reading.wait_for("Heard")
        assert reading.revisions[-1] == begin + 2
        assert reading.bytes.index(b"Lost") < reading.bytes.index(b"Heard")
    assert hub.figures["gap_fills"] == 1


def test_a_stream_that_is_withdrawn_while_another_is_caught_up_leaves_that_one(hub, source, post, other, monkeypatch):
    begin, names = (post.revision, other.revision), (post.stream_name, other.stream_name)
    write(post, "Missed")
    write(other, "Missed")
    catch_up = source.catch_up

    def meanwhile(name: str, cursor: int):
        hub.end("session:1", names[1])
        return catch_up(name, cursor)

    monkeypatch.setattr(source, "catch_up", meanwhile)
    connection = Connection(dict(zip(names, begin, strict=True)), ["session:1"], named=True)
    try:
        assert hub.begin_all([connection]) == {}
        assert list(connection.cursors) == [names[0]]
    finally:
        hub.disconnect(connection)


def test_frames_in_the_wrong_order_need_no_database(hub, post, monkeypatch):
    monkeypatch.setattr(repair, "GRACE", 20)  # seconds; longer than both take to come
    begin, frames = post.revision, []
    with Reading(hub, post.stream_name, begin) as reading, monkeypatch.context() as swapped:
        swapped.setattr(turbo.publisher, "frame", lambda *frame: frames.append(frame))
        write(post, "First")
        write(post, "Second")
        swapped.undo()
        for frame in reversed(frames):
            turbo.publisher.frame(*frame)
        reading.wait_for("Second")
        assert reading.revisions == [begin + 1, begin + 2]


def test_a_frame_that_comes_twice_is_read_once(hub, post, monkeypatch):
    publish = turbo.publisher.frame
    monkeypatch.setattr(turbo.publisher, "frame", lambda *frame: (publish(*frame), publish(*frame)))
    with Reading(hub, post.stream_name, post.revision) as reading:
        write(post, "One")
        write(post, "Two")
        reading.wait_for("Two")
        assert len(reading.revisions) == len(set(reading.revisions)) == 2


def test_after_a_restart_of_redis_streams_go_on_and_nothing_is_missing(own_redis, source, post):
    hub = Hub(own_redis.url, source, beat=600)
    begin = post.revision
    with Reading(hub, post.stream_name, begin) as reading:
        write(post, "Before")
        reading.wait_for("Before")
        own_redis.stop()
        write(post, "Meanwhile")
        own_redis.start()
        reading.wait_for("Meanwhile")
        wait_until(lambda: turbo.publisher.redis.pubsub_numsub(f"turbo:{post.stream_name}")[0][1] == 1)
        write(post, "After")
        reading.wait_for("After")
        assert reading.revisions == sorted(set(reading.revisions)) and reading.revisions[-1] == begin + 3
        assert not reading.ended
    hub.close()


def test_a_killed_subscription_is_made_again_and_what_it_missed_is_read(own_redis, source, post, monkeypatch):
    hub = Hub(own_redis.url, source, beat=600)
    with Reading(hub, post.stream_name, post.revision) as reading:
        unheard(post, "Meanwhile", monkeypatch)
        turbo.publisher.redis.execute_command("CLIENT", "KILL", "TYPE", "pubsub")
        reading.wait_for("Meanwhile")
        write(post, "After")
        reading.wait_for("After")
    hub.close()


def test_without_redis_streams_begin_all_the_same_and_follow_the_database(source, post, redis_is_away):
    hub = Hub(redis_is_away, source, beat=0.1)
    with Reading(hub, post.stream_name, post.revision) as reading:
        write(post, "Said without Redis")
        reading.wait_for("Said without Redis")
    hub.close()


class Unwell:
    """A source whose database fails while ``ill``."""

    def __init__(self, source):
        self.source = source
        self.ill = False

    def lists(self, name):
        return self.source.lists(name)

    def __getattr__(self, name):
        def ask(*arguments):
            if self.ill:
                raise OperationalError("SELECT", {}, Exception("the database is away"))
            return getattr(self.source, name)(*arguments)

        return ask


def test_a_database_that_is_away_ends_no_stream_and_what_was_missed_comes_when_it_is_back(
    source, redis, post, monkeypatch, caplog
):
    unwell = Unwell(source)
    hub = Hub(redis.url, unwell, beat=0.1)
    with (
        caplog.at_level(logging.CRITICAL, "chatapp.turbo.hub"),
        Reading(hub, post.stream_name, post.revision) as reading,
    ):
        unwell.ill = True
        unheard(post, "Meanwhile", monkeypatch)
        beats = reading.bytes.count(b"event: beat")
        wait_until(lambda: reading.bytes.count(b"event: beat") > beats + 2)
        unwell.ill = False
        reading.wait_for("Meanwhile")
        assert not reading.ended
    hub.close()


class Poisoned:
    """A source that can't catch up readers of the stream ``name``, for which it raises an error that nobody expects."""

    def __init__(self, source, name: str):
        self.source, self.name = source, name
        self.gone: list[str] = []

    def __getattr__(self, name):
        return getattr(self.source, name)

    def catch_up(self, name: str, cursor: int):
        if name == self.name:
            raise ZeroDivisionError
        return self.source.catch_up(name, cursor)

    def withdrawn(self, cursors):
        return [cursor for cursor in cursors if cursor.stream in self.gone]


@pytest.fixture
def poisoned(source, post, caplog) -> Poisoned:
    caplog.set_level(logging.CRITICAL, "chatapp.turbo.hub")
    return Poisoned(source, post.stream_name)


def test_a_stream_that_cannot_be_read_leaves_others_their_changes_and_their_end(
    poisoned, redis, post, other, monkeypatch
):
    hub = Hub(redis.url, poisoned, beat=0.1)
    with Reading(hub, post.stream_name, post.revision), Reading(hub, other.stream_name, other.revision) as reading:
        unheard(post, "Lost", monkeypatch)
        unheard(other, "Found", monkeypatch)
        reading.wait_for("Found")
        poisoned.gone.append(other.stream_name)
        reading.wait_for_end()
    hub.close()


def test_a_stream_that_cannot_be_read_leaves_the_process_its_subscriptions(
    own_redis, poisoned, post, other, monkeypatch, caplog
):
    hub = Hub(own_redis.url, poisoned, beat=600)
    with Reading(hub, post.stream_name, post.revision), Reading(hub, other.stream_name, other.revision) as reading:
        caplog.set_level(logging.ERROR, "chatapp.turbo.hub")
        unheard(post, "Lost", monkeypatch)
        unheard(other, "Meanwhile", monkeypatch)
        turbo.publisher.redis.execute_command("CLIENT", "KILL", "TYPE", "pubsub")
        reading.wait_for("Meanwhile")
        write(other, "After")
        reading.wait_for("After")
        wait_until(lambda: caplog.records)
        assert {record.args for record in caplog.records} == {("_check",)}  # and not that which listens
    hub.close()


def test_a_stream_whose_first_read_failed_can_be_read_by_the_next_one(source, redis, post):
    unwell = Unwell(source)
    hub = Hub(redis.url, unwell, beat=600)
    unwell.ill = True
    with pytest.raises(OperationalError):
        connect(hub, post.stream_name, post.revision)
    assert hub.connection_count == 0
    unwell.ill = False
    with Reading(hub, post.stream_name, post.revision) as reading:
        write(post, "Well again")
        reading.wait_for("Well again")
    hub.close()


def test_one_whose_first_read_failed_does_not_hold_up_those_who_wait_with_it(source, redis, post):
    """Ten readers of one page come back at once after an outage: the first fails, the others try for themselves."""
    failing, hub = FirstFails(source), None
    hub = Hub(redis.url, failing, beat=600)
    outcomes = []

    def try_it():
        try:
            outcomes.append(connect(hub, stream, cursor))
        except OperationalError as error:
            outcomes.append(error)

    stream, cursor = post.stream_name, post.revision
    threads = [threading.Thread(target=try_it) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sum(isinstance(outcome, OperationalError) for outcome in outcomes) == 1
    assert hub.connection_count == 9
    hub.close()


class FirstFails(Unwell):
    def __init__(self, source):
        super().__init__(source)
        self.tries = itertools.count()

    def revisions(self, names):
        if next(self.tries) == 0:
            raise OperationalError("SELECT", {}, Exception("the database is away"))
        return self.source.revisions(names)

    def catch_up(self, name, cursor):
        return self.source.catch_up(name, cursor)

    def withdrawn(self, cursors):
        return self.source.withdrawn(cursors)


def test_what_is_written_while_a_reader_connects_is_never_lost(hub, post, blog):
    """Readers come while a writer writes: all of them see the last message."""
    stop, wrote = threading.Event(), []
    id = post.id

    def keep_writing():

        with blog.app_context():
            own = db.session.get(Post, id)
            while not stop.is_set() and len(wrote) < 90:  # more would be caught up with as a whole page
                wrote.append(len(wrote))
                write(own, f"Number {wrote[-1]}.")

    writer = threading.Thread(target=keep_writing)
    stream, cursor = post.stream_name, post.revision
    writer.start()
    wait_until(lambda: wrote)
    readings = []
    try:
        for _ in range(10):
            readings.append(Reading(hub, stream, cursor).__enter__())
    finally:
        stop.set()
        writer.join()
    for reading in readings:
        reading.wait_for(f"Number {wrote[-1]}.")
        for number in wrote:
            assert f"Number {number}.".encode() in reading.bytes
        reading.__exit__()
