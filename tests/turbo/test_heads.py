"""Lists that show the heads of many pages, by one connection for each reader."""

import copy
import itertools
import json
import re
import threading
from contextlib import ExitStack

import pytest
from redis import Redis
from sqlalchemy import delete, insert, select, update

from chatapp.turbo import Hub, heads, repair
from chatapp.turbo.headed import HEADS, list_position
from chatapp.turbo.publisher import Publisher
from chatapp.turbo.source import DatabaseSource
from tests.servers import wait_until

from .blog import Author, Comment, Follower, Post, db, turbo, write
from .readers import PageReading

HEAD = re.compile(r'<a id="head_post_(\d+)" data-head data-revision="(\d+)">([^<]*)</a>')


@pytest.fixture
def hub(source, redis):
    """With a heartbeat so slow that none comes in a test."""
    hub = Hub(redis.url, source, beat=600)
    yield hub
    hub.close()


@pytest.fixture
def followed(ada, post, other) -> list[Post]:
    for one in (post, other):
        one.follow(ada)
        write(one, f"First in {one.title}")
    return [post, other]


def position(author: Author) -> int:
    db.session.expire_all()
    return author.position(author.listed())


class List:
    """What a page shows of a list, by the rules of the browser's half."""

    def __init__(self, author: Author):
        self.name = author.stream_name
        self._show(author.list_fragments(author.listed()))

    def after(self, events) -> "List":
        """The same list once it has got ``events``. It must then stand where each of them says."""
        shown = copy.copy(self)
        for event in events:
            shown._apply(event)
        return shown

    def _apply(self, event) -> None:
        if event.data.endswith(f"<!--full {self.name}-->"):
            self._show(event.data)
        elif f"<!--after {self.name} " in event.data:
            heads = {id: head for id, head in heads_in(event.data).items() if head[0] > self.heads[id][0]}
            self.heads = self.heads | heads
        assert f"{self.name}={self.position}" in event.id.split("&"), event

    def _show(self, html: str) -> None:
        self.revision = int(re.search(r'data-lists data-revision="(\d+)"', html)[1])
        self.heads = heads_in(html)

    @property
    def position(self) -> int:
        return list_position(self.revision, (revision for revision, _ in self.heads.values()))


def heads_in(html: str) -> dict[str, tuple[int, str]]:
    return {id: (int(revision), text) for id, revision, text in HEAD.findall(html)}


class ListReading(PageReading):
    """A page with the list of ``author`` and, where given, the page of ``post``."""

    def __init__(self, hub: Hub, author: Author, post: Post | None = None):
        self.author, self.at_first = author, List(author)
        positions = {author.stream_name: self.at_first.position}
        if post:
            positions[post.stream_name] = post.revision
        super().__init__(hub, positions)

    @property
    def texts(self) -> list[str]:
        """The heads that it shows."""
        return [text for _, text in self.at_first.after(self.changes).heads.values()]

    def wait_until_fresh(self) -> None:
        """Wait until it shows what a reload would."""
        wait_until(self._is_fresh, 15, "the list to equal a reloaded one")

    def _is_fresh(self) -> bool:
        db.session.rollback()
        shown, fresh = self.at_first.after(self.changes), List(self.author)
        return (shown.heads, shown.revision) == (fresh.heads, fresh.revision)


def test_a_head_reaches_every_list_that_shows_it_and_nobody_asks(hub, ada, followed):
    with ListReading(hub, ada) as first, ListReading(hub, ada, followed[0]) as second:
        before = hub.figures["catch_ups"]
        write(followed[1], "News")
        for page in (first, second):
            page.wait_for("Other: News")
            page.wait_until_fresh()
        assert hub.figures["catch_ups"] == before


def test_a_page_gets_its_own_changes_and_the_list_by_one_connection(hub, ada, followed):
    with ListReading(hub, ada, followed[0]) as page:
        write(followed[0], "Here")
        assert page.wait_for("Ada: Here").data.endswith(
            f"<!--after {followed[0].stream_name} {followed[0].revision - 1}-->"
        )
        page.wait_for("Plans: Here")
        page.wait_until_fresh()
        assert page.positions == {ada.stream_name: position(ada), followed[0].stream_name: followed[0].revision}


