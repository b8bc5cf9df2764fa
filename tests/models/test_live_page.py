"""What a chat announces, and what a page that was away gets: the parts that are the chat's own."""

import re

from chatapp.extensions import db
from chatapp.models import Message
from chatapp.turbo.testing import captured_broadcasts


def actions(frame) -> list[tuple[str, str]]:
    return re.findall(r'<turbo-stream action="(\w+)" target="(\w+)">', frame.html)


def catch_up(chat, cursor: int):
    return chat.catch_up(cursor, db.session)


def test_the_whole_page_is_what_a_fresh_page_shows(chat, alice):
    db.session.add_all([Message(chat=chat, author=alice.user, content=str(number)) for number in range(120)])
    db.session.commit()
    page = alice.get(f"/chats/{chat.id}").text
    frame = catch_up(chat, -1)
    assert frame.full and actions(frame)[:2] == [
        ("replace", f"header_chat_{chat.id}"),
        ("replace", f"messages_chat_{chat.id}"),
    ]
    for template in re.findall(r"<template>(.*?)</template>", frame.html, re.DOTALL)[:2]:
        assert template in page


def test_a_message_changes_as_what_it_is_for_each_reader(chat, alice):
    message = chat.post(alice.user, "Hello")
    db.session.commit()
    before, created = message.created_revision - 1, message.created_revision
    message.edit("Good evening")
    db.session.commit()
    assert actions(catch_up(chat, before)) == [("append", f"messages_chat_{chat.id}")]
    assert actions(catch_up(chat, created)) == [("replace", f"message_{message.id}")]
    message.delete()
    db.session.commit()
    assert actions(catch_up(chat, before)) == [("remove", f"message_{message.id}")]


def test_the_header_comes_only_if_it_changed(chat, message):
    cursor = chat.revision
    message.edit("Better")
    db.session.commit()
    assert "header_chat" not in catch_up(chat, cursor).html
    chat.title = "Better plans"
    db.session.commit()
    assert actions(catch_up(chat, cursor))[0] == ("replace", f"header_chat_{chat.id}")


def test_members_who_come_and_go_change_the_header(chat, charlie):
    with captured_broadcasts() as broadcasts:
        chat.admit(charlie.user)
        db.session.commit()
    assert "3 members" in broadcasts[0].html
    with captured_broadcasts() as broadcasts:
        chat.dismiss(chat.membership_of(charlie.user))
        db.session.commit()
    assert "2 members" in broadcasts[0].html


def test_a_lease_announces_nothing(chat, message):
    before = chat.revision
    with captured_broadcasts() as broadcasts:
        message.lease()
        db.session.commit()
    assert (broadcasts, chat.revision) == ([], before)


def test_to_delete_a_message_makes_it_a_tombstone(message):
    with captured_broadcasts() as broadcasts:
        db.session.delete(message)
        db.session.commit()
    assert broadcasts[0].html == f'<turbo-stream action="remove" target="message_{message.id}"></turbo-stream>'
    assert db.session.get(Message, message.id, populate_existing=True).deleted_at is not None


def test_the_fragment_is_the_same_in_a_request_and_outside(app, message):
    outside = message.fragment(since=message.revision)
    with app.test_request_context("/", base_url="https://elsewhere.example"):
        assert message.fragment(since=message.revision) == outside
    assert "elsewhere" not in outside and "csrf" not in outside


def test_without_redis_the_commit_stands(chat, alice, dead_redis):
    before = chat.revision
    chat.post(alice.user, "Hello")
    db.session.commit()
    assert chat.revision == before + 1
