"""A link to a message leads to the chat around it, from where one reads on in both directions."""

import re

import pytest
from sqlalchemy import select

from chatapp.extensions import db
from chatapp.models import Chat, Message

from .test_history import ids, next_page, write


@pytest.fixture
def numbers(chat, alice) -> list[int]:
    """The ids of 200 messages."""
    write(chat, alice.user, 200)
    return list(db.session.scalars(select(Message.id).order_by(Message.id)))


def page_after(answer) -> str | None:
    # The frame behind message 0 is a template.
    found = re.search(r'<turbo-frame id="messages_after_[1-9][^>]* src="([^"]+)"', answer.text)
    return found and found[1]


def test_a_link_to_a_message_leads_to_its_chat_around_it(alice, chat, numbers):
    answer = alice.get(f"/messages/{numbers[99]}")
    assert (answer.status_code, answer.location) == (
        303,
        f"/chats/{chat.id}?around={numbers[99]}#message_{numbers[99]}",
    )


def test_the_page_has_as_many_messages_before_as_after_it(alice, chat, numbers):
    answer = alice.get(f"/chats/{chat.id}?around={numbers[99]}")
    assert ids(answer) == numbers[74:125]
    assert f'data-timeline-target-value="message_{numbers[99]}"' in answer.text


def test_one_can_read_to_both_ends_and_meets_every_message_once(alice, chat, numbers):
    answer = alice.get(f"/chats/{chat.id}?around={numbers[99]}")
    seen, before, after = ids(answer), next_page(answer), page_after(answer)
    while before:
        answer = alice.get(before, headers={"Turbo-Frame": "x"})
        seen, before = ids(answer) + seen, next_page(answer)
    while after:
        answer = alice.get(after, headers={"Turbo-Frame": "x"})
        seen, after = seen + ids(answer), page_after(answer)
    assert seen == numbers


@pytest.mark.parametrize("place", [175, 199])
def test_near_the_end_it_is_the_ordinary_page(alice, chat, numbers, place):
    answer = alice.get(f"/chats/{chat.id}?around={numbers[place]}")
    assert page_after(answer) is None and ids(answer)[-1] == numbers[-1] and next_page(answer)


def test_near_the_beginning_nothing_is_older(alice, chat, numbers):
    answer = alice.get(f"/chats/{chat.id}?around={numbers[0]}")
    assert next_page(answer) is None and page_after(answer) and ids(answer) == numbers[:26]


def test_deleted_neighbours_do_not_count(alice, chat, numbers):
    for message in db.session.scalars(select(Message).where(Message.id.in_(numbers[80:90]))):
        message.delete()
    db.session.commit()
    assert ids(alice.get(f"/chats/{chat.id}?around={numbers[99]}")) == numbers[64:80] + numbers[90:125]


def test_without_scripts_the_next_page_is_a_page(alice, chat, numbers):
    answer = alice.get(f"/chats/{chat.id}/messages?after={numbers[124]}")
    assert answer.text.startswith("<!doctype html>") and ids(answer) == numbers[125:175]
    assert (
        "Show newer messages" in answer.text
        and f'href="/chats/{chat.id}/messages?before={numbers[125]}"' in answer.text
    )


@pytest.mark.parametrize("after", ["", "-1", "abc", str(2**31), "1.5"])
def test_after_what_is_no_message_leads_to_the_chat(alice, chat, numbers, after):
    answer = alice.get(f"/chats/{chat.id}/messages?after={after}")
    assert (answer.status_code, answer.location) == (303, f"/chats/{chat.id}")


def test_a_message_that_is_gone_leads_to_the_end_of_the_chat_and_says_why(alice, chat, numbers):
    alice.turbo("DELETE", f"/messages/{numbers[99]}")
    answer = alice.get(f"/chats/{chat.id}?around={numbers[99]}")
    assert (answer.status_code, answer.location) == (303, f"/chats/{chat.id}")
    assert "is no longer there" in alice.get(answer.location).text


def test_a_message_of_another_chat_is_not_shown_here(alice, chat, numbers):
    other = Chat.start(alice.user, "Other")
    secret = other.post(alice.user, "Elsewhere")
    db.session.commit()
    answer = alice.get(f"/chats/{chat.id}?around={secret.id}")
    assert (answer.status_code, answer.location) == (303, f"/chats/{chat.id}")


def test_a_message_out_of_reach_looks_like_one_that_never_was(bob, charlie, chat, numbers):
    for visitor in (bob, charlie):
        for id in (numbers[99] if visitor is charlie else 999_999, 888_888):
            assert visitor.get(f"/messages/{id}").status_code == 404


def test_what_one_can_do_with_a_message_has_a_page_of_its_own(alice, bob, message):
    assert "Delete" in alice.get(f"/messages/{message.id}/actions").text
    assert f'href="/messages/{message.id}/actions"' in alice.get(f"/chats/{message.chat_id}").text
