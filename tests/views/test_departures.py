"""Leaving a chat never takes it away from everybody."""

import re
import threading

import pytest
from sqlalchemy import select

from chatapp.extensions import db
from chatapp.models import Chat, Membership


def members(chat) -> set[int]:
    return set(db.session.scalars(select(Membership.user_id).filter_by(chat_id=chat.id)))


def leave(visitor, chat, **form):
    return visitor.submit(f"/chats/{chat.id}/departures", form)


@pytest.fixture
def own_chat(alice) -> Chat:
    chat = Chat.start(alice.user, "Diary", assistant="never")
    db.session.commit()
    return chat


def test_a_member_leaves_and_the_others_stay(alice, bob, chat):
    answer = leave(bob, chat)
    assert (answer.status_code, answer.location) == (303, "/")
    assert members(chat) == {alice.id}
    assert bob.get(f"/chats/{chat.id}").status_code == 404


def test_the_question_says_what_it_costs(bob, chat):
    page = bob.get(f"/chats/{chat.id}/departures/new")
    assert page.status_code == 200
    assert "Plans" in page.text and "until a member adds you again" in page.text


# The last member


def test_the_last_member_is_offered_to_archive_and_can_not_leave(alice, own_chat):
    page = alice.get(f"/chats/{own_chat.id}/departures/new")
    assert "nobody could read" in page.text and ">Archive<" in page.text
    assert not re.search(r">Leave<", page.text)
    for answer in (leave(alice, own_chat), leave_by_membership(alice, own_chat)):
        assert answer.status_code == 422 and ">Archive<" in answer.text
    assert members(own_chat) == {alice.id}
    assert alice.get(f"/chats/{own_chat.id}").status_code == 200


def leave_by_membership(visitor, chat):
    return visitor.submit(f"/chats/{chat.id}/members/{visitor.id}", method="DELETE")


def test_an_assistant_and_a_deactivated_account_are_nobody_to_leave_a_chat_to(alice, bob, chat):
    bob.user.deactivate()
    db.session.commit()
    assert leave(alice, chat).status_code == 422
    assert leave(alice, chat, manager=str(bob.id)).status_code == 422
    assert alice.id in members(chat)


# The last manager


def test_the_last_manager_hands_over_and_leaves(alice, bob, charlie, chat):
    chat.admit(charlie.user)
    db.session.commit()
    page = alice.get(f"/chats/{chat.id}/departures/new").text
    assert f'option value="{bob.id}"' in page and f'option value="{charlie.id}"' in page
    assert leave(alice, chat, manager=str(bob.id)).status_code == 303
    assert members(chat) == {bob.id, charlie.id}
    assert bob.user.can_manage(chat) and not charlie.user.can_manage(chat)


@pytest.mark.parametrize("chosen", ["", "0", "nonsense", str(2**40)])
def test_without_a_choice_the_last_manager_is_asked_again_and_stays(alice, bob, chat, chosen):
    for answer in (leave(alice, chat, manager=chosen), leave_by_membership(alice, chat)):
        assert answer.status_code == 422 and "Choose who manages this chat after you" in answer.text
    assert members(chat) == {alice.id, bob.id}


def test_an_outsider_can_not_be_made_the_heir(alice, bob, charlie, chat):
    assert leave(alice, chat, manager=str(charlie.id)).status_code == 422
    assert members(chat) == {alice.id, bob.id}


def test_who_handed_over_and_is_added_again_is_a_member_like_others(alice, bob, chat):
    leave(alice, chat, manager=str(bob.id))
    bob.submit(f"/chats/{chat.id}/members", {"email": "alice@example.com"})
    assert members(chat) == {alice.id, bob.id}
    assert not alice.user.can_manage(chat)
    assert alice.submit(f"/chats/{chat.id}/members/{bob.id}", method="DELETE").status_code == 403


def test_a_chat_of_the_release_before_is_managed_by_who_made_it(alice, bob, chat):
    for membership in chat.member_list():
        membership.manager = False  # as the previous release leaves it, which still runs while this one starts
    db.session.commit()
    assert alice.user.can_manage(chat) and not bob.user.can_manage(chat)
    assert leave(alice, chat).status_code == 422
    assert leave(alice, chat, manager=str(bob.id)).status_code == 303
    assert bob.user.can_manage(chat)


def test_two_managers_who_leave_at_once_leave_the_chat_to_somebody(app, alice, bob, charlie, chat):
    chat.admit(charlie.user)
    chat.membership_of(bob.user).manager = True
    db.session.commit()
    id, at_once, codes = chat.id, threading.Barrier(2), []

    def go(visitor):
        assert visitor.token
        at_once.wait(30)
        codes.append(visitor.submit(f"/chats/{id}/departures", {}).status_code)

    people = [threading.Thread(target=go, args=(visitor,)) for visitor in (alice, bob)]
    for thread in people:
        thread.start()
    for thread in people:
        thread.join(60)
    db.session.expire_all()
    assert sorted(codes) == [303, 422]
    assert any(membership.manager for membership in db.session.get(Chat, id).member_list())


# Others


def test_outsiders_leave_nothing(charlie, removed, anonymous, alice, bob, chat):
    for visitor in (charlie, removed):
        assert visitor.get(f"/chats/{chat.id}/departures/new").status_code == 404
        assert leave(visitor, chat).status_code == 404
    assert anonymous.get(f"/chats/{chat.id}/departures/new").location.startswith("/login")
    assert leave(anonymous, chat).location == "/login"
    assert members(chat) == {alice.id, bob.id}


def test_who_only_reads_an_open_chat_has_nothing_to_leave(alice, charlie):
    chat = Chat.start(alice.user, "For all", kind="open")
    db.session.commit()
    assert charlie.get(f"/chats/{chat.id}/departures/new").status_code == 404
    assert leave(charlie, chat).status_code == 404
