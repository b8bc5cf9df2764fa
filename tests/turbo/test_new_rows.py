"""New rows without a flush: they leave what a flush leaves."""

import pytest

from chatapp.turbo import announce_row, insert_row
from chatapp.turbo.testing import captured_broadcasts

from .blog import Comment, Post, db


def insert(post: Post, author, text: str) -> Comment | None:
    row = Comment(post_id=post.id, author_id=author.id, text=text)
    shown = {"post": post, "author": author, "likes": []}
    return row if insert_row(db.session(), post, row, shown) else None


def state(comment: Comment) -> dict:
    return {column.key: getattr(comment, column.key) for column in Comment.__table__.columns if column.key != "id"}


def test_a_row_is_the_one_of_a_flush_and_so_is_its_announcement(post, ada):
    with captured_broadcasts() as broadcasts:
        flushed = Comment(post=post, author=ada, text="Hello")
        db.session.add(flushed)
        db.session.commit()
        post.lock()
        inserted = insert(post, ada, "Hello")
        announce_row(db.session(), post, inserted)
        db.session.commit()
    assert inserted in db.session and not db.session.is_modified(inserted)
    expected = state(flushed) | {"created_revision": post.revision, "revision": post.revision}
    db.session.expire_all()
    assert state(inserted) == expected
    one, other = (broadcast.html.replace(f"comment_{comment.id}", "") for broadcast, comment in
                  zip(broadcasts, (flushed, inserted), strict=True))  # fmt: skip
    assert one == other
    assert [broadcast.revision for broadcast in broadcasts] == [post.revision - 1, post.revision]


def test_a_row_of_a_transaction_that_was_rolled_back_does_not_stand_in_the_way(post, ada):
    for _ in range(2):
        post.lock()
        kept = insert(post, ada, "Hello")
        assert kept is not None
        db.session.rollback()


def test_a_page_that_nobody_locked_is_noticed(post, ada):
    db.session.execute(db.update(Post).values(revision=Post.revision + 1).execution_options(synchronize_session=False))
    row = insert(post, ada, "Hello")
    with pytest.raises(RuntimeError, match="was not locked"):
        announce_row(db.session(), post, row)
