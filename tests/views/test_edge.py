"""The edge: when the database gives a transaction up because of another one, the request runs once more.

Each transaction holds a lock that the other one waits for: a real deadlock.
"""

import threading
from contextlib import contextmanager

import pytest
from sqlalchemy import text

from chatapp.extensions import db
from chatapp.jobs.replies import answer
from chatapp.models import Message
from tests.queries import messages_of, somebody_waits
from tests.servers import wait_until


@pytest.fixture(autouse=True)
def only_where_there_are_deadlocks(database):
    if database != "postgres":
        pytest.skip("SQLite's writers stand in line")


@contextmanager
def deadlock(chat, held: str, id: int, meanwhile: str = "SELECT 1"):
    """A request made inside, in a thread, meets a deadlock. The statement ``meanwhile`` is committed first."""
    chat_id = chat.id
    db.session.rollback()  # the test itself must hold no lock
    with db.engine.connect() as connection:
        connection.execute(text("SET LOCAL deadlock_timeout = '60s'"))  # so it is the request that is given up
        connection.execute(text(f"SELECT id FROM {held} WHERE id = {id} FOR UPDATE"))
        yield
        wait_until(somebody_waits, what="the request to wait")
        connection.execute(text(f"SELECT id FROM chats WHERE id = {chat_id} FOR UPDATE"))
        connection.execute(text(meanwhile))
        connection.commit()


class Request(threading.Thread):
    """A request in a thread; ``answer`` waits for it."""

    def __init__(self, visitor, *what):
        super().__init__(daemon=True)
        visitor.token  # noqa: B018  asked for before anything is locked
        self.visitor, self.what = visitor, what

    def run(self) -> None:
        self.answered = self.visitor.turbo(*self.what)

    @property
    def answer(self):
        self.join(30)
        return self.answered


def test_a_change_that_meets_a_deadlock_is_made_all_the_same(chat, alice, message):
    request = Request(alice, "PATCH", f"/messages/{message.id}", {"content": "Good evening"})
    with deadlock(chat, "messages", message.id):
        request.start()
    assert request.answer.status_code == 200
    assert "Good evening" in request.answer.text


def test_who_was_removed_before_the_second_try_is_told_that_there_is_nothing(chat, bob):
    message = chat.post(bob.user, "Hello")
    db.session.commit()
    request = Request(bob, "PATCH", f"/messages/{message.id}", {"content": "Good evening"})
    removal = f"DELETE FROM memberships WHERE user_id = {bob.id}"
    with deadlock(chat, "messages", message.id, removal):
        request.start()
    assert request.answer.status_code == 404


def test_the_second_try_does_not_count_as_another_request(app, chat, alice, monkeypatch):
    monkeypatch.setitem(app.config, "MESSAGE_RATE", "1 per minute")
    request = Request(alice, "POST", f"/chats/{chat.id}/messages", {"content": "Hello"})
    with deadlock(chat, "users", alice.id):
        request.start()
    assert request.answer.status_code == 201
    assert alice.send(chat, "Hello again").status_code == 429


def test_a_command_in_a_shell_that_meets_a_deadlock_does_what_it_was_told(app, chat, alice):
    results = []
    words = ("chats", "post", str(chat.id), alice.user.email, "Deploy done")
    shell = threading.Thread(target=lambda: results.append(app.test_cli_runner().invoke(args=words)), daemon=True)
    with deadlock(chat, "users", alice.id):
        shell.start()
    shell.join(30)
    assert [result.exit_code for result in results] == [0]
    assert [message.content for message in messages_of(chat)] == ["Deploy done"]


def test_a_job_that_meets_a_deadlock_answers_all_the_same(chat, alice, provider):
    chat.assistant = "always"
    question = chat.post(alice.user, "How are you?")
    db.session.commit()
    question_id, reply_id = question.id, question.reply.id
    worker = threading.Thread(target=answer, args=[question_id], daemon=True)
    with deadlock(chat, "messages", reply_id):
        worker.start()
    worker.join(30)
    assert db.session.get(Message, reply_id, populate_existing=True).state == "complete"
