"""The remembered HTML of rows: by which key, for how long, and where."""

import pytest

from chatapp.extensions import db
from chatapp.models import Message, User
from chatapp.turbo import rendering
from chatapp.turbo.row_cache import OVERHEAD, RowCache

from .blog import create_blog


@pytest.fixture
def rows(app, monkeypatch) -> RowCache:
    monkeypatch.setitem(app.extensions, "turbo.rows", RowCache(2**20))
    return app.extensions["turbo.rows"]


@pytest.fixture
def rendered(monkeypatch) -> list[str]:
    """The rows that were rendered, and not found in the cache."""
    found, render = [], rendering.render

    def note(partial, record=None, **context):
        found.append(partial)
        return render(partial, record, **context)

    monkeypatch.setattr(rendering, "render", note)
    return found


@pytest.fixture
def message(rows, chat, alice) -> Message:
    message = chat.post(alice.user, "Said once")
    db.session.commit()
    return message


def test_a_row_is_rendered_once_for_all_who_come_back_and_anew_when_it_changes(message, rendered):
    first = message.to_html()
    assert message.to_html() == first and rendered == []
    message.edit("Said better")
    db.session.commit()
    rendered.clear()
    assert "Said better" in message.to_html() and rendered == []


def test_a_name_that_changes_is_no_longer_remembered(message, alice, rendered):
    assert "Alice" in message.to_html()
    db.session.get(User, alice.id).name = "Alicia"
    db.session.commit()
    assert "Alicia" in message.to_html() and "Alice<" not in message.to_html()


def test_nothing_is_kept_of_a_transaction_that_does_not_commit(rows, message):
    before = message.to_html()
    message.edit("Never said")
    db.session.flush()
    assert "Never said" in message.to_html()
    db.session.rollback()
    assert [html for _, html in rows._rows.values()] == [before]


def test_whoever_edits_templates_sees_what_they_edited(app, message, rendered, monkeypatch):
    monkeypatch.setattr(app.jinja_env, "auto_reload", True)
    message.to_html()
    message.to_html()
    assert len(rendered) == 2


def test_a_reply_that_grows_takes_the_place_of_one_row(rows, message, rendered):
    for length in range(200):
        message.content = "word " * length
        db.session.commit()
    assert len(rows._rows) == 1
    rendered.clear()
    assert message.to_html() and rendered == []


def test_what_is_kept_never_passes_its_bytes_and_the_rows_not_asked_for_go_first(app, chat, alice, monkeypatch):
    rows = RowCache(5 * (OVERHEAD + 3000))
    monkeypatch.setitem(app.extensions, "turbo.rows", rows)
    messages = [chat.post(alice.user, "Hello") for _ in range(20)]
    db.session.commit()
    assert rows._rows.currsize <= rows._rows.maxsize
    assert 0 < len(rows._rows) < 20
    assert messages[-1].id in {key[2] for key in rows._rows} and messages[0].id not in {key[2] for key in rows._rows}


def test_a_row_that_is_larger_than_all_that_may_be_kept_is_shown_and_not_kept(app, chat, alice, monkeypatch):
    rows = RowCache(OVERHEAD + 100)
    monkeypatch.setitem(app.extensions, "turbo.rows", rows)
    message = chat.post(alice.user, "Hello")
    db.session.commit()
    assert "Hello" in message.to_html() and len(rows._rows) == 0


def test_each_app_keeps_its_own(app, redis, message):
    blog = create_blog("sqlite://", redis.url)
    assert blog.extensions["turbo.rows"] is not app.extensions["turbo.rows"]
    blog.extensions["turbo"].publisher.redis.close()
