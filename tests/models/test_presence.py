"""Of whom a page is told that they are here."""

import json
from html import unescape

import pytest

from chatapp.extensions import db, turbo
from chatapp.models import Block, Chat, Membership, presence
from chatapp.turbo import Connection, Cursor
from tests.queries import statements


@pytest.fixture
def direct(alice, bob) -> Chat:
    chat = Chat.direct(alice.user, [bob.user])
    db.session.commit()
    return chat


def cursors(visitor, *streams: str) -> list[Cursor]:
    connection = Connection(dict.fromkeys(streams, 0), named=True)
    connection.owner = f"user:{visitor.id}"
    return list(connection.cursors.values())


def seen(visitor, stream: str) -> set[int]:
    """The ids of the people of whom a page of this visitor is told, by this stream."""
    (cursor,) = cursors(visitor, stream)
    return {int(name.removeprefix("user:")) for name in presence.watched([cursor])[cursor]}


def own(visitor) -> str:
    return visitor.user.stream_name


def test_a_chat_tells_of_its_members_and_a_list_of_those_of_direct_chats(alice, bob, charlie, chat, direct):
    assert seen(alice, chat.stream_name) == {bob.id}
    assert seen(charlie, chat.stream_name) == {alice.id, bob.id}  # that he may not read it is for access.withdrawn
    assert seen(alice, own(alice)) == {bob.id} and seen(charlie, own(charlie)) == set()


def test_a_direct_chat_tells_of_its_people_before_the_first_message(alice, bob, direct):
    assert direct.membership_of(bob.user) is None
    assert seen(alice, direct.stream_name) == {bob.id} and seen(bob, own(bob)) == set()


def test_whoever_was_removed_is_no_longer_among_them(alice, removed, chat):
    assert removed.id not in seen(alice, chat.stream_name)


def test_whoever_hides_is_in_no_place_and_sees_the_others_all_the_same(alice, bob, chat, direct):
    bob.user.presence = "hidden"
    db.session.commit()
    assert seen(alice, chat.stream_name) == seen(alice, own(alice)) == set()
    assert seen(bob, chat.stream_name) == {alice.id}


def test_a_closed_account_is_in_no_place(alice, bob, chat):
    bob.user.deactivate()
    db.session.commit()
    assert seen(alice, chat.stream_name) == set()


@pytest.mark.parametrize("who", ["alice", "bob"])
def test_a_block_hides_both_from_each_other_and_from_nobody_else(request, alice, bob, charlie, chat, direct, who):
    chat.admit(charlie.user)
    blocker, blocked = (alice, bob) if who == "alice" else (bob, alice)
    Block.begin(blocker.user, blocked.user)
    db.session.commit()
    assert (seen(alice, chat.stream_name), seen(alice, own(alice))) == ({charlie.id}, set())
    assert seen(bob, chat.stream_name) == {charlie.id}
    assert seen(charlie, chat.stream_name) == {alice.id, bob.id}
    Block.end(blocker.user, blocked.user)
    db.session.commit()
    assert seen(bob, chat.stream_name) == {alice.id, charlie.id}


def test_a_large_chat_tells_of_nobody(alice, bob, charlie, chat, monkeypatch):
    monkeypatch.setattr(presence, "MOST_MEMBERS", 2)
    assert seen(alice, chat.stream_name) == {bob.id}
    Membership.begin(chat, charlie.user)
    db.session.commit()
    assert seen(alice, chat.stream_name) == set()


def test_a_stream_of_another_kind_and_a_reader_without_a_name_are_told_of_nobody(alice, chat):
    stray = cursors(alice, "mail:1", "chat:x", "")
    nameless = Connection({chat.stream_name: 0}).cursors[chat.stream_name]
    found = presence.watched([*stray, nameless])
    assert not any(found.get(cursor) for cursor in [*stray, nameless])


def test_however_many_pages_are_open_it_takes_a_few_queries(alice, bob, charlie, chat, direct):
    readers = [cursor for v in (alice, bob, charlie) for cursor in cursors(v, own(v), chat.stream_name)]
    with statements() as queries:
        presence.watched(readers * 20)
    assert len(queries) == 5


def test_what_a_page_is_told_are_ids_by_streams(alice):
    html = presence.attendance({"chat:7": {"user:10", "user:9"}, "user:4": set()})
    said = html.partition('data-presence-streams-value="')[2].partition('"')[0]
    assert json.loads(unescape(said)) == {"chat:7": [9, 10], "user:4": []}
    assert 'target="presence"' in html and "lost" not in html
    assert "data-presence-lost-value" in presence.attendance(None)


@pytest.mark.parametrize("change", ["hide", "block"])
def test_hiding_and_blocking_have_all_processes_ask_anew(alice, bob, monkeypatch, change):
    told = []
    monkeypatch.setattr(turbo.publisher, "watch", lambda: told.append(change))
    if change == "hide":
        bob.user.presence = "hidden"
    else:
        Block.begin(bob.user, alice.user)
    assert told == []
    db.session.commit()
    assert told == [change]
    bob.user.presence = bob.user.presence
    db.session.commit()
    assert told == [change]
