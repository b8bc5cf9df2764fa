"""What the session's events announce."""

import gc

import pytest
from sqlalchemy import update

from chatapp.turbo.testing import captured_broadcasts

from .blog import Author, Comment, Post, db


def add(post, author, text: str) -> Comment:
    comment = Comment(post=post, author=author, text=text)
    db.session.add(comment)
    return comment


def stored_revision(post) -> int:
    return db.session.scalar(db.select(Post.revision).where(Post.id == post.id))


def test_a_new_row_is_appended(post, ada):
    before = post.revision
    with captured_broadcasts() as broadcasts:
        comment = add(post, ada, "Hello")
        db.session.commit()
    assert [(b.stream, b.revision) for b in broadcasts] == [(f"post:{post.id}", before + 1)]
    assert broadcasts[0].html.startswith(f'<turbo-stream action="append" target="comments_post_{post.id}">')
    assert (comment.created_revision, comment.revision, stored_revision(post)) == (before + 1,) * 3


def test_a_changed_row_is_replaced(post, comment):
    created = comment.created_revision
    with captured_broadcasts() as broadcasts:
        comment.text = "Good evening"
        db.session.commit()
    assert broadcasts[0].html.startswith(f'<turbo-stream action="replace" target="comment_{comment.id}">')
    assert (comment.created_revision, comment.revision) == (created, created + 1)


def test_a_tombstone_is_removed(comment):
    with captured_broadcasts() as broadcasts:
        db.session.delete(comment)
        db.session.commit()
    assert broadcasts[0].html == f'<turbo-stream action="remove" target="comment_{comment.id}"></turbo-stream>'


def test_to_delete_a_row_makes_it_a_tombstone(comment):
    with captured_broadcasts() as broadcasts:
        db.session.delete(comment)
        db.session.commit()
    assert 'action="remove"' in broadcasts[0].html
    assert db.session.get(Comment, comment.id, populate_existing=True).deleted


def test_a_record_that_can_not_become_a_tombstone_can_not_be_deleted(post):
    db.session.delete(post)
    with pytest.raises(TypeError, match="Post records can't be deleted"):
        db.session.commit()
    db.session.rollback()
    assert stored_revision(post) is not None


def test_the_page_itself_announces_its_header(post):
    with captured_broadcasts() as broadcasts:
        post.title = "Better plans"
        db.session.commit()
    assert broadcasts[0].html.startswith(f'<turbo-stream action="replace" target="header_post_{post.id}">')
    assert "Better plans" in broadcasts[0].html
    assert post.header_revision == post.revision == broadcasts[0].revision


def test_what_the_header_shows_of_others_announces_it_too(post, ada):
    with captured_broadcasts() as broadcasts:
        follower = post.follow(ada)
        db.session.commit()
    assert "1 followers" in broadcasts[-1].html
    with captured_broadcasts() as broadcasts:
        db.session.delete(follower)
        db.session.commit()
    assert "0 followers" in broadcasts[-1].html


def test_a_column_that_the_page_does_not_show_announces_nothing(post, comment):
    before = stored_revision(post)
    with captured_broadcasts() as broadcasts:
        comment.views += 1
        db.session.commit()
        comment.text = comment.text + ""
        db.session.commit()
    assert (broadcasts, stored_revision(post)) == ([], before)


def test_a_touched_row_is_announced_although_nothing_of_it_changed(comment):
    with captured_broadcasts() as broadcasts:
        comment.touch()
        db.session.commit()
    assert [b.revision for b in broadcasts] == [comment.revision]
    assert 'action="replace"' in broadcasts[0].html


def test_a_transaction_is_one_revision_however_many_rows_it_changes(post, ada, comment):
    before = post.revision
    with captured_broadcasts() as broadcasts:
        second = add(post, ada, "Second")
        db.session.flush()
        second.text = "Second, better"
        db.session.delete(comment)
        post.title = "Three changes"
        db.session.commit()
    assert [b.revision for b in broadcasts] == [before + 1]
    assert broadcasts[0].html.count("<turbo-stream ") == 3
    assert broadcasts[0].html.count('action="append"') == 1 and "Second, better" in broadcasts[0].html


def test_two_pages_in_one_transaction_get_a_revision_each(post, other, ada):
    before = (post.revision, other.revision)
    with captured_broadcasts() as broadcasts:
        add(other, ada, "There")
        add(post, ada, "Here")
        db.session.commit()
    assert {(b.stream, b.revision) for b in broadcasts} == {
        (post.stream_name, before[0] + 1),
        (other.stream_name, before[1] + 1),
    }
    assert ["Here" in b.html for b in broadcasts if b.stream == post.stream_name] == [True]


