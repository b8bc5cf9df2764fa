"""What the session's events announce. The models are the app's: there are no other live pages to test with."""

import gc

import pytest
from sqlalchemy import update

from chatapp.extensions import db
from chatapp.models import Chat, Message, User
from chatapp.turbo.testing import captured_broadcasts


def write(chat, author, content: str) -> Message:
    message = Message(chat=chat, author=author, content=content)
    db.session.add(message)
    return message


def stored_revision(chat) -> int:
    return db.session.scalar(db.select(Chat.revision).where(Chat.id == chat.id))


def test_a_new_row_is_appended(chat, alice):
    before = chat.revision
    with captured_broadcasts() as broadcasts:
        message = write(chat, alice.user, "Hello")
        db.session.commit()
    assert [(b.stream, b.revision) for b in broadcasts] == [(f"chat:{chat.id}", before + 1)]
    assert broadcasts[0].html.startswith(f'<turbo-stream action="append" target="messages_chat_{chat.id}">')
    assert (message.created_revision, message.revision, stored_revision(chat)) == (before + 1,) * 3


def test_a_changed_row_is_replaced(chat, message):
    created = message.created_revision
    with captured_broadcasts() as broadcasts:
        message.edit("Good evening")
        db.session.commit()
    assert broadcasts[0].html.startswith(f'<turbo-stream action="replace" target="message_{message.id}">')
    assert (message.created_revision, message.revision) == (created, created + 1)


def test_a_tombstone_is_removed(message):
    with captured_broadcasts() as broadcasts:
        message.delete()
        db.session.commit()
    assert broadcasts[0].html == f'<turbo-stream action="remove" target="message_{message.id}"></turbo-stream>'


def test_to_delete_a_row_makes_it_a_tombstone(message):
    with captured_broadcasts() as broadcasts:
        db.session.delete(message)
        db.session.commit()
    assert 'action="remove"' in broadcasts[0].html
    assert db.session.get(Message, message.id, populate_existing=True).deleted_at is not None


def test_a_record_that_can_not_become_a_tombstone_can_not_be_deleted(chat):
    db.session.delete(chat)
    with pytest.raises(TypeError, match="Chat records can't be deleted"):
        db.session.commit()
    db.session.rollback()
    assert stored_revision(chat) is not None


def test_the_page_itself_announces_its_header(chat):
    with captured_broadcasts() as broadcasts:
        chat.title = "Better plans"
        db.session.commit()
    assert broadcasts[0].html.startswith(f'<turbo-stream action="replace" target="header_chat_{chat.id}">')
    assert "Better plans" in broadcasts[0].html
    assert chat.header_revision == chat.revision == broadcasts[0].revision


def test_what_the_header_shows_of_others_announces_it_too(chat, charlie):
    with captured_broadcasts() as broadcasts:
        chat.admit(charlie.user)
        db.session.commit()
    assert "3 members" in broadcasts[0].html
    with captured_broadcasts() as broadcasts:
        chat.dismiss(chat.membership_of(charlie.user))
        db.session.commit()
    assert "2 members" in broadcasts[0].html


def test_a_column_that_the_page_does_not_show_announces_nothing(chat, message):
    before = stored_revision(chat)
    with captured_broadcasts() as broadcasts:
        message.lease()
        db.session.commit()
        message.content = message.content + ""
        db.session.commit()
    assert (broadcasts, stored_revision(chat)) == ([], before)


def test_a_touched_row_is_announced_although_nothing_of_it_changed(message):
    with captured_broadcasts() as broadcasts:
        message.touch()
        db.session.commit()
    assert [b.revision for b in broadcasts] == [message.revision]
    assert 'action="replace"' in broadcasts[0].html


def test_a_transaction_is_one_revision_however_many_rows_it_changes(chat, alice, message):
    before = chat.revision
    with captured_broadcasts() as broadcasts:
        second = write(chat, alice.user, "Second")
        db.session.flush()
        second.edit("Second, better")
        message.delete()
        chat.title = "Three changes"
        db.session.commit()
    assert [b.revision for b in broadcasts] == [before + 1]
    assert broadcasts[0].html.count("<turbo-stream ") == 3
    assert broadcasts[0].html.count('action="append"') == 1 and "Second, better" in broadcasts[0].html


def test_two_pages_in_one_transaction_get_a_revision_each(chat, alice):
    other = Chat.start(alice.user, "Other")
    db.session.commit()
    before = (chat.revision, other.revision)
    with captured_broadcasts() as broadcasts:
        write(other, alice.user, "There")
        write(chat, alice.user, "Here")
        db.session.commit()
    assert {(b.stream, b.revision) for b in broadcasts} == {
        (chat.stream_name, before[0] + 1),
        (other.stream_name, before[1] + 1),
    }
    assert ["Here" in b.html for b in broadcasts if b.stream == chat.stream_name] == [True]


