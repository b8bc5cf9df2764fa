"""Bookmarks, which only their person sees."""

import re

import pytest

from chatapp.extensions import db
from chatapp.models import Bookmark, ListedChat, Message, bookmark
from chatapp.turbo.testing import captured_broadcasts


def keep(visitor, message):
    return visitor.turbo("POST", f"/messages/{message.id}/bookmarks")


def drop(visitor, message):
    return visitor.turbo("DELETE", f"/messages/{message.id}/bookmark")


def listed(visitor) -> str:
    """The page without the list of chats beside it."""
    return visitor.get("/bookmarks").text.partition('data-controller="bookmark-list"')[2]


def mark(visitor, chat) -> str:
    return re.search(rf'<i id="read_chat_{chat.id}"[^>]*>', visitor.get("/").text)[0]


@pytest.fixture
def message(alice, chat) -> Message:
    message = chat.post(alice.user, "The door code")
    db.session.commit()
    return message


def test_a_bookmark_is_on_its_person_s_page_and_in_the_mark_of_the_chat(bob, chat, message):
    answer = keep(bob, message)
    assert answer.status_code == 201 and f'target="read_chat_{chat.id}"' in answer.text
    page = listed(bob)
    assert "The door code" in page and "in <bdi>Plans</bdi>" in page and f'href="/messages/{message.id}"' in page
    assert f'data-bookmarks="{message.id}"' in mark(bob, chat)
    assert drop(bob, message).status_code == 200
    assert "You have no bookmarks" in listed(bob) and "data-bookmarks" not in mark(bob, chat)


def test_nobody_else_learns_of_it(alice, bob, chat, message):
    with captured_broadcasts() as broadcasts:
        keep(bob, message)
    assert [broadcast.stream for broadcast in broadcasts] == [bob.user.stream_name]
    assert 'data-bookmarks="' not in mark(alice, chat) and "You have no bookmarks" in listed(alice)
    assert 'data-bookmarks="' not in alice.get(f"/chats/{chat.id}").text


def test_it_is_told_on_the_stream_of_its_person(bob, chat, message):
    with captured_broadcasts(bob.user.stream_name) as broadcasts:
        keep(bob, message)
        keep(bob, message)
        drop(bob, message)
    told = [f'data-bookmarks="{message.id}"' in broadcast.html for broadcast in broadcasts]
    assert told == [True, False] and db.session.query(Bookmark).count() == 0


def test_it_outlives_its_message_and_can_be_removed_then(alice, bob, chat, message):
    keep(bob, message)
    before = mark(bob, chat)
    alice.turbo("DELETE", f"/messages/{message.id}")
    page = listed(bob)
    assert "that was deleted" in page and "The door code" not in page and mark(bob, chat) == before
    assert drop(bob, message).status_code == 200 and "You have no bookmarks" in listed(bob)


def test_whoever_leaves_sees_his_bookmarks_there_again_after_a_return(alice, bob, chat, message):
    keep(bob, message)
    chat.dismiss(chat.membership_of(bob.user))
    db.session.commit()
    assert "You have no bookmarks" in listed(bob)
    chat.admit(bob.user)
    db.session.commit()
    assert "The door code" in listed(bob)


def test_there_is_room_for_some_and_a_word_about_more(monkeypatch, alice, bob, chat, message):
    monkeypatch.setattr(bookmark, "BOOKMARKS", 1)
    second = chat.post(alice.user, "One more")
    db.session.commit()
    keep(bob, message)
    answer = keep(bob, second)
    assert answer.status_code == 422 and "Remove one" in answer.text


def test_without_scripts_both_are_plain_forms(bob, message):
    assert f'action="/messages/{message.id}/bookmarks"' in bob.get(f"/messages/{message.id}/actions").text
    assert bob.submit(f"/messages/{message.id}/bookmarks").location == "/bookmarks"
    assert "Remove bookmark" in bob.get(f"/messages/{message.id}/actions").text
    assert bob.submit(f"/messages/{message.id}/bookmark", method="DELETE").location == "/bookmarks"


def test_the_page_goes_back_a_page_at_a_time(monkeypatch, alice, bob, chat):
    monkeypatch.setattr(bookmark, "PAGE_SIZE", 2)
    messages = [chat.post(alice.user, f"Number {number}") for number in range(3)]
    db.session.commit()
    for message in messages:
        keep(bob, message)
    page = listed(bob)
    assert "Number 2" in page and "Number 1" in page and "Number 0" not in page
    older = re.search(r'href="(/bookmarks\?before=\d+)"', page)[1]
    assert "Number 0" in bob.get(older).text.partition('data-controller="bookmark-list"')[2]


def test_who_reads_an_open_chat_has_no_bookmarks_there(charlie, chat, message):
    chat.kind = "open"
    db.session.commit()
    assert keep(charlie, message).status_code == drop(charlie, message).status_code == 403


def test_outsiders_and_whoever_was_removed_bookmark_nothing(charlie, removed, message):
    for visitor in (charlie, removed):
        assert keep(visitor, message).status_code == drop(visitor, message).status_code == 404
    assert db.session.query(Bookmark).count() == 0


def test_whoever_was_removed_just_now_bookmarks_nothing(bob, chat, message):
    found = ListedChat.of(bob.user, chat)
    chat.dismiss(chat.membership_of(bob.user))
    db.session.commit()
    with pytest.raises(LookupError):
        found.keep(message)
