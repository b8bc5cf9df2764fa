"""How far each person has read, and what the list of that person is told."""

import pytest
from sqlalchemy import delete, select

from chatapp.extensions import db
from chatapp.models import Chat, ListedChat, Membership
from chatapp.models.chat_list import ChatList
from chatapp.models.departure import Departure
from chatapp.models.orphan import Orphan
from chatapp.models.reach import OutOfReach
from chatapp.turbo.testing import captured_broadcasts
from tests.queries import statements


def say(chat, author, content: str = "Hello"):
    message = chat.post(author, content)
    db.session.commit()
    return message


def unread(visitor, chat) -> str:
    (line,) = [line for line in ChatList(visitor.user).lines if line.chat.id == chat.id]
    return str(line.unread)


def read(visitor, chat, message_id: int, **how) -> ListedChat:
    listed = ListedChat.locked(visitor.user, chat)
    listed.read(message_id, **how)
    db.session.commit()
    return listed


def titles(visitor) -> list[str]:
    return [line.head.title for line in ChatList(visitor.user).lines]


def test_what_others_say_is_unread_until_it_is_read(alice, bob, chat):
    first, second = say(chat, alice.user), say(chat, alice.user)
    assert (unread(bob, chat), unread(alice, chat)) == ("2", "")
    read(bob, chat, first.id)
    assert unread(bob, chat) == "1"
    read(bob, chat, second.id)
    assert unread(bob, chat) == ""


def test_a_deleted_message_is_no_longer_unread(alice, bob, chat):
    say(chat, alice.user).delete()
    db.session.commit()
    assert unread(bob, chat) == ""


def test_to_answer_is_not_to_have_read(alice, bob, chat):
    say(chat, alice.user)
    say(chat, bob.user)
    assert unread(bob, chat) == "1"


def test_messages_can_be_marked_as_unread_again(alice, bob, chat):
    first, second = say(chat, alice.user), say(chat, alice.user)
    read(bob, chat, second.id)
    read(bob, chat, first.id)
    assert unread(bob, chat) == "1"
    read(bob, chat, 0)
    assert unread(bob, chat) == "2"


def test_a_page_that_lags_behind_takes_nothing_back(alice, bob, chat):
    first, second = say(chat, alice.user), say(chat, alice.user)
    read(bob, chat, second.id, only_forward=True)
    assert read(bob, chat, first.id, only_forward=True).read_id == second.id


def test_nobody_can_have_read_what_is_not_written_yet(alice, bob, chat):
    message = say(chat, alice.user)
    assert read(bob, chat, 9_999_999_999).read_id == message.id
    say(chat, alice.user)
    assert unread(bob, chat) == "1"
    empty = Chat.start(bob.user, "Empty")
    db.session.commit()
    assert read(bob, empty, 7).read_id == 0


def test_whoever_comes_in_has_read_nothing(alice, charlie, chat):
    say(chat, alice.user)
    chat.admit(charlie.user)
    db.session.commit()
    assert unread(charlie, chat) == "1"


def test_whoever_comes_back_goes_on_where_he_stopped(alice, bob, chat):
    read(bob, chat, say(chat, alice.user).id)
    leave(chat, bob)
    say(chat, alice.user)
    chat.admit(bob.user)
    db.session.commit()
    assert unread(bob, chat) == "1"


def leave(chat, visitor) -> None:
    chat.dismiss(chat.membership_of(visitor.user))
    db.session.commit()


def test_whoever_was_removed_just_now_can_mark_nothing(alice, bob, chat):
    say(chat, alice.user)
    listed = ListedChat.locked(bob.user, chat)
    db.session.commit()
    leave(chat, bob)
    with pytest.raises(OutOfReach):
        listed.read(1)


def test_a_membership_that_the_previous_release_made_is_listed_as_unread(alice, bob, chat):
    db.session.execute(delete(ListedChat))
    message = say(chat, alice.user)
    assert unread(bob, chat) == "1"
    read(bob, chat, message.id)
    assert unread(bob, chat) == ""


# What the list is told


def test_a_mark_goes_to_the_reader_s_list_and_to_nobody_else(alice, bob, chat):
    message = say(chat, alice.user)
    with captured_broadcasts() as broadcasts:
        listed = read(bob, chat, message.id)
    (told,) = broadcasts
    assert told.stream == f"user:{bob.id}" and told.revision == listed.revision == bob.user.revision
    assert f'target="read_chat_{chat.id}"' in told.html and f'data-read-id="{message.id}"' in told.html


def test_a_mark_that_stays_where_it_is_tells_nobody(alice, bob, chat):
    message = say(chat, alice.user)
    read(bob, chat, message.id)
    with captured_broadcasts() as broadcasts:
        read(bob, chat, message.id)
    assert broadcasts == []


def test_a_message_writes_nothing_for_its_readers(alice, bob, chat):
    with captured_broadcasts() as broadcasts, statements() as seen:
        say(chat, alice.user)
    assert [told.stream for told in broadcasts] == [chat.stream_name]
    assert not any("listed_chats" in statement or "UPDATE users" in statement for statement, _ in seen)


def become_listed(alice, charlie, chat):
    """Each way into a list, as a function and the visitor whose list it is."""
    yield lambda: Chat.start(alice.user, "New"), alice
    yield lambda: chat.admit(charlie.user), charlie


def go_from_lists(alice, bob, chat):
    yield lambda: Departure(chat, bob.user).leave(), bob
    yield lambda: db.session.delete(chat.membership_of(alice.user)), alice


def test_a_chat_that_comes_or_goes_changes_the_whole_list(alice, bob, charlie, chat):
    for change, visitor in [*become_listed(alice, charlie, chat), *go_from_lists(alice, bob, chat)]:
        before = visitor.user.revision
        with captured_broadcasts(f"user:{visitor.id}") as broadcasts:
            change()
            db.session.commit()
        assert [(told.revision, "read_chat" in (told.html or "")) for told in broadcasts] == [(before + 1, False)]
        listed = db.session.scalars(
            select(ListedChat).filter_by(user_id=visitor.id).order_by(ListedChat.revision.desc())
        ).first()
        assert listed.fragment(since=before) is None and listed.fragment(since=before + 1) is not None


def test_the_list_follows_memberships(alice, bob, chat):
    assert titles(bob) == ["Plans"]
    leave(chat, bob)
    assert titles(bob) == []
    chat.admit(bob.user)
    db.session.commit()
    assert titles(bob) == ["Plans"]


def test_a_chat_that_an_administrator_gives_away_comes_into_the_list(alice, bob, admin, charlie):
    chat = Chat.start(charlie.user, "Left behind")
    db.session.flush()
    chat.post(bob.user, "Hello") if chat.kind == "open" else None
    db.session.delete(chat.membership_of(charlie.user))
    db.session.commit()
    Orphan(chat, admin.user).give_to(bob.user)
    db.session.commit()
    assert titles(bob) == ["Left behind"]


def test_without_a_membership_a_mark_gives_nothing(alice, bob, chat):
    db.session.execute(delete(Membership).filter_by(user_id=bob.id))
    db.session.commit()
    assert titles(bob) == []
