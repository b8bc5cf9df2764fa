"""The remembered HTML of rows: by which key, for how long, and where."""

import pytest

from chatapp.turbo import Turbo, rendering
from chatapp.turbo.row_cache import OVERHEAD, RowCache

from .blog import Author, Comment, create_blog, db, write


@pytest.fixture
def rows(blog, monkeypatch) -> RowCache:
    monkeypatch.setitem(blog.extensions, "turbo.rows", RowCache(2**20))
    return blog.extensions["turbo.rows"]


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
def comment(rows, post) -> Comment:
    return write(post, "Said once")


def test_a_row_is_rendered_once_for_all_who_come_back_and_anew_when_it_changes(comment, rendered):
    first = comment.to_html()
    assert comment.to_html() == first and rendered == []
    comment.text = "Said better"
    db.session.commit()
    rendered.clear()
    assert "Said better" in comment.to_html() and rendered == []


def test_a_change_on_the_author_s_own_page_forgets_nothing(comment, ada, rendered):
    """Ada's page is the list of the posts that she follows. What she does there, no comment shows."""
    comment.to_html()
    ada.revision += 1
    db.session.commit()
    comment.to_html()
    assert rendered == []


def test_a_name_that_changes_is_no_longer_remembered(comment, ada, rendered):
    assert "Ada:" in comment.to_html()
    db.session.get(Author, ada.id).name = "Ada Lovelace"
    db.session.commit()
    assert "Ada Lovelace" in comment.to_html() and "Ada:" not in comment.to_html()


def test_nothing_is_kept_of_a_transaction_that_does_not_commit(rows, comment):
    comment.to_html()
    before = dict(rows._rows)
    comment.text = "Never said"
    db.session.flush()
    assert "Never said" in comment.to_html()
    db.session.rollback()
    assert dict(rows._rows) == before


def test_whoever_edits_templates_sees_what_they_edited(blog, comment, rendered, monkeypatch):
    monkeypatch.setattr(blog.jinja_env, "auto_reload", True)
    comment.to_html()
    comment.to_html()
    assert len(rendered) == 2


def test_a_reply_that_grows_takes_the_place_of_one_row(rows, comment, rendered):
    before = len(rows._rows)
    for length in range(200):
        comment.text = "word " * length
        db.session.commit()
    assert len(rows._rows) == before
    rendered.clear()
    assert comment.to_html() and rendered == []


def test_what_is_kept_never_passes_its_bytes_and_the_rows_not_asked_for_go_first(blog, post, monkeypatch):
    rows = RowCache(5 * (OVERHEAD + 300))
    monkeypatch.setitem(blog.extensions, "turbo.rows", rows)
    comments = [write(post, "Hello") for _ in range(20)]
    assert rows._rows.currsize <= rows._rows.maxsize
    assert 0 < len(rows._rows) < 20
    assert comments[-1].id in {key[2] for key in rows._rows} and comments[0].id not in {key[2] for key in rows._rows}


def test_a_row_that_is_larger_than_all_that_may_be_kept_is_shown_and_not_kept(blog, post, monkeypatch):
    rows = RowCache(OVERHEAD + 100)
    monkeypatch.setitem(blog.extensions, "turbo.rows", rows)
    comment = write(post, "Hello")
    assert "Hello" in comment.to_html() and len(rows._rows) == 0


def test_each_app_keeps_its_own(blog, redis):
    another = create_blog("sqlite://", redis.url, turbo=Turbo())
    assert another.extensions["turbo.rows"] is not blog.extensions["turbo.rows"]
    another.extensions["turbo"].publisher.redis.close()
