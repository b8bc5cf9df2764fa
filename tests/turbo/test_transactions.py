import pytest
from sqlalchemy.exc import IntegrityError

from chatapp.turbo import after_commit

from .blog import Like, db


@pytest.fixture
def session(blog):
    return db.session()


@pytest.fixture
def said(session) -> list[str]:
    """What was called back; ``say`` registers it."""
    return []


def say(session, said, word: str) -> None:
    after_commit(session, lambda: said.append(word))


def test_it_happens_after_the_commit_and_once(session, said):
    say(session, said, "hello")
    assert said == []
    session.commit()
    session.commit()
    assert said == ["hello"]


def test_it_never_happens_after_a_rollback(session, said):
    say(session, said, "hello")
    session.rollback()
    session.commit()
    assert said == []


def test_it_happens_in_the_order_in_which_it_was_said(session, said):
    for word in ("one", "two", "three"):
        say(session, said, word)
    session.commit()
    assert said == ["one", "two", "three"]


def test_a_savepoint_that_is_released_is_no_commit(session, said):
    with session.begin_nested():
        say(session, said, "hello")
    assert said == []
    session.commit()
    assert said == ["hello"]


def test_with_the_transaction_around_it_goes_what_a_released_savepoint_said(session, said):
    with session.begin_nested():
        say(session, said, "hello")
    session.rollback()
    session.commit()
    assert said == []


def test_a_savepoint_that_rolls_back_leaves_the_transaction_around_it_its_word(session, said):
    say(session, said, "outside")
    session.begin_nested().rollback()
    session.commit()
    assert said == ["outside"]


def test_what_a_savepoint_said_goes_when_it_rolls_back(session, said):
    say(session, said, "before")
    savepoint = session.begin_nested()
    say(session, said, "inside")
    savepoint.rollback()
    say(session, said, "after")
    session.commit()
    assert said == ["before", "after"]


def test_a_savepoint_in_a_savepoint_goes_with_the_outer_one(session, said):
    outer = session.begin_nested()
    with session.begin_nested():
        say(session, said, "inside")
    outer.rollback()
    session.commit()
    assert said == []


def test_a_flush_that_fails_in_a_savepoint_leaves_the_transaction_around_it_its_word(session, said):
    say(session, said, "outside")
    with pytest.raises(IntegrityError), session.begin_nested():
        session.add(Like(author_id=None))
    session.commit()
    assert said == ["outside"]


def test_one_that_raises_keeps_neither_the_others_from_it_nor_the_session_from_its_work(session, said, caplog):
    say(session, said, "before")
    after_commit(session, lambda: 1 / 0)
    say(session, said, "after")
    session.commit()
    assert said == ["before", "after"]
    assert "ZeroDivisionError" in caplog.text
    say(session, said, "next")
    session.commit()
    assert said == ["before", "after", "next"]


def test_a_session_that_is_closed_forgets(session, said):
    say(session, said, "hello")
    session.close()
    session.commit()
    assert said == []


def test_sessions_do_not_hear_each_other(blog, session, said):
    say(session, said, "mine")
    with blog.app_context():
        say(db.session(), said, "theirs")
        db.session.commit()
    assert said == ["theirs"]
