"""Pinning messages of a chat, for all its members."""

import pytest

from chatapp.extensions import db
from chatapp.models import Chat, Message
from chatapp.models.mixins import pinnable
from chatapp.turbo.testing import captured_broadcasts

#: In the header.
COUNTED = '1<span class="visually-hidden"> pinned</span>'


def pin(visitor, message):
    return visitor.turbo("POST", f"/messages/{message.id}/pins")


def unpin(visitor, message):
    return visitor.turbo("DELETE", f"/messages/{message.id}/pin")


@pytest.fixture
def message(alice, chat) -> Message:
    message = chat.post(alice.user, "Where we meet")
    db.session.commit()
    return message


def pins(visitor, chat) -> str:
    """The page without the list of chats beside it."""
    return visitor.get(f"/chats/{chat.id}/pins").text.partition("data-pin-list-target")[2]


def test_a_member_pins_a_message_and_all_members_see_it_and_who_did_so(alice, bob, chat, message):
    assert pin(bob, message).status_code == 201
    for visitor in (alice, bob):
        page = pins(visitor, chat)
        assert "Where we meet" in page and "Pinned by Bob" in page and f'href="/messages/{message.id}"' in page
        assert COUNTED in visitor.get(f"/chats/{chat.id}").text
    assert unpin(alice, message).status_code == 200
    assert "Nothing is pinned" in pins(bob, chat) and COUNTED not in bob.get(f"/chats/{chat.id}").text


def test_a_pin_is_announced_with_its_message_and_the_header(bob, chat, message):
    with captured_broadcasts(chat.stream_name) as broadcasts:
        pin(bob, message)
        unpin(bob, message)
    assert [" data-pinned" in broadcast.html for broadcast in broadcasts] == [True, False]
    assert [COUNTED in broadcast.html for broadcast in broadcasts] == [True, False]
    assert all(f'target="header_chat_{chat.id}"' in broadcast.html for broadcast in broadcasts)


def test_the_last_pin_is_first_on_the_page(alice, chat, message):
    second = chat.post(alice.user, "When we meet")
    db.session.commit()
    pin(alice, second)
    pin(alice, message)
    page = pins(alice, chat)
    assert page.index("Where we meet") < page.index("When we meet")


def test_to_pin_again_changes_nothing_and_keeps_who_did_so_first(alice, bob, chat, message):
    pin(bob, message)
    revision = db.session.get(Chat, chat.id).revision
    assert pin(alice, message).status_code == 201 and "Pinned by Bob" in pins(alice, chat)
    assert db.session.get(Chat, chat.id).revision == revision


def test_an_edit_keeps_the_pin_and_a_deletion_takes_it_off(alice, chat, message):
    pin(alice, message)
    alice.turbo("PATCH", f"/messages/{message.id}", {"content": "At the harbour"})
    assert "At the harbour" in pins(alice, chat)
    with captured_broadcasts(chat.stream_name) as broadcasts:
        alice.turbo("DELETE", f"/messages/{message.id}")
    assert "Nothing is pinned" in pins(alice, chat)
    assert f'target="header_chat_{chat.id}"' in broadcasts[0].html and COUNTED not in broadcasts[0].html


def test_a_chat_takes_some_pins_and_says_what_to_do_then(monkeypatch, alice, chat, message):
    monkeypatch.setattr(pinnable, "PINS", 1)
    second = chat.post(alice.user, "One more")
    db.session.commit()
    pin(alice, message)
    answer = pin(alice, second)
    assert answer.status_code == 422 and "Unpin one of them first" in answer.text
    assert alice.submit(f"/messages/{second.id}/pins").status_code == 422


def test_without_scripts_both_are_plain_forms(alice, chat, message):
    assert f'action="/messages/{message.id}/pins"' in alice.get(f"/messages/{message.id}/actions").text
    assert alice.submit(f"/messages/{message.id}/pins").location == f"/chats/{chat.id}"
    assert ">Unpin<" in alice.get(f"/messages/{message.id}/actions").text
    assert alice.submit(f"/messages/{message.id}/pin", method="DELETE").location == f"/chats/{chat.id}/pins"


def test_an_archived_chat_keeps_its_pins_as_they_are(alice, bob, chat, message):
    pin(bob, message)
    chat.archive()
    db.session.commit()
    assert unpin(bob, message).status_code == 409
    page = pins(bob, chat)
    assert "Where we meet" in page and "Unpin" not in page


def test_who_reads_an_open_chat_sees_its_pins_and_pins_nothing(bob, charlie, chat, message):
    chat.kind = "open"
    db.session.commit()
    pin(bob, message)
    page = pins(charlie, chat)
    assert "Where we meet" in page and "Unpin" not in page
    assert pin(charlie, message).status_code == unpin(charlie, message).status_code == 403


def test_outsiders_and_whoever_was_removed_see_and_pin_nothing(charlie, removed, chat, message):
    for visitor in (charlie, removed):
        assert pin(visitor, message).status_code == unpin(visitor, message).status_code == 404
        assert visitor.get(f"/chats/{chat.id}/pins").status_code == 404
    assert message.pinned_at is None
