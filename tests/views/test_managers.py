"""Managers of a chat beside its creator."""

import pytest
from sqlalchemy import select

from chatapp.extensions import db
from chatapp.models import Chat, Membership, User
from chatapp.turbo.testing import captured_broadcasts


def promote(visitor, chat, user):
    return visitor.submit(f"/chats/{chat.id}/managers", {"manager": str(user.id)})


def demote(visitor, chat, user):
    return visitor.submit(f"/chats/{chat.id}/managers/{user.id}", method="DELETE")


def managers(chat) -> set[int]:
    return db.session.get(Chat, chat.id).manager_ids


def test_a_manager_makes_another_one_who_then_does_the_same(alice, bob, charlie, chat):
    chat.admit(charlie.user)
    db.session.commit()
    assert promote(alice, chat, bob.user).location == f"/chats/{chat.id}/members"
    assert promote(bob, chat, charlie.user).status_code == 303
    assert managers(chat) == {alice.id, bob.id, charlie.id}
    assert demote(bob, chat, alice.user).status_code == 303
    assert managers(chat) == {bob.id, charlie.id}


def test_one_manager_stays(alice, bob, chat):
    answer = demote(alice, chat, alice.user)
    assert answer.status_code == 422 and "Make somebody else a manager first" in answer.text
    promote(alice, chat, bob.user)
    assert demote(alice, chat, alice.user).status_code == 303
    assert demote(bob, chat, bob.user).status_code == 422
    assert managers(chat) == {bob.id}


def test_a_creator_without_a_mark_stays_a_manager_beside_the_first_one_with_it(alice, bob, chat):
    chat.membership_of(alice.user).manager = False
    db.session.commit()
    assert managers(chat) == {alice.id}
    promote(alice, chat, bob.user)
    assert managers(chat) == {alice.id, bob.id}


def test_the_person_s_open_page_is_told(alice, bob, chat):
    with captured_broadcasts(chat.stream_name) as broadcasts:
        promote(alice, chat, bob.user)
        demote(alice, chat, bob.user)
    element = f'id="member_{bob.id}_chat_{chat.id}"'
    assert [element in one.html and " data-manager" in one.html for one in broadcasts] == [True, False]


def test_a_creator_who_manages_again_because_nobody_else_does_is_told(alice, bob, admin, chat):
    promote(alice, chat, bob.user)
    demote(alice, chat, alice.user)
    with captured_broadcasts(chat.stream_name) as broadcasts:
        admin.user.admin = True
        chat.admit(admin.user)
        db.session.commit()
        admin.submit(f"/chats/{chat.id}/members/{bob.id}", method="DELETE")
    assert f'id="member_{alice.id}_chat_{chat.id}"' in broadcasts[-1].html and " data-manager" in broadcasts[-1].html
    assert managers(chat) == {alice.id}


def test_the_page_of_the_members_offers_it_to_managers_alone(alice, bob, chat):
    assert "Make a manager" in alice.get(f"/chats/{chat.id}/members").text
    assert "Make a member" not in alice.get(f"/chats/{chat.id}/members").text
    assert "Make a manager" not in bob.get(f"/chats/{chat.id}/members").text
    promote(alice, chat, bob.user)
    assert alice.get(f"/chats/{chat.id}/members").text.count("Make a member<") == 2


def test_who_does_not_manage_a_chat_chooses_no_manager(alice, bob, charlie, removed, chat):
    assert promote(bob, chat, bob.user).status_code == demote(bob, chat, alice.user).status_code == 403
    for visitor in (charlie, removed):
        assert promote(visitor, chat, visitor.user).status_code == demote(visitor, chat, alice.user).status_code == 404
    assert managers(chat) == {alice.id}


@pytest.mark.parametrize("chosen", ["", "x", "0", "99999", "9999999999", str(2**31)])
def test_only_members_who_can_log_in_become_managers(alice, bob, charlie, chat, chosen):
    answer = alice.submit(f"/chats/{chat.id}/managers", {"manager": chosen})
    assert answer.status_code in (404, 422)
    assert promote(alice, chat, charlie.user).status_code == 404
    bob.user.deactivate()
    db.session.commit()
    assert promote(alice, chat, bob.user).status_code == 404
    chat.admit(User.assistant())
    db.session.commit()
    assert promote(alice, chat, User.assistant()).status_code == 404
    assert db.session.scalars(select(Membership.user_id).filter_by(manager=True)).all() == [alice.id]