def test_a_change_that_the_head_does_not_show_reaches_no_list(hub, ada, followed):
    oldest = db.session.scalar(select(Comment).where(Comment.post_id == followed[0].id))
    write(followed[0], "Newest")
    before = followed[0].head_revision
    with ListReading(hub, ada) as page:
        oldest.text = "Edited"
        db.session.commit()
        write(followed[1], "Shown")
        page.wait_for("Other: Shown")
        assert len(page.changes) == 1 and followed[0].head_revision == before


def test_many_changes_in_a_moment_are_one_event(hub, ada, followed, monkeypatch):
    with ListReading(hub, ada) as page:
        for number in range(50):
            write(followed[number % 2], f"Number {number}.")
        page.wait_until_fresh()
        assert len(page.changes) < 50
        assert page.texts == ["Plans: Number 48.", "Other: Number 49."]


def test_what_enters_and_leaves_the_list_comes_and_goes(hub, ada, followed):
    third = Post(title="Third")
    db.session.add(third)
    db.session.commit()
    with ListReading(hub, ada) as page:
        third.follow(ada)
        db.session.commit()
        page.wait_until_fresh()
        write(third, "In the list")
        page.wait_for("Third: In the list")
        db.session.delete(db.session.scalar(select(Follower).where(Follower.post_id == third.id)))
        db.session.commit()
        page.wait_until_fresh()
        seen = len(page.changes)
        write(third, "No longer in the list")
        write(followed[0], "Still in the list")
        page.wait_for("Plans: Still in the list")
        assert not any("No longer" in event.data for event in page.changes[seen:])


def test_a_reader_who_knows_the_list_gets_nothing_and_any_other_all_of_it(hub, ada, followed):
    at = position(ada)
    with PageReading(hub, {ada.stream_name: at}) as knows, PageReading(hub, {ada.stream_name: at - 1}) as lags:
        lags.wait_for("Plans: First in Plans")
        assert knows.changes == []
        with PageReading(hub, {ada.stream_name: at + HEADS}) as ahead:
            assert ahead.wait_for("Plans: First in Plans").data.endswith(f"<!--full {ada.stream_name}-->")


def test_an_answer_that_waits_ends_after_the_first_news_of_any_stream(hub, ada, followed):
    positions = {ada.stream_name: position(ada), followed[0].stream_name: followed[0].revision}
    with PageReading(hub, positions, wait=30) as page:
        write(followed[1], "News")
        page.wait_for_end()
        assert "Other: News" in page.changes[-1].data


def test_what_was_missed_of_several_streams_comes_in_one_answer(hub, ada, followed):
    positions = {ada.stream_name: position(ada), followed[0].stream_name: followed[0].revision}
    write(followed[0], "Missed")
    with PageReading(hub, positions, wait=0) as page:
        page.wait_for_end()
        assert page.wait_for("Ada: Missed") and page.wait_for("Plans: Missed")
        assert page.positions == {ada.stream_name: position(ada), followed[0].stream_name: followed[0].revision}


def test_the_last_reader_of_a_list_ends_all_its_subscriptions(hub, ada, followed):
    with ListReading(hub, ada):
        assert hub.stream_count == 3
    wait_until(lambda: hub.stream_count == 0)


def test_a_stream_is_taken_away_and_the_others_go_on(hub, ada, followed):
    with ListReading(hub, ada, followed[0]) as page:
        page.connection.tag(["author:1"])
        hub.end("author:1", followed[0].stream_name)
        wait_until(lambda: f"event: gone\ndata: {followed[0].stream_name}\n".encode() in page.bytes)
        write(followed[0], "Only in the list")
        page.wait_for("Plans: Only in the list")
        assert not any("Ada: Only" in event.data for event in page.changes)


def test_what_may_not_be_read_is_withdrawn_before_anything_of_it_is_sent(blog, redis, ada, followed):
    def withdrawn(cursors):
        return [cursor for cursor in cursors if cursor.stream == followed[0].stream_name]

    hub = Hub(redis.url, DatabaseSource(blog, db, withdrawn), beat=600)
    write(followed[0], "Secret")
    with PageReading(hub, {ada.stream_name: 0, followed[0].stream_name: 0, "post:999999": 0}) as page:
        page.wait_for("First in Other")
        assert page.bytes.count(b"event: gone") == 2
        assert not any("Ada: Secret" in event.data for event in page.changes)
    hub.close()


