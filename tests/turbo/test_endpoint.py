"""The answers to requests for a stream. Readers say their names, and only authors may read."""

import re
from contextlib import ExitStack

import pytest
from flask import has_request_context
from sqlalchemy.exc import OperationalError

from chatapp.turbo import Reader
from tests.browserless import parse
from tests.servers import wait_until

from .blog import db, reader, turbo, write


@pytest.fixture
def ask(blog, post):
    """``ask("Ada")`` is an answer to Ada that ends at once. More arguments change its address."""

    def ask(name: str, last_event_id: str | None = None, buffered: bool = True, **query):
        headers = {"X-Name": name} | ({"Last-Event-ID": last_event_id} if last_event_id else {})
        query = {"revision": post.revision, "wait": 0} | query
        path = f"/posts/{post.id}/stream"
        return blog.test_client().get(path, headers=headers, query_string=query, buffered=buffered)

    yield ask
    wait_until(lambda: len(turbo.hub.line) == turbo.hub.connection_count == 0)


@pytest.fixture
def crowd():
    """As many streams as may are just beginning, until ``crowd.close()``."""
    with ExitStack() as stack:
        for _ in range(turbo.hub.line.at_once):
            assert stack.enter_context(turbo.hub.line.turn())
        yield stack


def changes(answer) -> list:
    return [event for event in parse([answer.text]) if event.data and event.name is None]


def test_a_reader_gets_what_was_missed_under_headers_that_forbid_to_hold_it_back(ask, post):
    cursor = post.revision
    write(post, "Missed")
    answer = ask("Ada", revision=cursor)
    assert [(event.id, "Missed" in event.data) for event in changes(answer)] == [(str(cursor + 1), True)]
    assert answer.headers["Content-Type"] == "text/event-stream; charset=utf-8"
    assert answer.headers["Cache-Control"] == "no-cache, no-transform"
    assert answer.headers["X-Accel-Buffering"] == "no"


def test_an_outsider_gets_the_app_s_own_answer_and_204_when_coming_back(ask, post):
    write(post, "Secret")
    answer = ask("Charlie", revision=0)
    assert (answer.status_code, answer.text) == (403, "Authors only.")
    answer = ask("Charlie", last_event_id="0")
    assert (answer.status_code, answer.text) == (204, "")


def test_a_reader_who_loses_the_right_while_the_stream_begins_gets_nothing(ask, post, monkeypatch):
    write(post, "Secret")
    monkeypatch.setattr(turbo, "_withdrawn", lambda connections: [c for c in connections if "name:Ada" in c.tags])
    answer = ask("Ada", revision=0)
    assert (answer.status_code, answer.text) == (204, "")


def test_in_line_the_answer_begins_at_once_and_the_reader_is_looked_up_later_without_the_request(
    ask, post, crowd, monkeypatch
):
    cursor = post.revision
    write(post, "Missed")
    contexts = []
    monkeypatch.setattr("tests.turbo.blog.reader", spied(contexts))
    answer = ask("Ada", revision=cursor, buffered=False)
    chunks = answer.iter_encoded()
    assert b"event: beat" in next(chunks) and contexts == []
    crowd.close()
    assert b"Missed" in b"".join(chunks)
    assert contexts == [False]
    answer.close()


def spied(contexts: list):
    def look_up(name: str) -> Reader:
        contexts.append(has_request_context())
        return reader(name)

    return look_up


def test_an_outsider_in_line_learns_nothing(ask, post, crowd):
    write(post, "Secret")
    answer = ask("Charlie", revision=0, buffered=False)
    crowd.close()
    text = b"".join(answer.iter_encoded()).decode()
    assert "Secret" not in text and "event: retry" in text
    answer.close()


def test_a_post_that_does_not_exist_has_no_stream(blog, post):
    answer = blog.test_client().get(f"/posts/{post.id + 1}/stream?wait=0", headers={"X-Name": "Ada"})
    assert answer.status_code == 204


@pytest.mark.parametrize("trouble", [OperationalError("SELECT", {}, Exception("away")), TimeoutError("no connection")])
def test_a_database_in_trouble_puts_the_reader_off_and_says_so_in_the_log(ask, monkeypatch, caplog, trouble):
    def fail(name):
        raise trouble

    monkeypatch.setattr("tests.turbo.blog.reader", fail)
    answer = ask("Ada")
    assert answer.status_code == 200 and re.fullmatch(r"retry: \d+\n\n", answer.text)
    assert "put off" in caplog.text


def test_a_full_process_puts_the_reader_off(ask, monkeypatch):
    monkeypatch.setattr(turbo.hub, "limit", 0)
    assert 5000 <= int(re.fullmatch(r"retry: (\d+)\n\n", ask("Ada").text)[1]) <= 15000


def test_a_rate_limit_can_put_a_reader_off_in_the_same_way(blog):
    answer = blog.test_client().get("/limited")
    assert (answer.status_code, answer.mimetype) == (200, "text/event-stream")
    assert re.fullmatch(r"retry: \d+\n\n", answer.text)


def test_a_stream_keeps_no_database_connection(ask, post):
    answer = ask("Ada", wait="", buffered=False)
    assert next(answer.iter_encoded())
    assert db.engine.pool.checkedout() <= 1  # that of the test
    answer.close()
