"""Transactions that overlap: what one commits while another is under way is shown by both."""

import pytest
from sqlalchemy import delete, event
from sqlalchemy.orm import Session

from chatapp.extensions import db, queue
from chatapp.models import Chat, Membership, Message, ReplyVersion, User
from chatapp.models.reach import OutOfReach
from chatapp.turbo.testing import captured_broadcasts
from tests.queries import messages_of


@pytest.fixture
def meanwhile(app):
    """Another transaction, which begins and commits in the middle of this one."""
    with db.session.session_factory() as session:
        yield session


def test_a_member_who_comes_while_the_title_changes_brings_the_new_title(chat, charlie, meanwhile):
    assert chat.title == "Plans"
    meanwhile.get(Chat, chat.id).title = "Better plans"
    meanwhile.commit()
    with captured_broadcasts(chat.stream_name) as broadcasts:
        chat.admit(db.session.get(User, charlie.id))
        db.session.commit()
    assert "Better plans" in broadcasts[-1].html


def test_the_line_in_the_lists_has_a_title_that_came_while_somebody_wrote(chat, alice, meanwhile):
    assert (chat.title, chat.archived_at) == ("Plans", None)
    found = meanwhile.get(Chat, chat.id)
    found.title = "Better plans"
    found.archive()
    meanwhile.commit()
    db.session.add(Message(chat=chat, author=alice.user, content="Hello"))  # and does not read the chat again
    db.session.commit()
    (head,) = Chat.read_heads([chat])
    assert (head.title, head.archived) == ("Better plans", True)
    assert "Better plans" in chat.new_head


def test_who_is_removed_while_he_writes_is_neither_heard_nor_admitted_again(chat, bob, meanwhile):
    assert Chat.is_within_reach(chat.id, bob.user)
    meanwhile.execute(delete(Membership).where(Membership.user_id == bob.id))
    meanwhile.commit()
    with captured_broadcasts() as broadcasts, pytest.raises(OutOfReach):
        chat.post(bob.user, "Me again")
    db.session.commit()
    assert (broadcasts, chat.membership_of(bob.user), messages_of(chat)) == ([], None, [])


def test_who_reads_an_open_chat_that_closes_while_he_writes_is_not_let_in(chat, charlie, meanwhile):
    chat.kind = "open"
    db.session.commit()
    meanwhile.get(Chat, chat.id).kind = "closed"
    meanwhile.commit()
    with pytest.raises(OutOfReach):
        chat.post(charlie.user, "Hello")
    assert chat.membership_of(charlie.user) is None


def test_words_that_come_while_a_reply_is_stopped_do_not_set_it_going_again(chat, alice, meanwhile):
    question = chat.post(alice.user, "Why?")
    reply = Message(chat=chat, author=User.assistant(), question=question, state="generating")
    db.session.add(reply)
    db.session.commit()
    meanwhile.get(Message, reply.id).stop()
    meanwhile.commit()
    with captured_broadcasts() as broadcasts:
        reply.write("Because")
        db.session.commit()
    assert 'data-state="stopped"' in broadcasts[-1].html


def test_a_reply_that_fails_after_its_question_was_deleted_does_not_offer_to_try_again(chat, alice, meanwhile):
    question = chat.post(alice.user, "Why?")
    reply = Message(chat=chat, author=User.assistant(), question=question, state="generating")
    reply.lease()
    db.session.add(reply)
    db.session.commit()
    meanwhile.get(Message, question.id).delete()
    meanwhile.commit()
    with captured_broadcasts() as broadcasts:
        reply.fail("The model is tired.")
        db.session.commit()
    assert "The model is tired." in broadcasts[-1].html and "Try again" not in broadcasts[-1].html


def test_an_edit_that_comes_while_the_message_is_deleted_does_not_bring_it_back(chat, alice, meanwhile):
    message = chat.post(alice.user, "Hello")
    db.session.commit()
    meanwhile.get(Message, message.id).delete()
    meanwhile.commit()
    with captured_broadcasts() as broadcasts:
        message.edit("Hello again")
        db.session.commit()
    db.session.expire_all()
    assert (broadcasts, message.content, message.deleted_at is None) == ([], "", False)


def test_words_that_were_written_while_the_message_is_deleted_are_dropped_and_announced_once(chat, alice, meanwhile):
    message = chat.post(alice.user, "Hello")
    db.session.commit()
    meanwhile.get(Message, message.id).delete()
    meanwhile.commit()
    with captured_broadcasts() as broadcasts:
        message.content = "Hello again"
        db.session.commit()
        db.session.commit()
    assert len(broadcasts) == 1 and 'action="remove"' in broadcasts[0].html
    db.session.expire_all()
    assert message.content == ""


def test_a_message_that_is_deleted_twice_is_removed_once(chat, alice, meanwhile):
    message = chat.post(alice.user, "Hello")
    db.session.commit()
    with captured_broadcasts() as broadcasts:
        meanwhile.get(Message, message.id).delete()
        meanwhile.commit()
        message.delete()
        db.session.commit()
    assert len(broadcasts) == 1


def test_a_catch_up_whose_title_changes_while_it_is_read_does_not_claim_to_know_the_new_one(chat, meanwhile):
    cursor = chat.revision

    def retitle(statement) -> None:
        if statement.is_select and not event_is_done:
            event_is_done.append(True)
            meanwhile.get(Chat, chat.id).title = "Better plans"
            meanwhile.commit()

    event_is_done: list[bool] = []
    with Session(db.engine) as reader:
        read = reader.get(Chat, chat.id)
        event.listen(reader, "do_orm_execute", retitle)
        frame = read.catch_up(cursor, reader)
    assert frame.revision == cursor or "Better plans" in frame.html


@pytest.fixture
def answer(chat, alice) -> Message:
    """With an earlier version."""
    question = chat.post(alice.user, "Why?")
    answer = Message(chat=chat, author=User.assistant(), question=question, content="Because", version=2, versions=2)
    db.session.add(answer)
    db.session.flush()
    db.session.add(ReplyVersion(message_id=answer.id, number=1, content="Why not", state="complete"))
    db.session.commit()
    return answer


def test_two_who_ask_for_another_version_at_the_same_moment_get_one(chat, alice, bob, answer, meanwhile):
    assert answer.renewable
    other = meanwhile.get(Message, answer.id)
    other.state, other.content, other.version, other.versions = "generating", "", 3, 3
    meanwhile.commit()
    chat.renew(answer, bob.user)
    db.session.commit()
    assert (answer.versions, answer.state, len(queue.rq)) == (3, "generating", 0)


def test_a_version_that_is_chosen_while_another_one_is_asked_for_does_not_end_it(chat, alice, answer, meanwhile):
    assert answer.has_versions
    other = meanwhile.get(Message, answer.id)
    other.state, other.content, other.version, other.versions = "generating", "", 3, 3
    meanwhile.commit()
    answer.choose_version(1, alice.user)
    db.session.commit()
    assert (answer.version, answer.state, answer.content) == (3, "generating", "")
