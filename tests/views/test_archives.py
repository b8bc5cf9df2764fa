"""Archiving takes a finished chat out of the way, and loses nothing of it."""

import re

import pytest
from sqlalchemy import select, update

from chatapp.extensions import db, queue
from chatapp.forms import MessageForm
from chatapp.models import Chat, Message, User
from chatapp.models.mixins.timestamps import now
from chatapp.models.reach import Archived
from chatapp.turbo.testing import captured_broadcasts


def archive(visitor, chat):
    return visitor.submit(f"/chats/{chat.id}/archives")


def bring_back(visitor, chat):
    return visitor.submit(f"/chats/{chat.id}/archive", method="DELETE")


def is_listed(visitor, chat) -> bool:
    """Whether the list beside the page shows it. Archived chats are in there hidden."""
    item = re.search(rf'<li id="listed_chat_{chat.id}"([^>]*)>', visitor.get("/").text)
    return " hidden" not in item[1]


@pytest.fixture
def archived(alice, chat) -> Chat:
    chat.post(alice.user, "The last word")
    chat.archive()
    db.session.commit()
    return chat


def test_who_manages_a_chat_archives_it_for_all_its_members(alice, bob, chat):
    answer = archive(alice, chat)
    assert (answer.status_code, answer.location) == (303, "/")
    for visitor in (alice, bob):
        home = visitor.get("/").text
        assert "Archived chats" in home and f'href="/chats/{chat.id}"' in home
        assert not is_listed(visitor, chat)


def test_an_archived_chat_can_be_read_and_takes_no_messages(alice, bob, archived):
    assert "The last word" in bob.get(f"/chats/{archived.id}").text
    for answer in (
        bob.send(archived, "One more"),
        bob.submit(f"/chats/{archived.id}/messages", {"content": "One more"}),
    ):
        assert answer.status_code == 409 and "Bring it back" in answer.text
    assert "One more" not in bob.get(f"/chats/{archived.id}").text


def test_in_an_archived_chat_messages_can_be_deleted_but_not_edited(alice, bob, archived):
    message = db.session.scalar(select(Message).filter_by(chat_id=archived.id))
    path = f"/messages/{message.id}"
    for answer in (alice.turbo("PATCH", path, {"content": "@Bob changed"}), alice.get(f"{path}/edit")):
        assert answer.status_code == 409 and "Bring it back" in answer.text
    assert message.content == "The last word" and not message.has_mentions
    assert f'href="{path}/edit"' not in alice.get(f"{path}/actions").text
    assert alice.turbo("DELETE", path).status_code == 200


def test_a_chat_that_is_brought_back_takes_edits_again(alice, archived):
    path = f"/messages/{db.session.scalar(select(Message.id).filter_by(chat_id=archived.id))}"
    bring_back(alice, archived)
    assert f'href="{path}/edit"' in alice.get(f"{path}/actions").text
    assert alice.turbo("PATCH", path, {"content": "Changed"}).status_code == 200


def test_an_edit_that_was_under_way_while_the_chat_was_archived_does_not_land(alice, chat, monkeypatch):
    message = chat.post(alice.user, "The last word")
    db.session.commit()
    validate = MessageForm.validate

    def validate_while_it_is_archived(form) -> bool:
        with db.engine.begin() as connection:
            connection.execute(update(Chat).values(archived_at=now()))
        return validate(form)

    monkeypatch.setattr(MessageForm, "validate", validate_while_it_is_archived)
    assert alice.turbo("PATCH", f"/messages/{message.id}", {"content": "Changed"}).status_code == 409
    assert message.content == "The last word"


@pytest.mark.parametrize(("state", "verb"), [("failed", "retries"), ("stopped", "retries"), ("cut", "continuations")])
def test_in_an_archived_chat_the_assistant_does_not_go_on(bob, archived, state, verb):
    question = db.session.scalar(select(Message).filter_by(chat_id=archived.id))
    reply = Message(chat=archived, author=User.assistant(), question=question, state=state, content="I am")
    db.session.add(reply)
    db.session.commit()
    answer = bob.turbo("POST", f"/messages/{reply.id}/{verb}")
    assert answer.status_code == 409 and "Bring it back" in answer.text
    assert reply.state == state and len(queue.replies) == 0


def test_every_member_brings_it_back(bob, archived):
    answer = bring_back(bob, archived)
    assert (answer.status_code, answer.location) == (303, f"/chats/{archived.id}")
    assert bob.send(archived, "One more").status_code == 201
    assert is_listed(bob, archived)


def test_both_are_live_in_the_header(alice, bob, chat):
    with captured_broadcasts(chat.stream_name) as broadcasts:
        archive(alice, chat)
        bring_back(bob, chat)
    assert [" data-archived" in broadcast.html for broadcast in broadcasts] == [True, False]


def test_doing_either_twice_is_harmless(alice, chat):
    assert [archive(alice, chat).status_code for _ in range(2)] == [303, 303]
    assert [bring_back(alice, chat).status_code for _ in range(2)] == [303, 303]


def test_a_member_who_does_not_manage_it_archives_nothing(bob, chat):
    assert archive(bob, chat).status_code == 403
    assert chat.archived_at is None


def test_who_is_left_alone_in_a_chat_without_a_manager_archives_it(alice, bob, chat):
    alice.user.deactivate()
    db.session.commit()
    assert ">Archive<" in bob.get(f"/chats/{chat.id}/departures/new").text
    assert archive(bob, chat).status_code == 303
    assert chat.archived_at is not None


def test_a_visitor_of_a_chat_that_everybody_has_left_archives_nothing(alice, charlie):
    chat = Chat.start(alice.user, "For all", kind="open")
    alice.user.deactivate()
    db.session.commit()
    assert archive(charlie, chat).status_code == 403


def test_an_archived_open_chat_is_offered_to_nobody(alice, charlie):
    chat = Chat.start(alice.user, "For all", kind="open")
    db.session.commit()
    assert "For all" in charlie.get("/").text
    archive(alice, chat)
    assert "For all" not in charlie.get("/").text
    assert bring_back(charlie, chat).status_code == 403


def test_outsiders_archive_nothing_and_bring_nothing_back(charlie, removed, anonymous, chat, archived):
    for act in (archive, bring_back):
        assert act(charlie, chat).status_code == act(removed, chat).status_code == 404
        assert act(anonymous, chat).location == "/login"
    assert archived.archived_at is not None


def test_a_message_that_was_under_way_while_the_chat_was_archived_does_not_land(app, alice, bob, chat):
    assert chat.archived_at is None  # as the view has read the chat
    with db.engine.begin() as connection:
        connection.execute(update(Chat).values(archived_at=now()))
    with pytest.raises(Archived):
        chat.post(bob.user, "Too late")


def test_what_landed_before_is_still_confirmed_to_who_asks_again(alice, bob, chat):
    first = bob.send(chat, "Just in time", client_id="just-in-time")
    archive(alice, chat)
    again = bob.send(chat, "Just in time", client_id="just-in-time")
    assert (first.status_code, again.status_code) == (201, 201)
