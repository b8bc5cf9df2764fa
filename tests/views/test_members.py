import pytest
from sqlalchemy import select

from chatapp.extensions import db
from chatapp.models import Chat, Membership


@pytest.fixture
def open_chat(alice) -> Chat:
    chat = Chat.start(alice.user, "For all", kind="open", assistant="never")
    db.session.commit()
    return chat


def members(chat) -> set[int]:
    return set(db.session.scalars(select(Membership.user_id).filter_by(chat_id=chat.id)))


def path(chat, user=None) -> str:
    return f"/chats/{chat.id}/members" + (f"/{user.id}" if user else "")


def test_members_see_each_other_s_names(bob, chat):
    page = bob.get(path(chat)).text
    assert "Alice" in page and "Bob" in page


def test_outsiders_see_nothing(charlie, removed, anonymous, chat):
    assert charlie.get(path(chat)).status_code == removed.get(path(chat)).status_code == 404
    assert anonymous.get(path(chat)).location == f"/login?next={path(chat)}"


def test_nobody_learns_addresses_by_joining_an_open_chat(charlie, admin, open_chat):
    charlie.submit(path(open_chat))
    for visitor in (charlie, admin):
        page = visitor.get(path(open_chat)).text
        assert "Alice" in page and "alice@example.com" not in page


# Adding


def test_any_member_adds_somebody_by_address(bob, charlie, chat):
    answer = bob.submit(path(chat), {"email": " Charlie@Example.com"})
    assert (answer.status_code, answer.location) == (303, path(chat))
    assert charlie.get(f"/chats/{chat.id}").status_code == 200


def test_adding_a_member_again_is_harmless(alice, bob, chat):
    assert alice.submit(path(chat), {"email": "bob@example.com"}).status_code == 303
    assert members(chat) == {alice.id, bob.id}


@pytest.mark.parametrize("email", ["nobody@example.com", "nonsense", "a\0b"])
def test_an_unknown_address_is_refused_with_advice(alice, chat, email):
    answer = alice.submit(path(chat), {"email": email})
    assert answer.status_code == 422 and 'class="field__errors"' in answer.text


def test_an_account_that_was_deactivated_can_not_be_added(alice, charlie, chat):
    charlie.user.deactivate()
    db.session.commit()
    answer = alice.submit(path(chat), {"email": "charlie@example.com"})
    assert answer.status_code == 422 and charlie.id not in members(chat)


def test_outsiders_add_nobody_not_even_themselves(charlie, removed, anonymous, chat):
    before = members(chat)
    for form in ({"email": "charlie@example.com"}, {}):
        assert charlie.submit(path(chat), form).status_code == 404
        assert removed.submit(path(chat), form).status_code == 404
        assert anonymous.submit(path(chat), form).location == "/login"
    assert members(chat) == before


# Joining


def test_everybody_may_join_an_open_chat(alice, charlie, open_chat):
    answer = charlie.submit(path(open_chat))
    assert (answer.status_code, answer.location) == (303, f"/chats/{open_chat.id}")
    assert members(open_chat) == {alice.id, charlie.id}


def test_joining_twice_is_harmless(charlie, open_chat):
    charlie.submit(path(open_chat))
    assert charlie.submit(path(open_chat)).status_code == 303


def test_who_has_not_joined_learns_not_even_who_has_an_account(alice, bob, charlie, open_chat):
    answers = [charlie.submit(path(open_chat), {"email": f"{name}@example.com"}) for name in ("bob", "nobody")]
    assert [answer.status_code for answer in answers] == [403, 403]


def test_who_has_not_joined_adds_nobody(alice, bob, charlie, open_chat):
    answer = charlie.submit(path(open_chat), {"email": "bob@example.com"})
    assert (answer.status_code, "Join this chat first" in answer.text) == (403, True)
    assert members(open_chat) == {alice.id}


# Leaving and removing


def test_everybody_may_leave(alice, bob, chat):
    answer = bob.submit(path(chat, bob.user), method="DELETE")
    assert (answer.status_code, answer.location) == (303, "/")
    assert members(chat) == {alice.id}
    assert bob.get(f"/chats/{chat.id}").status_code == 404


def test_who_made_the_chat_removes_others(alice, bob, chat):
    answer = alice.turbo("DELETE", path(chat, bob.user))
    assert (answer.status_code, answer.location) == (303, path(chat))
    assert bob.get(f"/chats/{chat.id}").status_code == 404


def test_another_member_removes_nobody(bob, alice, chat):
    answer = bob.turbo("DELETE", path(chat, alice.user))
    assert (answer.status_code, "Only a manager of the chat" in answer.text) == (403, True)
    assert members(chat) == {alice.id, bob.id}


def test_an_admin_removes_members_of_chats_that_he_can_see(admin, alice, bob, chat):
    assert admin.turbo("DELETE", path(chat, bob.user)).status_code == 404
    chat.admit(admin.user)
    db.session.commit()
    assert admin.turbo("DELETE", path(chat, bob.user)).status_code == 303
    assert members(chat) == {alice.id, admin.id}


def test_outsiders_remove_nobody(charlie, removed, anonymous, alice, bob, chat):
    for visitor, status in ((charlie, 404), (removed, 404), (anonymous, 401)):
        assert visitor.turbo("DELETE", path(chat, bob.user)).status_code == status
    assert members(chat) == {alice.id, bob.id}


def test_who_is_no_member_can_not_be_removed(alice, charlie, chat):
    assert alice.turbo("DELETE", path(chat, charlie.user)).status_code == 404


def test_a_removed_member_can_be_added_again(alice, bob, chat):
    alice.turbo("DELETE", path(chat, bob.user))
    alice.submit(path(chat), {"email": "bob@example.com"})
    assert bob.get(f"/chats/{chat.id}").status_code == 200


def test_what_a_removed_member_wrote_stays(alice, bob, chat):
    bob.send(chat, "I was here")
    alice.turbo("DELETE", path(chat, bob.user))
    assert "I was here" in alice.get(f"/chats/{chat.id}").text
