"""Chats without a manager: an administrator gives each one a new manager, and reads nothing of it."""

import re

import pytest
from sqlalchemy import select

from chatapp.extensions import db
from chatapp.models import Chat, Membership


@pytest.fixture
def orphan(alice, bob, chat) -> Chat:
    """A chat whose manager Alice is deactivated, with Bob still in it."""
    chat.post(alice.user, "Our secret plan")
    chat.title = "Secret title"
    alice.user.deactivate()
    db.session.commit()
    return chat


@pytest.fixture
def left_alone(alice, bob, chat) -> Chat:
    """A chat from before the last member had to stay: it has no member, and Bob has written in it."""
    chat.post(bob.user, "Our secret plan")
    db.session.flush()
    for membership in chat.member_list():
        db.session.delete(membership)
    db.session.commit()
    return chat


def adopt(visitor, chat, user):
    return visitor.submit(f"/orphans/{chat.id}", {"manager": str(user.id)}, method="PATCH")


def member(chat, visitor) -> Membership | None:
    return db.session.scalar(select(Membership).filter_by(chat_id=chat.id, user_id=visitor.id))


def test_the_list_says_whose_a_chat_was_and_nothing_of_what_it_says(admin, bob, orphan):
    page = admin.get("/orphans").text
    assert "Bob" in page and "Alice" in page
    assert "secret" not in page.lower()  # a title may be the first words of the first message
    assert f'action="/orphans/{orphan.id}"' in page


def test_an_administrator_makes_a_member_the_manager_and_still_may_not_read(admin, bob, orphan):
    assert adopt(admin, orphan, bob.user).status_code == 303
    assert bob.user.can_manage(orphan)
    assert admin.get(f"/chats/{orphan.id}").status_code == 404
    assert f'action="/orphans/{orphan.id}"' not in admin.get("/orphans").text


def test_where_nobody_is_left_it_is_given_to_somebody_who_was_there(admin, alice, bob, charlie, left_alone):
    page = admin.get("/orphans").text
    assert f'value="{alice.id}"' in page and f'value="{bob.id}"' in page and f'value="{charlie.id}"' not in page
    assert adopt(admin, left_alone, bob.user).status_code == 303
    assert bob.get(f"/chats/{left_alone.id}").status_code == 200
    assert bob.user.can_manage(left_alone)


def test_a_stranger_can_not_be_given_one_and_nor_can_the_administrator(admin, charlie, left_alone):
    for user in (charlie.user, admin.user):
        assert adopt(admin, left_alone, user).status_code == 422
    assert left_alone.member_list() == []


def test_an_administrator_who_wrote_in_it_once_does_not_give_it_to_himself(admin, bob, left_alone):
    chat = left_alone
    chat.admit(admin.user)
    db.session.flush()
    chat.post(admin.user, "I was here")
    db.session.flush()
    db.session.delete(chat.membership_of(admin.user))
    db.session.commit()
    assert adopt(admin, chat, admin.user).status_code == 422
    assert adopt(admin, chat, bob.user).status_code == 303


def test_a_chat_that_somebody_manages_is_no_orphan(admin, alice, bob, chat):
    assert f'action="/orphans/{chat.id}"' not in admin.get("/orphans").text
    assert adopt(admin, chat, bob.user).status_code == 404
    assert not bob.user.can_manage(chat)


@pytest.mark.parametrize("user_id", ["", "x", "0", str(2**40)])
def test_nobody_is_no_manager(admin, orphan, user_id):
    answer = admin.submit(f"/orphans/{orphan.id}", {"manager": user_id}, method="PATCH")
    assert answer.status_code == 422


def test_each_choice_has_its_own_label_and_a_refused_one_gets_the_focus(admin, bob, orphan):
    other = Chat.start(bob.user, "Diary")
    db.session.flush()
    db.session.delete(other.membership_of(bob.user))
    db.session.commit()
    answer = admin.submit(f"/orphans/{orphan.id}", {"manager": ""}, method="PATCH").text
    for id in (orphan.id, other.id):
        assert f'<label class="field__label" for="manager_{id}">' in answer and f'id="manager_{id}"' in answer
    refused = re.findall(r"<select[^>]* autofocus[^>]*>", answer)
    assert len(refused) == 1 and f'aria-describedby="manager_{orphan.id}_errors"' in refused[0]


def test_the_start_page_tells_an_administrator_of_them_and_nobody_else(admin, bob, orphan):
    assert 'href="/orphans"' in admin.get("/").text
    assert 'href="/orphans"' not in bob.get("/").text


def test_for_everybody_else_there_is_no_such_page(bob, charlie, removed, anonymous, orphan):
    for visitor in (bob, charlie, removed):
        assert visitor.get("/orphans").status_code == 404
        assert adopt(visitor, orphan, bob.user).status_code == 404
    assert anonymous.get("/orphans").location.startswith("/login")
    assert adopt(anonymous, orphan, bob.user).location == "/login"
    assert not member(orphan, bob).manager
