"""The records that a row shows: read again before an announcement, loaded with it, part of its remembered state."""

import pytest
from sqlalchemy import event

from chatapp.turbo.testing import captured_broadcasts

from .blog import Author, Comment, Like, db


@pytest.fixture
def meanwhile(blog):
    """Another process's session."""
    with db.session.session_factory() as session:
        yield session


def like(session, comment, author) -> Like:
    found = Like(comment=session.get(Comment, comment.id), author=session.get(Author, author.id))
    session.add(found)
    session.commit()
    return found


def test_a_worker_that_writes_while_likes_come_and_go_shows_those_of_this_moment(comment, ada, meanwhile):
    assert comment.likes == []
    liked = like(meanwhile, comment, ada)
    with captured_broadcasts() as broadcasts:
        comment.text = "Hello, all"
        db.session.commit()
    assert "Ada: Hello, all [Ada]" in broadcasts[-1].html
    meanwhile.delete(liked)
    meanwhile.commit()
    with captured_broadcasts() as broadcasts:
        comment.text = "Hello again"
        db.session.commit()
    assert "Ada: Hello again</p>" in broadcasts[-1].html


def test_a_like_is_announced_as_a_change_of_its_comment(comment, ada):
    with captured_broadcasts() as broadcasts:
        comment.like(ada)
        comment.like(ada)
        db.session.commit()
    assert len(broadcasts) == 1
    assert f'action="replace" target="comment_{comment.id}"' in broadcasts[0].html and "[Ada]" in broadcasts[0].html
    with captured_broadcasts() as broadcasts:
        comment.unlike(comment.likes[0])
        db.session.commit()
    assert len(broadcasts) == 1 and "[Ada]" not in broadcasts[0].html


def test_a_like_that_is_made_by_ids_alone_is_announced_too(comment, ada):
    with captured_broadcasts() as broadcasts:
        db.session.add(Like(comment_id=comment.id, author_id=ada.id))
        db.session.commit()
    assert "[Ada]" in broadcasts[0].html


def test_the_page_is_locked_before_a_row_is_written_that_it_shows(comment, ada, database):
    if database != "postgres":
        pytest.skip("SQLite has one lock for all")
    seen = []
    event.listen(db.engine, "before_cursor_execute", note := lambda *arguments: seen.append(arguments[2]))
    db.session.add(Like(comment_id=comment.id, author_id=ada.id))
    db.session.flush()
    event.remove(db.engine, "before_cursor_execute", note)
    order = [word for statement in seen for word in ("FOR NO KEY UPDATE", "INSERT") if word in statement]
    assert order == ["FOR NO KEY UPDATE", "INSERT"]


def test_a_like_of_nothing_touches_nothing(comment, ada):
    with captured_broadcasts() as broadcasts:
        db.session.add(Like(author=ada))
        db.session.commit()
        db.session.add(Like(author=ada, comment=None))
        db.session.commit()
    assert broadcasts == []


def test_a_like_of_a_comment_that_no_page_shows_announces_nothing(ada):
    draft = Comment(author=ada, text="Not yet")
    with captured_broadcasts() as broadcasts:
        db.session.add(draft)
        db.session.commit()
        draft.like(ada)
        db.session.commit()
        draft.text = "Not yet either"
        db.session.commit()
    assert broadcasts == [] and len(draft.likes) == 1


@pytest.mark.parametrize("by_id", [True, False])
def test_a_like_that_moves_changes_both_comments(comment, ada, by_id):
    comment.like(ada)
    other = Comment(post=comment.post, author=ada, text="Other")
    db.session.add(other)
    db.session.commit()
    moved = comment.likes[0]
    with captured_broadcasts() as broadcasts:
        if by_id:
            moved.comment_id = other.id
        else:
            moved.comment = other
        db.session.commit()
    assert "Ada: Hello</p>" in broadcasts[0].html and "Ada: Other [Ada]" in broadcasts[0].html


def test_the_same_row_looks_the_same_in_a_process_that_remembers_it(comment, ada, meanwhile):
    assert comment.to_html() == comment.to_html()
    like(meanwhile, comment, ada)
    db.session.expire_all()
    assert "[Ada]" in comment.to_html()
    meanwhile.get(Author, ada.id).name = "Ada Lovelace"
    meanwhile.commit()
    db.session.expire_all()
    assert "Ada Lovelace: Hello [Ada Lovelace]" in comment.to_html()


def test_many_rows_are_loaded_in_as_many_statements_as_one(comment, ada):
    def statements() -> int:
        db.session.expire_all()
        seen = []
        event.listen(db.engine, "before_cursor_execute", note := lambda *arguments: seen.append(arguments[2]))
        frame = comment.post.catch_up(0, db.session)
        event.remove(db.engine, "before_cursor_execute", note)
        assert "[Ada]" in frame.html
        return len(seen)

    comment.like(ada)
    db.session.commit()
    few = statements()
    for _ in range(20):
        db.session.add(more := Comment(post=comment.post, author=ada, text="More"))
        more.like(ada)
    db.session.commit()
    assert statements() == few
