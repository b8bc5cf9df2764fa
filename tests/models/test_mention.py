"""What mentions a person, and how far that person has looked."""

import pytest
from sqlalchemy import select

from chatapp.extensions import db
from chatapp.models import Chat, ListedChat, Mention, MentionMark, Message
from chatapp.models.chat_list import ChatList
from chatapp.models.message import PAGE_SIZE
from chatapp.turbo.testing import captured_broadcasts
from tests.queries import statements


def say(chat, author, content: str) -> Message:
    message = chat.post(author, content)
    db.session.commit()
    return message


def for_(visitor, before: int | None = None) -> list[int]:
    return [message.id for message in Mention.messages_for(visitor.user, before)[0]]


@pytest.fixture
def other(alice, bob) -> Chat:
    """An open chat of the same two people."""
    chat = Chat.start(alice.user, "Open", kind="open", assistant="never")
    db.session.flush()
    chat.admit(bob.user)
    db.session.commit()
    return chat


def test_what_mentions_a_person_in_any_chat_is_listed_newest_first(alice, bob, chat, other):
    first = say(chat, alice.user, "@Bob")
    say(chat, alice.user, "Hello")
    second, third = say(other, alice.user, "@all and @Bob"), say(chat, alice.user, "@all")
    assert for_(bob) == [third.id, second.id, first.id]


def test_one_s_own_messages_concern_nobody_but_the_others(alice, bob, chat):
    message = say(chat, alice.user, "@Alice @all")
    assert (for_(alice), for_(bob)) == ([], [message.id])


def test_what_was_deleted_or_edited_away_is_not_listed(alice, bob, chat):
    first, second = say(chat, alice.user, "@Bob"), say(chat, alice.user, "@all")
    first.delete()
    second.edit("nobody")
    db.session.commit()
    assert for_(bob) == []


def test_a_tombstone_of_the_previous_release_is_not_listed(alice, bob, chat):
    message = say(chat, alice.user, "@Bob @all")
    db.session.execute(db.update(Message).values(deleted_at=message.created_at))
    db.session.commit()
    assert for_(bob) == []


@pytest.mark.parametrize("kind", ["closed", "open"])
def test_whoever_leaves_a_chat_is_told_of_nothing_there(alice, bob, chat, other, kind):
    left = chat if kind == "closed" else other
    message = say(left, alice.user, "@Bob @all")
    assert for_(bob) == [message.id]
    left.dismiss(left.membership_of(bob.user))
    db.session.commit()
    assert for_(bob) == []
    left.admit(bob.user)
    db.session.commit()
    assert for_(bob) == [message.id]


def test_an_outsider_is_concerned_by_nothing(alice, charlie, chat, other):
    say(other, alice.user, "@all")
    assert for_(charlie) == []


def test_pages_follow_each_other(alice, bob, chat):
    messages = [say(chat, alice.user, text) for text in ("@Bob", "@all") * (PAGE_SIZE // 2 + 2)]
    ids = [message.id for message in reversed(messages)]
    first, older = Mention.messages_for(bob.user)
    assert ([m.id for m in first], older) == (ids[:PAGE_SIZE], True)
    rest, older = Mention.messages_for(bob.user, before=first[-1].id)
    assert ([m.id for m in rest], older) == (ids[PAGE_SIZE:], False)


def test_a_page_is_one_statement(alice, bob, chat, other):
    for where in (chat, other):
        say(where, alice.user, "@Bob")
    with statements() as seen:
        found, _ = Mention.messages_for(bob.user)
        assert [(m.author.name, m.chat.display_title) for m in found] == [("Alice", "Open"), ("Alice", "Plans")]
    assert len(seen) == 1


# The marks


def line(visitor):
    (line,) = [line for line in ChatList(visitor.user).lines if line.chat.title == "Plans"]
    return line


def is_new(visitor) -> bool:
    return ChatList(visitor.user).has_new_mention


def look(visitor, message_id: int) -> None:
    MentionMark.locked(visitor.user).see(message_id)
    db.session.commit()


@pytest.mark.parametrize("text", ["@Bob", "@all"])
def test_a_chat_is_marked_until_its_mention_is_read(alice, bob, chat, text):
    message = say(chat, alice.user, text)
    assert (line(bob).is_mentioned, is_new(bob)) == (True, True)
    assert (line(alice).is_mentioned, is_new(alice)) == (False, False)
    ListedChat.locked(bob.user, chat).read(message.id)
    db.session.commit()
    assert (line(bob).is_mentioned, is_new(bob)) == (False, False)


def test_a_look_at_all_mentions_leaves_the_chat_marked(alice, bob, chat):
    look(bob, say(chat, alice.user, "@Bob").id)
    assert (line(bob).is_mentioned, is_new(bob)) == (True, False)
    say(chat, alice.user, "@Bob")
    assert is_new(bob)


def test_a_deletion_takes_the_marks_away(alice, bob, chat):
    for text in ("@Bob", "@all"):
        message = say(chat, alice.user, text)
        message.delete()
        db.session.commit()
        assert (line(bob).is_mentioned, is_new(bob)) == (False, False)


def test_the_mark_moves_forward_only_and_not_beyond_what_there_is(alice, bob, chat):
    first, second = say(chat, alice.user, "@Bob"), say(chat, alice.user, "@Bob")
    for id, seen in ((first.id, first.id), (9_999_999_999, second.id), (first.id, second.id)):
        look(bob, id)
        assert MentionMark.seen_by(bob.user) == seen
    assert db.session.scalars(select(MentionMark.user_id)).all() == [bob.id]


def test_a_look_changes_the_list_of_the_one_who_looks(alice, bob, chat):
    message = say(chat, alice.user, "@Bob")
    for expected in ([f"user:{bob.id}"], []):
        with captured_broadcasts() as broadcasts:
            look(bob, message.id)
        assert [told.stream for told in broadcasts] == expected
    html = bob.user.list_fragments(bob.user.listed())
    assert f'data-looked-id="{message.id}"' in html and f'data-mentioned-id="{message.id}"' in html


def test_a_head_has_the_newest_message_to_all(alice, bob, chat):
    first = say(chat, alice.user, "@all")
    (head,) = Chat.read_heads([chat])
    assert head.for_all == f"{alice.id}:{first.id}"
    second = say(chat, bob.user, "@all")
    say(chat, alice.user, "Hello")
    (head,) = Chat.read_heads([chat])
    assert f'data-for-all="{bob.id}:{second.id}"' in chat.render_head(head)