def test_pages_are_locked_in_one_order_whatever_was_written_first(post, other, ada):
    orders = []
    for pair in ((post, other), (other, post)):
        with captured_broadcasts() as broadcasts:
            for page in pair:
                add(page, ada, "Hello")
            db.session.commit()
        orders.append([b.stream for b in broadcasts])
    assert orders[0] == orders[1]


def test_nothing_is_announced_before_the_commit(post, ada):
    with captured_broadcasts() as broadcasts:
        add(post, ada, "Hello")
        db.session.flush()
        assert broadcasts == []
        db.session.commit()
        assert len(broadcasts) == 1


def test_a_rollback_announces_nothing_and_leaves_nothing_behind(post, ada):
    before = stored_revision(post)
    with captured_broadcasts() as broadcasts:
        add(post, ada, "Never said")
        db.session.flush()
        db.session.rollback()
        db.session.commit()
        add(post, ada, "Said")
        db.session.commit()
    assert [b.revision for b in broadcasts] == [before + 1]
    assert "Never" not in broadcasts[0].html


def test_a_savepoint_announces_nothing_by_itself(post, ada):
    before = post.revision
    with captured_broadcasts() as broadcasts:
        add(post, ada, "Before")
        with db.session.begin_nested():
            add(post, ada, "Within")
        assert (broadcasts, post.revision) == ([], before)
        add(post, ada, "After")
        db.session.commit()
    assert [b.revision for b in broadcasts] == [before + 1]
    assert broadcasts[0].html.count('action="append"') == 3


def test_what_a_savepoint_took_back_is_not_announced(post, ada):
    with captured_broadcasts() as broadcasts:
        add(post, ada, "Kept")
        savepoint = db.session.begin_nested()
        add(post, ada, "Taken back")
        db.session.flush()
        savepoint.rollback()
        db.session.commit()
    assert len(broadcasts) == 1
    assert "Kept" in broadcasts[0].html and "Taken back" not in broadcasts[0].html


def test_a_savepoint_that_was_released_is_gone_with_the_transaction_around_it(post, ada):
    with captured_broadcasts() as broadcasts:
        with db.session.begin_nested():
            add(post, ada, "Hello")
        db.session.rollback()
        db.session.commit()
    assert broadcasts == []


def test_a_bulk_statement_announces_nothing_so_it_has_to_touch(post, comment):
    """SQLAlchemy's events do not see it: this pins down what STYLE asks for, a touch beside each bulk statement."""
    with captured_broadcasts() as broadcasts:
        db.session.execute(update(Comment).values(text="Bulk"))
        db.session.commit()
        assert broadcasts == []
        db.session.refresh(comment)
        comment.touch()
        db.session.commit()
    assert "Bulk" in broadcasts[0].html


def test_a_changed_record_is_announced_although_nobody_else_holds_it(post, comment):
    id = comment.id
    db.session.expunge_all()
    with captured_broadcasts() as broadcasts:
        db.session.get(Comment, id).text = "Held by the session alone"
        db.session.flush()
        gc.collect()
        db.session.commit()
    assert "Held by the session alone" in broadcasts[0].html


def test_a_row_made_and_deleted_at_once_is_removed_and_harms_nobody(post, ada):
    with captured_broadcasts() as broadcasts:
        comment = add(post, ada, "Oh no")
        db.session.flush()
        db.session.delete(comment)
        db.session.commit()
    assert 'action="remove"' in broadcasts[0].html and "Oh no" not in broadcasts[0].html


def test_the_fragment_is_the_same_in_a_request_and_outside(blog, comment):
    outside = comment.fragment(since=comment.revision)
    with blog.test_request_context("/", base_url="https://elsewhere.example"):
        assert comment.fragment(since=comment.revision) == outside
    assert "elsewhere" not in outside and "csrf" not in outside


def test_without_redis_the_commit_stands(post, ada, redis_is_away):
    before = post.revision
    add(post, ada, "Hello")
    db.session.commit()
    assert stored_revision(post) == before + 1


def test_something_that_is_not_on_a_page_is_committed_in_silence(blog):
    with captured_broadcasts() as broadcasts:
        db.session.add(Author(name="Nobody"))
        db.session.commit()
    assert broadcasts == []