@pytest.fixture
def beating(source, redis):
    hub = Hub(redis.url, source, beat=0.1)
    yield hub
    hub.close()


@pytest.fixture
def unheard(monkeypatch):
    """From now on Redis hears nothing of what is committed."""
    monkeypatch.setattr(turbo, "publisher", Publisher(Redis.from_url("redis://127.0.0.1:1/0")))


def test_a_head_that_was_never_published_comes_with_the_heartbeat(beating, ada, followed, unheard):
    with ListReading(beating, ada) as page:
        write(followed[1], "Never published")
        page.wait_for("Other: Never published")
        page.wait_until_fresh()
    assert beating.figures["head_fills"] == 1


def test_an_entry_that_was_never_published_comes_with_the_heartbeat(beating, ada, post, unheard):
    with ListReading(beating, ada) as page:
        post.follow(ada)
        db.session.commit()
        page.wait_until_fresh()
        write(post, "Heard of by the heartbeat")
        page.wait_for("Plans: Heard of by the heartbeat")


def test_heads_of_a_database_that_was_put_back_are_shown_as_they_are_now(beating, ada, followed, monkeypatch):
    monkeypatch.setattr(heads, "ALL", 1)
    write(followed[0], "Never was")
    with ListReading(beating, ada) as page:
        assert "Plans: Never was" in page.texts
        put_back(followed[0])
        page.wait_until_fresh()


def test_a_page_that_opens_just_after_the_database_was_put_back_leaves_no_other_behind(hub, ada, followed, monkeypatch):
    monkeypatch.setattr(heads, "ALL", 1)
    monkeypatch.setattr(repair, "COLLECT", 1)  # seconds before the hub reads the list again
    write(followed[0], "Never was")
    with ListReading(hub, ada) as before:
        put_back(followed[0])
        hub._heads.compare()
        with ListReading(hub, ada) as page:
            page.wait_until_fresh()
            before.wait_until_fresh()


def put_back(post: Post) -> None:
    """Takes the newest comment of ``post`` out of the database, as a backup from before does."""
    newest = db.session.scalar(select(Comment).where(Comment.post_id == post.id).order_by(Comment.id.desc()))
    earlier = {"head_revision": newest.revision - 1, "head_digest": "", "revision": newest.revision - 1}
    db.session.execute(update(Post).where(Post.id == post.id).values(**earlier))
    db.session.execute(delete(Comment).where(Comment.id == newest.id))
    db.session.commit()


def test_a_release_that_knows_no_heads_has_them_announced_by_one_that_does(hub, ada, followed):
    """It raises the revision and publishes the change alone."""
    post, late = followed[0], "From the last release"
    with ListReading(hub, ada) as page:
        revision = post.revision + 1
        values = {
            "post_id": post.id,
            "author_id": ada.id,
            "text": late,
            "revision": revision,
            "created_revision": revision,
        }
        db.session.execute(insert(Comment).values(**values))
        db.session.execute(update(Post).where(Post.id == post.id).values(revision=revision))
        db.session.commit()
        turbo.publisher.redis.publish(f"turbo:{post.stream_name}", json.dumps({"revision": revision, "html": "<p>"}))
        page.wait_for(f"Plans: {late}")
        page.wait_until_fresh()


def test_heads_stay_right_while_readers_come_and_writers_write(hub, ada, followed, blog):
    stop = threading.Event()

    def go_on_writing(id: int) -> None:
        with blog.app_context():
            post, numbers = db.session.get(Post, id), itertools.count()
            while not stop.is_set():
                write(post, f"Number {next(numbers)}.")

    writers = [threading.Thread(target=go_on_writing, args=(post.id,)) for post in followed]
    for writer in writers:
        writer.start()
    with ExitStack() as stack:
        pages = [stack.enter_context(ListReading(hub, ada)) for _ in range(8)]
        wait_until(lambda: all(len(page.changes) > 1 for page in pages))
        stop.set()
        for writer in writers:
            writer.join(30)
        for page in pages:
            page.wait_until_fresh()


def test_more_heads_than_a_database_takes_in_one_question_are_compared_all_the_same(source, post):
    names = [post.stream_name, *(f"post:{post.id + n}" for n in range(1, 70_000))]
    assert source.head_revisions(names) == {post.stream_name: post.head_revision}
