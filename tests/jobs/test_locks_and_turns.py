"""A job holds no lock while it waits for a turn, because those who have the turns wait for locks."""

import threading
import time
from contextlib import ExitStack, contextmanager

import pytest

from chatapp.extensions import db
from chatapp.jobs.replies import conversation_for, language_model
from chatapp.models import Budget, Chat, Message
from chatapp.models.budget import TOKENS
from chatapp.models.reply import Reply, turns
from chatapp.tools.toolbox import Toolbox
from chatapp.turbo.transactions import notes
from tests.lookup import Lookup
from tests.provider import call

AT_ONCE = 3


@pytest.fixture
def reply(alice) -> Message:
    chat = Chat.start(alice.user, "Questions", assistant="always")
    question = chat.post(alice.user, "How much?")
    db.session.commit()
    return question.reply


@pytest.fixture
def crowd(app, reply):
    """``crowd()`` takes all turns, and gives them back once it has had the lock of the chat."""
    chat_id, begun, threads = reply.chat_id, threading.Event(), []

    def work() -> None:
        with ExitStack() as stack, app.app_context():
            for _ in range(AT_ONCE):
                stack.enter_context(turns.take())
            begun.set()
            db.session.get(Chat, chat_id).lock()
            db.session.rollback()

    def come() -> None:
        if not threads:
            threads.append(threading.Thread(target=work))
            threads[0].start()
            assert begun.wait(30)

    yield come
    for thread in threads:
        thread.join()


def written(steps) -> float:
    """Seconds that the rest of a reply takes."""
    began = time.monotonic()
    for _ in steps:
        db.session.commit()
    return time.monotonic() - began


def test_a_job_whose_reply_was_stopped_lets_go_of_the_chat_first(reply, provider, crowd, monkeypatch):
    steps = Reply(reply, conversation_for(reply.question), language_model()).steps()
    next(steps)
    db.session.commit()
    reply.stop()
    db.session.commit()
    is_mine = Reply._is_mine
    monkeypatch.setattr(Reply, "_is_mine", lambda job: (crowd(), is_mine(job))[1])
    assert written(steps) < 9  # a wait for the lock ends after ten seconds or more


def test_a_job_whose_budget_is_used_up_lets_go_of_the_chat_first(reply, provider, monkeypatch):
    monkeypatch.setattr("chatapp.tools.registry", [lambda reply: [Lookup({"budget": "x"})]])
    monkeypatch.setattr("chatapp.models.reply.turns", held := Held())
    provider.will(call("lookup", query="budget"), "No.")
    steps = Reply(reply, conversation_for(reply.question), language_model(), Toolbox).steps()
    next(steps)
    Budget.decide("", TOKENS, person_day=1, place_day=None, place_month=None)
    db.session.commit()
    written(steps)
    assert reply.state == "failed"
    assert held.while_waiting and not any(held.while_waiting)


class Held:
    """In place of the turns: notes whether those who wait for one have locked anything."""

    def __init__(self):
        self.while_waiting = list[bool]()

    @contextmanager
    def take(self, first: bool = False):
        self.while_waiting.append(bool(notes(db.session()).locked))
        yield