def test_pages_are_locked_in_one_order_whatever_was_written_first(chat, alice):
    other = Chat.start(alice.user, "Other")
    db.session.commit()
    orders = []
    for pair in ((chat, other), (other, chat)):
        with captured_broadcasts() as broadcasts:
            for page in pair:
                write(page, alice.user, "Hello")
            db.session.commit()
        orders.append([b.stream for b in broadcasts])
    assert orders[0] == orders[1]


def test_nothing_is_announced_before_the_commit(chat, alice):
    with captured_broadcasts() as broadcasts:
        write(chat, alice.user, "Hello")
        db.session.flush()
        assert broadcasts == []
        db.session.commit()
        assert len(broadcasts) == 1


def test_a_rollback_announces_nothing_and_leaves_nothing_behind(chat, alice):
    before = stored_revision(chat)
    with captured_broadcasts() as broadcasts:
        write(chat, alice.user, "Never said")
        db.session.flush()
        db.session.rollback()
        db.session.commit()
        write(chat, alice.user, "Said")
        db.session.commit()
    assert [b.revision for b in broadcasts] == [before + 1]
    assert "Never" not in broadcasts[0].html


def test_a_savepoint_announces_nothing_by_itself(chat, alice):
    before = chat.revision
    with captured_broadcasts() as broadcasts:
        write(chat, alice.user, "Before")
        with db.session.begin_nested():
            write(chat, alice.user, "Within")
        assert (broadcasts, chat.revision) == ([], before)
        write(chat, alice.user, "After")
        db.session.commit()
    assert [b.revision for b in broadcasts] == [before + 1]
    assert broadcasts[0].html.count('action="append"') == 3


def test_what_a_savepoint_took_back_is_not_announced(chat, alice):
    with captured_broadcasts() as broadcasts:
        write(chat, alice.user, "Kept")
        savepoint = db.session.begin_nested()
        write(chat, alice.user, "Taken back")
        db.session.flush()
        savepoint.rollback()
        db.session.commit()
    assert len(broadcasts) == 1
    assert "Kept" in broadcasts[0].html and "Taken back" not in broadcasts[0].html


def test_a_savepoint_that_was_released_is_gone_with_the_transaction_around_it(chat, alice):
    with captured_broadcasts() as broadcasts:
        with db.session.begin_nested():
            write(chat, alice.user, "Hello")
        db.session.rollback()
        db.session.commit()
    assert broadcasts == []


def test_a_bulk_statement_announces_nothing_so_it_has_to_touch(chat, message):
    """SQLAlchemy's events do not see it: this pins down what STYLE asks for, a touch beside each bulk statement."""
    with captured_broadcasts() as broadcasts:
        db.session.execute(update(Message).values(content="Bulk"))
        db.session.commit()
        assert broadcasts == []
        db.session.refresh(message)
        message.touch()
        db.session.commit()
    assert "Bulk" in broadcasts[0].html


def test_a_changed_record_is_announced_although_nobody_else_holds_it(chat, message):
    id = message.id
    db.session.expunge_all()
    with captured_broadcasts() as broadcasts:
        db.session.get(Message, id).edit("Held by the session alone")
        db.session.flush()
        gc.collect()
        db.session.commit()
    assert "Held by the session alone" in broadcasts[0].html


def test_a_row_made_and_deleted_at_once_is_removed_and_harms_nobody(chat, alice):
    with captured_broadcasts() as broadcasts:
        message = write(chat, alice.user, "Oh no")
        db.session.flush()
        message.delete()
        db.session.commit()
    assert 'action="remove"' in broadcasts[0].html and "Oh no" not in broadcasts[0].html


def test_the_fragment_is_the_same_in_a_request_and_outside(app, chat, message, alice):
    outside = message.fragment(since=message.revision)
    with app.test_request_context("/", base_url="https://elsewhere.example"):
        assert message.fragment(since=message.revision) == outside
    assert "elsewhere" not in outside and "csrf" not in outside


def test_without_redis_the_commit_stands(chat, alice, dead_redis):
    before = chat.revision
    chat.post(alice.user, "Hello")
    db.session.commit()
    assert stored_revision(chat) == before + 1


def test_something_that_is_not_on_a_page_is_committed_in_silence(app):
    with captured_broadcasts() as broadcasts:
        db.session.add(User(name="Nobody"))
        db.session.commit()
    assert broadcasts == []
