"""Each page learns of its own reader's membership, and none gets the list of all members."""

import pytest

from chatapp.extensions import db
from chatapp.models import Membership, User
from chatapp.models.opening import Opening
from chatapp.turbo.testing import captured_broadcasts

MANY = 1000


@pytest.fixture
def crowd(chat) -> None:
    users = [User(name=f"Guest {n}", email=f"guest{n}@example.com") for n in range(MANY)]
    db.session.add_all(users)
    db.session.flush()
    db.session.add_all(Membership(chat=chat, user=user) for user in users)
    db.session.commit()


def element(chat, visitor) -> str:
    return f'target="member_{visitor.id}_chat_{chat.id}"'


def catch_up(chat, cursor: int):
    frame = chat.catch_up(cursor, db.session)
    db.session.rollback()
    return frame


def leave(chat, visitor) -> None:
    chat.dismiss(chat.membership_of(visitor.user))
    db.session.commit()


def test_a_join_of_a_thousand_and_first_is_as_small_as_any(chat, charlie, crowd):
    with captured_broadcasts(chat.stream_name) as broadcasts:
        chat.admit(charlie.user)
        db.session.commit()
    (told,) = broadcasts
    assert "1003 members" in told.html
    assert len(told.html) < 2500


def test_who_joins_and_who_leaves_is_told_so_and_nobody_else(chat, charlie, bob):
    for change, member in ((lambda: chat.admit(charlie.user), True), (lambda: leave(chat, charlie), False)):
        with captured_broadcasts(chat.stream_name) as broadcasts:
            change()
            db.session.commit()
        html = broadcasts[-1].html
        assert element(chat, charlie) in html and element(chat, bob) not in html
        assert (" data-member " in html) is member
        assert Opening(chat, charlie.user).standing in html


def test_a_page_that_was_away_learns_that_its_reader_has_left(chat, bob):
    cursor = chat.revision
    leave(chat, bob)
    html = catch_up(chat, cursor).html
    assert element(chat, bob) in html and " data-member " not in html
    assert element(chat, bob) not in catch_up(chat, chat.revision).html


def test_a_page_that_was_away_learns_that_its_reader_is_back(chat, bob):
    cursor = chat.revision
    for _ in range(2):
        leave(chat, bob)
        chat.admit(bob.user)
        db.session.commit()
    assert catch_up(chat, cursor).html.rindex(Opening(chat, bob.user).standing) > 0
    assert Opening(chat, bob.user).standing == chat.membership_of(bob.user).to_html()


def test_a_page_of_which_nothing_is_known_learns_it_too(chat, alice, bob):
    leave(chat, bob)
    html = catch_up(chat, chat.revision + 5).html
    assert Opening(chat, alice.user).standing in html and Opening(chat, bob.user).standing in html


def test_a_membership_that_goes_by_any_way_leaves_word(chat, bob):
    cursor = chat.revision
    db.session.delete(chat.membership_of(bob.user))
    db.session.commit()
    assert chat.membership_of(bob.user) is None
    assert element(chat, bob) in catch_up(chat, cursor).html


def test_who_was_a_member_reaches_nothing_by_that(chat, removed):
    assert removed.get(f"/chats/{chat.id}").status_code == 404
    assert removed.send(chat, "Hello").status_code == 404
