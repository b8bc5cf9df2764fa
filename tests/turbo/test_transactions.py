import pytest

from chatapp.extensions import db
from chatapp.turbo import after_commit


@pytest.fixture
def session(app):
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


def test_sessions_do_not_hear_each_other(app, session, said):
    say(session, said, "mine")
    with app.app_context():
        say(db.session(), said, "theirs")
        db.session.commit()
    assert said == ["theirs"]
