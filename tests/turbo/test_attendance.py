"""Who is here, as the pages of one process are told."""

import json
import time

import pytest
from redis import Redis
from sqlalchemy.exc import OperationalError

from chatapp.turbo import Connection, attendance
from chatapp.turbo.attendance import Attendance
from chatapp.turbo.owners import KEY, Owners
from chatapp.turbo.slices import BATCH
from tests.browserless import parse
from tests.servers import wait_until

from .blog import turbo


class Source:
    """Everybody who reads post:1 is told of the owners in ``people``."""

    def __init__(self, *people: str):
        self.people, self.asked, self.away = frozenset(people), [], False

    def watched(self, cursors):
        self.asked.append(len(cursors))
        if self.away:
            raise OperationalError("", {}, Exception())
        return {cursor: self.people for cursor in cursors if cursor.stream == "post:1"}

    @staticmethod
    def attendance(here) -> str:
        return json.dumps(here and {stream: sorted(owners) for stream, owners in here.items()})


@pytest.fixture
def owners(redis):
    with Redis.from_url(redis.url) as client:
        client.delete(KEY)
        yield Owners(client, lifetime=60)


@pytest.fixture
def source() -> Source:
    return Source("ada", "ben")


@pytest.fixture
def page() -> Connection:
    return begun("post:1", "author:7")


def begun(*streams: str, **options) -> Connection:
    connection = Connection(dict.fromkeys(streams, 1), **{"named": True} | options)
    connection.begin()
    connection.begun_at -= attendance.SILENCE
    return connection


def attend(owners, source, *pages) -> Attendance:
    return Attendance(owners, source, lambda: list(pages), interval=600)


def told(page: Connection) -> list:
    """What a page was told since the last time."""
    page.outlet.send(b":\n\n")
    return [json.loads(event.data) for event in parse([next(page.chunks()).decode()]) if event.data]


def test_a_crowd_is_asked_about_in_parts_so_that_the_process_never_stands_still(owners, source):
    owners.note({"ada"})
    crowd = [begun(f"post:{number}") for number in range(1, 2 * BATCH + 2)]
    attend(owners, source, *crowd).look()
    assert max(source.asked) <= BATCH and sum(source.asked) == len(crowd)
    assert told(crowd[0]) == [{"post:1": ["ada"]}]


def test_a_page_is_told_who_is_here_and_then_only_what_changes(owners, source, page):
    owners.note({"ada", "zoe"})
    watching = attend(owners, source, page)
    watching.look()
    assert told(page) == [{"post:1": ["ada"], "author:7": []}]
    watching.look()
    assert told(page) == []
    owners.note({"ben"})
    owners.redis.zrem(KEY, "ada")
    watching.look()
    assert told(page) == [{"post:1": ["ben"], "author:7": []}]


def test_an_owner_who_comes_back_before_the_time_is_over_is_news_for_nobody(owners, source, page):
    owners.note({"ada"})
    watching = attend(owners, source, page)
    watching.look()
    told(page)
    owners.note({"ada"})
    watching.look()
    assert told(page) == []


def test_a_crowd_that_comes_at_once_is_one_event_for_each_page_and_one_command_for_all(owners, monkeypatch):
    crowd = {f"owner:{number}" for number in range(1000)}
    source, pages = Source(*crowd), [begun("post:1") for _ in range(50)]
    watching, asked, here = attend(owners, source, *pages), [], owners.here
    monkeypatch.setattr(owners, "here", lambda names: asked.append(len(names)) or here(names))
    watching.look()
    owners.note(crowd)
    watching.look()
    assert [[len(event["post:1"]) for event in told(page)] for page in pages] == [[0, 1000]] * 50
    assert (asked, source.asked) == ([1000, 1000], [50])


def test_the_more_pages_are_open_the_longer_a_look_waits(owners, source):
    assert attend(owners, source).pause == attendance.LOOK
    many = [None] * 1000
    assert Attendance(owners, source, lambda: many, 15).pause == 1000 / attendance.EVENTS_PER_SECOND


