"""Each noun says what is within whose reach. Views and open streams ask by the same rule."""

import pytest
from sqlalchemy import select

from chatapp.extensions import db
from chatapp.models import Chat, Message, Session, access
from chatapp.models.reach import OutOfReach
from chatapp.turbo import Connection


@pytest.fixture
def open_chat(alice) -> Chat:
    chat = Chat.start(alice.user, "For all", kind="open")
    db.session.commit()
    return chat


def found(query) -> list:
    return list(db.session.scalars(query))


def test_members_reach_their_chats_and_outsiders_do_not(alice, bob, charlie, removed, chat):
    for visitor, reaches in ((alice, True), (bob, True), (charlie, False), (removed, False)):
        assert Chat.is_within_reach(chat.id, visitor.user) is reaches
        assert (chat in found(Chat.of(visitor.user))) is reaches


def test_an_open_chat_is_within_reach_of_everybody_and_offered_to_people_who_have_not_joined(alice, charlie, open_chat):
    assert Chat.is_within_reach(open_chat.id, charlie.user)
    assert found(Chat.offered_to(charlie.user)) == [open_chat]
    assert found(Chat.of(charlie.user)) == []
    assert found(Chat.offered_to(alice.user)) == []


def test_an_archived_chat_stays_within_reach_and_leaves_the_lists(alice, charlie, open_chat):
    open_chat.archive()
    db.session.commit()
    assert Chat.is_within_reach(open_chat.id, charlie.user)
    assert found(Chat.of(alice.user)) == found(Chat.offered_to(charlie.user)) == []
    assert found(Chat.archived_of(alice.user)) == [open_chat]
    assert found(Chat.archived_of(charlie.user)) == []


def test_an_admin_reaches_no_closed_chat_of_others(admin, chat):
    assert not Chat.is_within_reach(chat.id, admin.user)


@pytest.mark.parametrize("to_change", [False, True])
def test_only_what_is_within_reach_is_found(alice, charlie, removed, chat, message, to_change):
    assert Chat.find(chat.id, alice.user, to_change) is chat
    assert Message.find(message.id, alice.user, to_change) is message
    for cls, id in ((Chat, chat.id), (Message, message.id)):
        for visitor in (charlie, removed):
            with pytest.raises(OutOfReach):
                cls.find(id, visitor.user, to_change)
        with pytest.raises(OutOfReach):
            cls.find(id + 1, alice.user, to_change)


def test_a_deleted_message_is_out_of_reach(alice, message):
    message.delete()
    db.session.commit()
    with pytest.raises(OutOfReach):
        Message.find(message.id, alice.user)


def test_sessions_are_within_reach_of_their_owner_alone(alice, bob):
    alice.log_in()
    session = found(select(Session))[0]
    assert Session.find(session.id, alice.user) is session
    with pytest.raises(OutOfReach):
        Session.find(session.id, bob.user)


def test_a_stream_lasts_as_long_as_its_chat_is_within_reach(alice, bob, charlie, removed, admin, chat, open_chat):
    for visitor in (alice, bob, charlie, removed, admin):
        visitor.log_in()
        session_id = db.session.scalar(select(Session.id).filter_by(user_id=visitor.id).order_by(Session.id.desc()))
        for one in (chat, open_chat):
            cursors = list(Connection({one.stream_name: 0}, [f"session:{session_id}"]).cursors.values())
            ends = access.withdrawn(cursors) == cursors
            assert ends is not Chat.is_within_reach(one.id, visitor.user), (visitor.user.name, one.title)
