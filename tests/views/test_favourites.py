"""Favourites and mutes: what a chat is to one person alone."""

import re

import pytest

from chatapp.extensions import db
from chatapp.models import Chat
from chatapp.turbo.testing import captured_broadcasts


def lines(visitor) -> list[tuple[int, str]]:
    """The list of chats: their ids in its order, each with the attributes of its line."""
    return [(int(id), rest) for id, rest in re.findall(r'<li id="listed_chat_(\d+)"([^>]*)>', visitor.get("/").text)]


@pytest.fixture
def older(alice, bob) -> Chat:
    older = Chat.start(alice.user, "Older")
    db.session.flush()
    older.admit(bob.user)
    older.post(alice.user, "Long ago")
    db.session.commit()
    return older


@pytest.fixture
def newer(alice, bob, older) -> Chat:
    newer = Chat.start(alice.user, "Newer")
    db.session.flush()
    newer.admit(bob.user)
    newer.post(alice.user, "Just now")
    db.session.commit()
    return newer


def test_favourites_are_on_top_of_one_s_own_list(alice, bob, older, newer):
    assert [id for id, _ in lines(bob)] == [newer.id, older.id]
    answer = bob.submit(f"/chats/{older.id}/favourites")
    assert (answer.status_code, answer.location) == (303, f"/chats/{older.id}/edit")
    assert [(id, "data-favourite" in rest) for id, rest in lines(bob)] == [(older.id, True), (newer.id, False)]
    assert [id for id, _ in lines(alice)] == [newer.id, older.id]
    assert "Remove from favourites" in bob.get(f"/chats/{older.id}/edit").text
    bob.submit(f"/chats/{older.id}/favourite", method="DELETE")
    assert [id for id, _ in lines(bob)] == [newer.id, older.id]


def test_a_muted_chat_still_counts_what_is_unread(bob, newer):
    bob.submit(f"/chats/{newer.id}/mutes")
    page = bob.get("/").text
    assert "data-muted" in dict(lines(bob))[newer.id] and "data-unread" in dict(lines(bob))[newer.id]
    assert re.search(rf'id="unread_chat_{newer.id}" class="chats__unread">[1-9]', page)
    assert re.search(rf'id="own_chat_{newer.id}"[^>]*>Muted<', page)
    assert "Unmute</button>" in bob.get(f"/chats/{newer.id}/edit").text
    bob.submit(f"/chats/{newer.id}/mute", method="DELETE")
    assert "data-muted" not in dict(lines(bob))[newer.id]


def test_both_are_told_to_the_person_alone(alice, bob, older):
    with captured_broadcasts() as broadcasts:
        for resource in ("favourites", "mutes"):
            bob.submit(f"/chats/{older.id}/{resource}")
            bob.submit(f"/chats/{older.id}/{resource}")
    assert {broadcast.stream for broadcast in broadcasts} == {bob.user.stream_name}
    assert [" data-favourite" in one.html and " data-muted" in one.html for one in broadcasts] == [False, True]


@pytest.mark.parametrize("resource", ["favourite", "mute"])
def test_outsiders_and_whoever_was_removed_have_neither(charlie, removed, chat, resource):
    for visitor in (charlie, removed):
        assert visitor.submit(f"/chats/{chat.id}/{resource}s").status_code == 404
        assert visitor.submit(f"/chats/{chat.id}/{resource}", method="DELETE").status_code == 404


def test_who_reads_an_open_chat_has_it_in_no_list(charlie, chat):
    chat.kind = "open"
    db.session.commit()
    assert charlie.submit(f"/chats/{chat.id}/favourites").status_code == 404
