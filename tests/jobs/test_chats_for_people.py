"""A chat that is for people only is read by no assistant, whoever asked before that was decided."""

import pytest

from chatapp.extensions import db
from chatapp.models import Chat, Message
from chatapp.models.mixins.generated import NO_ASSISTANT
from tests.lookup import Lookup
from tests.provider import call
from tests.queries import messages_of
from tests.visitors import start_over


@pytest.fixture
def chat(alice) -> Chat:
    chat = Chat.start(alice.user, "Questions", assistant="always")
    db.session.commit()
    return chat


@pytest.fixture
def question(chat, alice) -> Message:
    question = chat.post(alice.user, "Hello")
    db.session.commit()
    return question


def decide_against(chat) -> None:
    chat.settle("never")
    db.session.commit()


def last(chat) -> Message:
    start_over()
    return messages_of(chat)[-1]


def test_a_reply_that_was_queued_before_says_so_and_asks_nobody(chat, question, provider, work):
    decide_against(chat)
    work()
    assert (last(chat).state, last(chat).failure) == ("failed", NO_ASSISTANT)
    assert provider.requests == []


@pytest.mark.parametrize("verb", ["continuations", "retries"])
def test_a_reply_that_ended_early_is_not_gone_on_with(chat, question, alice, provider, work, verb):
    question.reply.write("Half")
    question.reply.stop()
    db.session.commit()
    decide_against(chat)
    assert alice.turbo("POST", f"/messages/{question.reply.id}/{verb}").status_code == 201
    work()
    reply = last(chat)
    assert (reply.state, reply.content, reply.failure) == ("failed", "Half", NO_ASSISTANT)
    assert provider.requests == []


def test_whoever_wants_another_version_is_told_why_there_is_none(chat, question, alice, provider, work):
    work()
    decide_against(chat)
    answer = alice.turbo("POST", f"/messages/{question.reply.id}/versions")
    assert answer.status_code == 422 and NO_ASSISTANT in answer.text
    work()
    assert last(chat).state == "complete" and len(provider.requests) == 1


def test_a_reply_with_tools_ends_before_its_next_round(app, chat, question, provider, work, monkeypatch):
    class Deciding(Lookup):
        def use(self, arguments: dict, hang_up) -> str:
            with app.app_context():
                decide_against(db.session.get(Chat, chat.id))
            return "It is 40,000."

    monkeypatch.setattr("chatapp.tools.registry", [lambda reply: [Deciding()]])
    provider.will(call("lookup", "Let me look.", query="budget"), "It is forty thousand.")
    work()
    reply = last(chat)
    assert (reply.state, reply.content, reply.failure) == ("failed", "Let me look.", NO_ASSISTANT)
    assert len(provider.requests) == 1
