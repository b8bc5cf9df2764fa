"""The answers to requests for a stream. Readers say their names, and only authors may read."""

import re
from contextlib import ExitStack

import pytest
from flask import has_request_context
from sqlalchemy.exc import OperationalError

from chatapp.turbo import Reader, line
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
def ask_for(blog):
    """``ask_for("Ada", "post:1=2&author:4=8")`` is an answer with these streams that ends at once."""

    def ask(name: str, streams: str, last_event_id: str | None = None):
        headers = {"X-Name": name} | ({"Last-Event-ID": last_event_id} if last_event_id else {})
        return blog.test_client().get(f"/stream?{streams}&wait=0", headers=headers)

    yield ask
    wait_until(lambda: turbo.hub.connection_count == 0)


@pytest.fixture
def crowd(monkeypatch):
    """As many streams as may are just beginning, until ``crowd.close()``."""
    for name in ("STANDSTILL", "POLL_GRACE"):
        monkeypatch.setattr(line, name, 300)
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
    before = turbo.hub.figures["put_off"]
    answer = ask("Ada")
    assert answer.status_code == 200 and re.fullmatch(r"retry: \d+\n\n", answer.text)
    assert "put off" in caplog.text and turbo.hub.figures["put_off"] == before + 1


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


def test_one_answer_has_what_was_missed_of_several_streams_each_under_its_name(ask_for, ada, post, other):
    at, there = post.revision, other.revision
    write(post, "Missed here")
    write(other, "Missed there")
    answer = ask_for("Ada", f"post:{post.id}={at}&post%3A{other.id}={there}")
    first, second = changes(answer)
    assert first.id == f"post:{post.id}={at + 1}&post:{other.id}={there}"
    assert "Missed here" in first.data and first.data.endswith(f"<!--after post:{post.id} {at}-->")
    assert second.id == f"post:{post.id}={at + 1}&post:{other.id}={there + 1}"
    assert f"id: post:{post.id}={at}&post:{other.id}={there}\n\n" in answer.text  # where the page stood


def test_whoever_only_knows_the_last_id_resumes_each_stream_from_there(ask_for, ada, post, other):
    write(post, "Seen")
    (seen,) = changes(ask_for("Ada", f"post:{post.id}={post.revision - 1}&post:{other.id}={other.revision}"))
    write(other, "Missed")
    (missed,) = changes(ask_for("Ada", f"post:{post.id}=0&post:{other.id}=0", last_event_id=seen.id))
    assert "Missed" in missed.data


@pytest.mark.parametrize("streams", ["", "post=1", "revision=3", ":=1"])
def test_a_request_that_names_no_stream_of_ours_is_refused(ask_for, ada, streams):
    assert ask_for("Ada", streams).status_code == 403
    assert ask_for("Ada", streams, last_event_id="post:1=1").status_code == 204


@pytest.mark.parametrize("cursor", ["", "-1", "x", "9" * 400, "1e3", "99"])
def test_a_cursor_that_no_page_has_sent_gets_the_whole_page(ask_for, ada, post, cursor):
    (whole,) = changes(ask_for("Ada", f"post:{post.id}={cursor}"))
    assert whole.data.endswith(f"<!--full post:{post.id}-->")


def test_names_that_exist_nowhere_are_withdrawn_and_the_others_answered(ask_for, ada, post):
    write(post, "Missed")
    junk = "post:x=1&post:999999=1&nothing:1=1&comment:1=0&a%3Ab%0Ac=1"
    answer = ask_for("Ada", f"{junk}&post:{post.id}={post.revision - 1}")
    assert "Missed" in changes(answer)[0].data and answer.text.count("event: gone") == 5
    assert "data: a:b%0Ac\n" in answer.text


def test_one_request_asks_for_a_few_streams_at_most(ask_for, ada, post):
    streams = "&".join(f"post:{number}=0" for number in range(1000, 1200))
    assert ask_for("Ada", streams).status_code == 403
    assert turbo.hub.stream_count == 0


def test_an_outsider_learns_nothing_of_several_streams(ask_for, post, other):
    write(post, "Secret")
    answer = ask_for("Charlie", f"post:{post.id}=0&post:{other.id}=0")
    assert (answer.status_code, answer.text) == (403, "Authors only.")