def test_without_redis_a_page_is_told_that_nobody_knows(owners, source, page):
    owners.note({"ada"})
    watching = attend(owners, source, page)
    watching.look()
    watching.owners = Owners(Redis(port=1, socket_connect_timeout=0.1), lifetime=60)
    watching.look()
    watching.owners = owners
    watching.look()
    known = {"post:1": ["ada"], "author:7": []}
    assert told(page) == [known, None, known]


def test_after_a_doubt_it_asks_anew_who_is_told_of_whom(owners, source, page):
    owners.note({"ada"})
    watching = attend(owners, source, page)
    watching.look()
    source.people = frozenset({"ben"})
    watching.look()
    watching.doubt()
    watching.look()
    assert [event["post:1"] for event in told(page)] == [["ada"], []]
    assert source.asked == [2, 2]


def test_while_the_database_is_away_what_is_known_stays_and_nobody_asks_again_at_once(owners, source, page, caplog):
    owners.note({"ada"})
    late, pages = begun("author:8"), [page]
    watching = Attendance(owners, source, lambda: pages, interval=600)
    watching.look()
    source.away, _ = True, pages.append(late)
    watching.look()
    watching.look()
    assert len(told(page)) == 1 and told(late) == []
    assert source.asked == [2, 1] and len(caplog.records) == 1


def test_it_ends_no_answer_that_waits_and_tells_nobody_but_pages(owners, source):
    owners.note({"ada"})
    waiting, bot = begun("post:1", wait=20), begun("post:1", named=False)
    attend(owners, source, waiting, bot).look()
    assert not waiting.ended and len(told(waiting)) == 1
    assert told(bot) == []


def test_the_first_beat_of_a_page_comes_alone(owners, source, page, monkeypatch):
    monkeypatch.setattr(attendance, "SILENCE", 60)
    page.begin()
    attend(owners, source, page).look()
    assert told(page) == []


def test_an_answer_that_ends_at_once_says_it_and_the_next_one_asks_the_database_nothing(owners, source):
    owners.note({"ada"})
    watching = attend(owners, source)
    for _ in range(3):
        short = Connection({"post:1": 1}, named=True, wait=0)
        watching.greet([short])
        short.begin()
        sent = list(parse(chunk.decode() for chunk in short.chunks()))
        assert [json.loads(event.data) for event in sent if event.data] == [{"post:1": ["ada"]}]
    streaming = Connection({"post:1": 1}, named=True)
    watching.greet([streaming])
    assert source.asked == [1] and told(streaming) == []


def test_what_has_aged_is_read_anew_for_all_pages_at_once(owners, source, page, monkeypatch):
    late, pages = begun("post:1", "author:8"), [page]
    watching, clock = Attendance(owners, source, lambda: pages, interval=15), [0.0]
    start = time.monotonic()
    monkeypatch.setattr(attendance.time, "monotonic", lambda: clock[0])
    for after in (1, 11, 15, 17, 18):
        clock[0] = start + after
        watching.look()
        if after == 1:
            pages.append(late)
    assert source.asked == [2, 1, 4]


def test_the_hub_tells_the_pages_of_an_app_that_has_said_who_is_told_of_whom(blog, post, monkeypatch):
    monkeypatch.setattr(turbo, "_watched", lambda cursors: dict.fromkeys(cursors, frozenset({"ada"})))
    monkeypatch.setattr(turbo, "_attendance", Source.attendance)
    monkeypatch.setattr(attendance, "LOOK", 0.05)
    reader = turbo.begin(Connection({post.stream_name: post.revision}, named=True), "ben")
    sent = reader.chunks()
    try:
        assert wait_until(lambda: [e.data for e in parse([next(sent).decode()]) if e.data], 15, "the first word")
        turbo.owners.note({"ada"})
        news = wait_until(lambda: [e.data for e in parse([next(sent).decode()]) if e.data], 15, "the news")
        assert json.loads(news[0]) == {post.stream_name: ["ada"]}
    finally:
        turbo.disconnect(reader)
