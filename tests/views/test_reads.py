"""Marking messages as read and as unread."""

import pytest
from sqlalchemy import select

from chatapp.extensions import db
from chatapp.models import ListedChat, Message


@pytest.fixture
def messages(alice, chat) -> list[Message]:
    posted = [chat.post(alice.user, f"Number {number}") for number in range(3)]
    db.session.commit()
    return posted


def read(visitor, chat, message_id, **fields):
    return visitor.turbo("POST", f"/chats/{chat.id}/reads", {"message_id": message_id, **fields})


def mark(visitor, chat) -> int:
    return db.session.scalar(select(ListedChat.read_id).filter_by(user_id=visitor.id, chat_id=chat.id))


def test_a_page_says_what_was_seen(bob, chat, messages):
    answer = read(bob, chat, messages[1].id, seen="1")
    assert (answer.status_code, answer.text) == (204, "")
    assert mark(bob, chat) == messages[1].id


def test_what_was_seen_moves_the_mark_forward_only(bob, chat, messages):
    read(bob, chat, messages[2].id, seen="1")
    assert read(bob, chat, messages[0].id, seen="1").status_code == 204
    assert mark(bob, chat) == messages[2].id


def test_people_mark_messages_as_unread(bob, chat, messages):
    read(bob, chat, messages[2].id, seen="1")
    assert read(bob, chat, messages[0].id).status_code == 204
    assert mark(bob, chat) == messages[0].id
    read(bob, chat, 0)
    assert mark(bob, chat) == 0


def test_a_plain_form_leads_to_the_list_that_shows_the_mark(bob, chat, messages):
    headers = {"Accept": "text/html,application/xhtml+xml"}
    answer = bob.submit(f"/chats/{chat.id}/reads", {"message_id": messages[0].id}, headers=headers)
    assert (answer.status_code, answer.location) == (303, "/")
    assert "Marked as unread in Plans." in bob.get("/").text and mark(bob, chat) == messages[0].id


def test_a_message_of_another_person_offers_it_on_its_page(alice, bob, chat, messages):
    form = f'action="/chats/{chat.id}/reads"'
    page = bob.get(f"/messages/{messages[1].id}/actions").text
    assert form in page and f'name="message_id" value="{messages[1].id - 1}"' in page
    assert form not in alice.get(f"/messages/{messages[1].id}/actions").text


@pytest.mark.parametrize("message_id", ["9999999999", str(2**31), "999999"])
def test_a_mark_beyond_the_end_is_one_at_the_end(bob, chat, messages, message_id):
    assert read(bob, chat, message_id).status_code == 204
    assert mark(bob, chat) == messages[2].id


@pytest.mark.parametrize("message_id", ["", "-1", "1.5", "x", "٣", "1_0", "9" * 11, "9" * 5000, " 1"])
def test_what_is_no_message_is_refused(bob, chat, messages, message_id):
    answer = read(bob, chat, message_id)
    assert (answer.status_code, "message_id takes" in answer.text) == (422, True)
    assert mark(bob, chat) == 0


@pytest.mark.parametrize("seen", ["", "0", "yes", "11"])
def test_only_one_word_means_seen(bob, chat, messages, seen):
    read(bob, chat, messages[2].id, seen="1")
    read(bob, chat, messages[0].id, seen=seen)
    assert mark(bob, chat) == messages[0].id


def test_outsiders_mark_nothing(charlie, removed, anonymous, chat, messages):
    for visitor in (charlie, removed):
        assert read(visitor, chat, messages[0].id).status_code == 404
    assert anonymous.turbo("POST", f"/chats/{chat.id}/reads", {"message_id": 1}).status_code == 401
    assert mark(charlie, chat) is None and mark(removed, chat) == 0


def test_whoever_reads_an_open_chat_without_being_a_member_marks_nothing(charlie, chat, messages):
    chat.kind = "open"
    db.session.commit()
    assert read(charlie, chat, messages[0].id).status_code == 404
    assert mark(charlie, chat) is None


def test_a_page_that_says_it_too_often_is_told_so(app, monkeypatch, bob, chat, messages):
    monkeypatch.setitem(app.config, "READ_RATE", "2 per hour")
    assert [read(bob, chat, messages[0].id).status_code for _ in range(3)] == [204, 204, 429]


def test_without_the_token_of_the_page_nothing_is_marked(bob, chat, messages):
    answer = bob.open("POST", f"/chats/{chat.id}/reads", data={"message_id": messages[0].id})
    assert answer.status_code == 400 and mark(bob, chat) == 0
