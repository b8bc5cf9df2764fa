"""From any cursor to now: exactly what changed, or the whole page."""

import re

import pytest
from sqlalchemy import update

from chatapp.extensions import db
from chatapp.models import Chat, Message


@pytest.fixture
def messages(chat, alice) -> list[Message]:
    """Three, each of a revision of its own."""
    made = []
    for content in ("One", "Two", "Three"):
        made.append(chat.post(alice.user, content))
        db.session.commit()
    return made


def actions(frame) -> list[tuple[str, str]]:
    return re.findall(r'<turbo-stream action="(\w+)" target="(\w+)">', frame.html)


def catch_up(chat, cursor: int):
    return chat.catch_up(cursor, db.session)


def is_whole_page(frame, chat) -> bool:
    whole = [("replace", f"header_chat_{chat.id}"), ("replace", f"messages_chat_{chat.id}")]
    return (
        frame.full and [action for action in actions(frame) if action[1].partition("_")[2] != "composer"][:2] == whole
    )


def test_who_has_seen_everything_gets_nothing(chat, messages):
    frame = catch_up(chat, chat.revision)
    assert (frame.after, frame.revision, frame.html, frame.full) == (chat.revision, chat.revision, "", False)


def test_every_change_comes_as_what_it_is_for_this_reader(chat, alice, messages):
    one, two, three = messages
    cursor = two.revision
    one.edit("One, better")
    db.session.commit()
    two.delete()
    db.session.commit()
    three.edit("Three, better")
    db.session.commit()
    frame = catch_up(chat, cursor)
    # Message three is new to this reader, however often it was edited since.
    assert actions(frame) == [
        ("replace", f"message_{one.id}"),
        ("remove", f"message_{two.id}"),
        ("append", f"messages_chat_{chat.id}"),
    ]
    assert "Three, better" in frame.html
    assert (frame.after, frame.revision, frame.full) == (cursor, chat.revision, False)


def test_new_messages_come_in_the_order_of_the_page(chat, alice):
    first, second, cursor = chat.post(alice.user, "First"), chat.post(alice.user, "Second"), chat.revision
    db.session.commit()
    first.edit("First, later")
    db.session.commit()
    frame = catch_up(chat, cursor)
    assert frame.html.index("First, later") < frame.html.index("Second")
    assert second.revision < first.revision


def test_what_came_and_went_is_only_removed(chat, alice):
    cursor = chat.revision
    message = chat.post(alice.user, "Gone soon")
    db.session.commit()
    message.delete()
    db.session.commit()
    assert actions(catch_up(chat, cursor)) == [("remove", f"message_{message.id}")]


def test_the_header_comes_only_if_it_changed(chat, messages):
    cursor = chat.revision
    messages[0].edit("One, better")
    db.session.commit()
    assert "header_chat" not in catch_up(chat, cursor).html
    chat.title = "Better plans"
    db.session.commit()
    assert actions(catch_up(chat, cursor))[0] == ("replace", f"header_chat_{chat.id}")


@pytest.mark.parametrize("cursor", [-1, -(2**31), 2**31 - 1])
def test_a_cursor_that_is_not_of_this_page_gets_the_whole_page(chat, messages, cursor):
    frame = catch_up(chat, cursor)
    assert is_whole_page(frame, chat) and frame.revision == chat.revision


def test_a_cursor_one_ahead_gets_the_whole_page(chat, messages):
    assert is_whole_page(catch_up(chat, chat.revision + 1), chat)


@pytest.mark.parametrize(("rows", "whole"), [(100, False), (101, True)])
def test_a_hundred_changed_rows_come_one_by_one_and_one_more_as_the_whole_page(chat, alice, rows, whole):
    cursor = chat.revision
    db.session.add_all([Message(chat=chat, author=alice.user, content=str(number)) for number in range(rows)])
    db.session.commit()
    frame = catch_up(chat, cursor)
    assert frame.full is whole
    assert frame.html.count('action="append"') == (0 if whole else 100)
    assert frame.html.count("<article") == (50 if whole else 100)


def test_the_whole_page_is_what_a_fresh_page_shows(chat, alice):
    db.session.add_all([Message(chat=chat, author=alice.user, content=str(number)) for number in range(120)])
    db.session.commit()
    page = alice.get(f"/chats/{chat.id}").text
    frame = catch_up(chat, -1)
    for template in re.findall(r"<template>(.*?)</template>", frame.html, re.DOTALL)[:2]:
        assert template in page


def test_catching_up_twice_says_the_same(chat, messages):
    assert catch_up(chat, 0) == catch_up(chat, 0)


def test_nothing_of_another_page_is_in_it(chat, alice, messages):
    other = Chat.start(alice.user, "Other")
    other.post(alice.user, "Somewhere else")
    db.session.commit()
    assert "Somewhere else" not in catch_up(chat, 0).html


def test_a_page_put_back_to_an_earlier_state_shows_that_state(chat, messages):
    cursor = chat.revision
    db.session.execute(update(Chat).values(revision=cursor - 2))
    db.session.commit()
    frame = catch_up(chat, cursor)
    assert frame.full and frame.revision == cursor - 2


@pytest.mark.parametrize("start", range(4))
def test_catch_ups_from_every_cursor_end_at_the_same_page(chat, alice, messages, start):
    """The rows that a reader ends up with, whatever he had seen before."""
    begin = messages[0].revision - 1
    shown = {m.id: m.content for m in messages if m.revision <= begin + start}
    messages[0].edit("One, better")
    db.session.commit()
    messages[1].delete()
    db.session.commit()
    chat.post(alice.user, "Four")
    db.session.commit()
    for action, target in actions(frame := catch_up(chat, begin + start)):
        if action == "remove":
            shown.pop(int(target.removeprefix("message_")), None)
    for id, body in re.findall(r'<article id="message_(\d+)".*?message__body[^>]*><p>(.*?)</p>', frame.html, re.DOTALL):
        shown[int(id)] = body
    assert list(dict(sorted(shown.items())).values()) == ["One, better", "Three", "Four"]
