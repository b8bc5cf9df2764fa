from datetime import UTC

from sqlalchemy import delete, select

from chatapp.extensions import db
from chatapp.models import Message


def test_an_edit_is_marked(alice, chat):
    message = chat.post(alice.user, "Hello")
    assert message.edited_at is None
    message.edit("Hello!")
    db.session.commit()
    assert (message.content, message.edited_at.tzinfo) == ("Hello!", UTC)


def test_an_edit_that_changes_nothing_is_none(alice, chat):
    message = chat.post(alice.user, "Hello")
    message.edit("Hello")
    assert message.edited_at is None


def test_a_deleted_message_keeps_its_place_and_loses_its_words(alice, chat):
    message = chat.post(alice.user, "Secret")
    db.session.commit()
    message.delete()
    db.session.commit()
    assert db.session.execute(select(Message.content, Message.reply_wanted)).one() == ("", False)
    assert message not in db.session.scalars(Message.shown()).all()


def test_an_id_is_never_given_twice_because_open_pages_know_messages_by_it(alice, chat):
    old = chat.post(alice.user, "Hello")
    db.session.commit()
    old_id = old.id
    db.session.execute(delete(Message))
    db.session.commit()
    db.session.expunge(old)
    new = chat.post(alice.user, "Hello")
    db.session.commit()
    assert new.id > old_id


def test_moments_are_in_utc_on_every_database(alice, chat):
    message = chat.post(alice.user, "Hello")
    db.session.commit()
    made = message.created_at
    db.session.expire_all()
    assert message.created_at == made and message.created_at.utcoffset().total_seconds() == 0


def test_the_states_of_a_reply(alice, chat):
    reply = chat.post(alice.user, "Hello")
    reply.restart()
    assert (reply.generating, reply.content) == (True, "")
    reply.stop()
    assert reply.state == "stopped"
    reply.restart()
    reply.fail("x" * 1000)
    assert (reply.state, len(reply.failure)) == ("failed", 300)
    reply.stop()
    assert reply.state == "failed"
    reply.restart()
    assert reply.failure is None
    reply.complete("Done.")
    reply.stop()
    assert (reply.state, reply.content) == ("complete", "Done.")
