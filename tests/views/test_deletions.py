"""Deleting a chat for good: who may, what goes, and what is left."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from chatapp.extensions import db, queue, storage
from chatapp.jobs.sweeps import enqueue_unfinished_deletions
from chatapp.models import Attachment, Bookmark, Chat, ListedChat, Membership, Mention, Message, Reaction, deletion
from chatapp.models.deletion import FINISHED_AFTER, Deletion
from chatapp.models.mixins.timestamps import now
from chatapp.models.reach import OutOfReach
from chatapp.turbo.testing import captured_broadcasts

from .test_uploads import upload


def remove(visitor, chat, title: str = "Plans"):
    return visitor.submit(f"/chats/{chat.id}/deletions", {"title": title})


def count(kind: type) -> int:
    return db.session.scalar(select(func.count()).select_from(kind))


@pytest.fixture
def full(alice, bob, chat) -> Chat:
    """With everything that a chat can have."""
    question = chat.post(alice.user, "What about @Bob?")
    reply = Message(chat=chat, author=alice.user, content="It", question=question, state="failed")
    db.session.add(reply)
    chat.post(bob.user, "Indeed", quoted=question)
    deleted = chat.post(bob.user, "Not this", quoted=question)
    db.session.commit()
    question.react(alice.user, "🎉")
    question.pin(bob.user)
    deleted.delete()
    ListedChat.locked(bob.user, chat).keep(question)
    db.session.commit()
    return chat


def test_the_page_says_what_goes_and_asks_for_the_title(alice, full):
    page = alice.get(f"/chats/{full.id}/deletions/new").text
    assert "3 messages go with it, for all its 2 members" in page and "Plans" in page
    answer = remove(alice, full, "Plan")
    assert answer.status_code == 422 and "Type “Plans”" in answer.text and 'value="Plan"' in answer.text
    assert full.deleted_at is None


def test_a_deleted_chat_is_gone_at_once_for_everybody(alice, bob, full):
    assert remove(alice, full, " plans ").location == "/"
    for visitor in (alice, bob):
        for path in ("", "/pins", "/members", "/edit"):
            assert visitor.get(f"/chats/{full.id}{path}").status_code == 404
        assert visitor.send(full, "Hello?").status_code == 404
        home = visitor.get("/").text
        assert "Archived chats" not in home
        assert re.search(rf'<li id="listed_chat_{full.id}"[^>]* hidden>', home)
    for path in ("/bookmarks", "/mentions"):
        assert "What about" not in bob.get(path).text.partition("<main")[2]


def test_its_rows_go_in_the_background(monkeypatch, alice, full, provider, work):
    monkeypatch.setattr(deletion, "MEMBERS", 1)
    monkeypatch.setattr(deletion, "MESSAGES", 2)
    other = Chat.start(alice.user, "Another")
    other.post(alice.user, "Still here")
    db.session.commit()
    id = full.id
    remove(alice, full)
    work()
    assert [chat.title for chat in db.session.scalars(select(Chat))] == ["Another"]
    assert count(Membership) == 1 and count(ListedChat) == 1 and count(Message) >= 1
    assert count(Bookmark) == count(Mention) == count(Reaction) == 0
    home = alice.get("/").text
    assert f"listed_chat_{id}" not in home and f"listed_chat_{other.id}" in home


def test_its_files_go_too(alice, chat, provider, work):
    id = upload(alice, b"words")
    alice.send(chat, "Here it is", upload_ids=str(id))
    key = db.session.get(Attachment, id).key
    remove(alice, chat)
    work()
    assert count(Message) == 0
    assert db.session.get(Attachment, id).state == "removed"
    with pytest.raises(FileNotFoundError):
        storage.open(key)


def test_the_lists_of_its_members_are_told_when_its_line_goes(alice, bob, full, provider, work):
    remove(alice, full)
    with captured_broadcasts(bob.user.stream_name) as broadcasts:
        work()
    assert [one.html for one in broadcasts] == [None]  # the whole list comes anew


def test_a_deletion_whose_job_was_lost_is_finished_after_a_while(alice, full, provider, work):
    remove(alice, full)
    queue.redis.flushall()
    enqueue_unfinished_deletions()
    assert len(queue.rq) == 0  # its job may still be on its way
    full.deleted_at = now() - FINISHED_AFTER - timedelta(seconds=1)
    db.session.commit()
    enqueue_unfinished_deletions()
    enqueue_unfinished_deletions()
    work()
    assert count(Chat) == 0


def test_a_reply_that_is_being_written_stops(alice, chat):
    question = chat.post(alice.user, "What is it?")
    reply = Message(chat=chat, author=alice.user, question=question, state="generating")
    db.session.add(reply)
    db.session.commit()
    remove(alice, chat)
    assert reply.state == "stopped"


def test_what_was_under_way_while_the_chat_was_deleted_does_not_land(alice, bob, chat):
    Deletion(chat).begin()
    db.session.commit()
    with pytest.raises(OutOfReach):
        chat.post(bob.user, "Too late")


def test_no_administrator_is_offered_a_deleted_chat_without_a_manager(alice, admin, chat):
    Deletion(chat).begin()
    alice.user.deactivate()
    db.session.commit()
    assert "Chats without a manager" not in admin.get("/").text


def test_an_untitled_chat_is_deleted_by_the_name_that_it_is_shown_under(alice):
    chat = Chat.start(alice.user)
    db.session.commit()
    assert remove(alice, chat, "").status_code == 422
    assert remove(alice, chat, chat.display_title).status_code == 303


def test_an_archived_chat_can_be_deleted(alice, chat):
    chat.archive()
    db.session.commit()
    assert "archive it instead" not in alice.get(f"/chats/{chat.id}/deletions/new").text
    assert remove(alice, chat).status_code == 303


def test_administrators_and_managers_delete_and_nobody_else_does(bob, charlie, removed, admin, chat):
    assert remove(bob, chat).status_code == bob.get(f"/chats/{chat.id}/deletions/new").status_code == 403
    assert "Delete for good" not in bob.get(f"/chats/{chat.id}/edit").text
    for visitor in (charlie, removed, admin):
        assert remove(visitor, chat).status_code == visitor.get(f"/chats/{chat.id}/deletions/new").status_code == 404
    chat.admit(admin.user)
    db.session.commit()
    assert remove(admin, chat).status_code == 303
