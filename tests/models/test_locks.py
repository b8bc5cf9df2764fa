"""The rows that transactions lock, and their order. SQLite has one lock for all, so only PostgreSQL can fail these."""

import threading

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.exceptions import NotFound

from chatapp.extensions import db
from chatapp.models import Chat, LinkPreview, Message, User, sending
from chatapp.models.link_preview import Found
from chatapp.models.orphan import Orphan
from chatapp.turbo.testing import captured_broadcasts
from tests.queries import messages_of, somebody_waits, statements
from tests.servers import wait_until


@pytest.fixture(autouse=True)
def only_where_rows_are_locked(database):
    if database != "postgres":
        pytest.skip("SQLite locks no rows")


class Other(threading.Thread):
    """A transaction in a thread of its own: ``change`` gets its session, then it commits."""

    def __init__(self, change):
        super().__init__(daemon=True)
        self.change, self.error = change, None

    def run(self) -> None:
        from wsgi import app

        with app.app_context():
            try:
                self.change(db.session())
                db.session.commit()
            except Exception as error:
                self.error = error

    def begin(self) -> "Other":
        self.start()
        wait_until(lambda: not self.is_alive() or somebody_waits(), what="the other transaction to wait")
        return self


def test_who_edits_and_who_touches_do_not_stand_in_each_other_s_way(message):
    id = message.id
    message.content = "Good evening"
    db.session.flush()
    other = Other(lambda session: session.get(Message, id).touch()).begin()
    db.session.commit()
    other.join()
    assert other.error is None


def test_who_changes_two_pages_takes_both_in_one_order(chat, alice):
    other_chat = Chat.start(alice.user, "Other", assistant="never")
    db.session.commit()
    first, second, author = chat.id, other_chat.id, alice.id

    def write_into_both(session: Session) -> None:
        user, *chats = session.get(User, author), session.get(Chat, second), session.get(Chat, first)
        session.add_all(Message(chat=chat, author=user, content="There") for chat in chats)

    db.session.add(Message(chat=chat, author=alice.user, content="Here"))
    db.session.flush()
    other = Other(write_into_both).begin()  # it waits for this chat, and must not hold the other one meanwhile
    db.session.add(Message(chat=other_chat, author=alice.user, content="Here"))
    db.session.commit()
    other.join()
    assert other.error is None


def test_pages_are_locked_in_the_order_of_their_names(alice):
    chats = [Chat.start(alice.user, f"Chat {number}", assistant="never") for number in range(12)]
    db.session.commit()
    with statements() as seen:
        for chat in (*chats[::2], *chats[::-2]):
            db.session.add(Message(chat=chat, author=alice.user, content="Hello"))
        db.session.flush()
    locking = [parameters for statement, parameters in seen if "FOR NO KEY UPDATE" in statement]
    locked = [f"chat:{parameters['turbo_page_id']}" for parameters in locking]
    assert len(locked) == len(chats) and locked == sorted(locked)


def test_who_deletes_waits_for_who_edits_and_leaves_no_words(message):
    id = message.id
    message.edit("Good evening")
    db.session.flush()
    other = Other(lambda session: session.get(Message, id).delete()).begin()
    db.session.commit()
    other.join()
    assert other.error is None
    db.session.expire_all()
    assert (message.content, message.deleted_at is None) == ("", False)


def test_of_two_administrators_who_give_a_chat_away_the_second_one_comes_too_late(chat, alice, bob, admin):
    alice.user.deactivate()
    db.session.commit()
    chat_id, admin_id = chat.id, admin.id
    chat.lock()
    chat.membership_of(bob.user).manager = True
    db.session.flush()
    other = Other(lambda session: Orphan.find(chat_id, session.get(User, admin_id))).begin()
    db.session.commit()
    other.join(30)
    assert isinstance(other.error, NotFound)


def test_a_message_that_comes_while_its_preview_is_fetched_is_told_of_it(chat, alice):
    chat.link_previews = "always"
    db.session.add(LinkPreview(url="https://www.example.com/", state="waiting"))
    db.session.commit()
    message = chat.post(alice.user, "https://www.example.com/")

    def fetch(session: Session) -> None:
        for _ in session.scalar(select(LinkPreview)).steps(lambda url: Found("The plan", "", "example.com")):
            session.commit()

    with captured_broadcasts(chat.stream_name) as broadcasts:
        job = Other(fetch).begin()
        db.session.commit()
        job.join()
    assert (job.error, ["The plan" in broadcast.html for broadcast in broadcasts]) == (None, [False, True])
    db.session.expire_all()
    assert message.to_html() in broadcasts[1].html


def test_who_is_removed_while_he_waits_to_write_is_not_heard(chat, bob):
    chat_id, bob_id, written = chat.id, bob.id, []
    chat.dismiss(chat.membership_of(bob.user))
    db.session.flush()
    other = Other(
        lambda session: written.append(sending.send(chat_id, session.get(User, bob_id), "Me again", "from-bob-1"))
    ).begin()
    db.session.commit()
    other.join()
    assert (other.error, written, messages_of(chat)) == (None, [None], [])


def test_who_gets_another_name_while_he_waits_to_write_writes_under_it(chat, alice):
    chat_id, alice_id = chat.id, alice.id
    db.session.get(User, alice_id).rename("Alicia")
    db.session.flush()
    with captured_broadcasts(chat.stream_name) as broadcasts:

        def write(session: Session) -> None:
            author = session.get(User, alice_id)
            assert author.name == "Alice"
            assert sending.send(chat_id, author, "Hello", "from-alice-1")

        other = Other(write).begin()
        db.session.commit()
        other.join()
    assert other.error is None
    assert "Alicia" in broadcasts[-1].html and "Hello" in broadcasts[-1].html
    (message,) = messages_of(chat)
    assert message.to_html() in broadcasts[-1].html
