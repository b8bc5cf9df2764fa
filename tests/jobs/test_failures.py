"""Whatever a provider does wrong, the reply says so in one sentence, keeps what came, and offers the next step."""

import re

import pytest

from chatapp.extensions import db
from chatapp.models import Chat, Message
from tests.provider import Cut, Failure, Hang, Raw, StreamError, completion, said
from tests.visitors import start_over

ADMIN, AGAIN, CONTINUE = "An administrator has to", "retries", "continuations"


@pytest.fixture
def question(alice) -> Message:
    chat = Chat.start(alice.user, "Questions", assistant="always")
    question = chat.post(alice.user, "How are you?")
    db.session.commit()
    return question


@pytest.mark.parametrize(
    ("behaviour", "words", "text", "steps"),
    [
        (Failure(401), ADMIN, "", [AGAIN]),
        (Failure(404, "no such model", "model_not_found"), ADMIN, "", [AGAIN]),
        (Failure(429, retry_after="30"), "Try again in 30 seconds.", "", [AGAIN]),
        (Failure(429, "Quota", "insufficient_quota"), ADMIN, "", [AGAIN]),
        (Failure(500), "Try again in a while.", "", [AGAIN]),
        (Failure(400, "maximum context length"), "Ask in a new chat", "", [AGAIN]),
        (Failure(400, "filtered", "content_filter"), "Ask in other words.", "", [AGAIN]),
        (Raw(b"garbage\n\n"), "broke off", "", [AGAIN]),
        (Raw(b"data: garbage\n\n"), "can be read", "", [AGAIN]),
        (Hang(), "took too long", "", [AGAIN]),
        (Cut("I was about to"), "broke off", "I was about to", [CONTINUE, AGAIN]),
        (Hang("I was about to"), "took too long", "I was about to", [CONTINUE, AGAIN]),
        (StreamError("I was about to"), "could not answer", "I was about to", [CONTINUE, AGAIN]),
        (Raw(said(completion("I was about to")) + b"data: garbage\n\n"), "read", "I was about to", [CONTINUE, AGAIN]),
        (Raw(said(completion("I was"), completion("", "content_filter"))), "declined", "I was", [CONTINUE, AGAIN]),
    ],
)
def test_a_failure_says_what_to_do(app, alice, question, provider, work, monkeypatch, behaviour, words, text, steps):
    if isinstance(behaviour, Hang):
        monkeypatch.setitem(app.config, "ASSISTANT_TIMEOUT", 5 if text else 1)
    provider.will(behaviour)
    work()
    start_over()
    reply = question.reply
    assert (reply.state, reply.content) == ("failed", text)
    assert words in reply.failure and reply.failure.count("\n") == 0
    page = alice.get(f"/chats/{question.chat_id}").text
    assert re.findall(rf'href="/messages/{reply.id}/(retries|continuations)"', page) == steps


def test_what_broke_off_is_continued_where_it_was(alice, question, provider, work):
    provider.will(Cut("I was about to s"), "say: all of it.")
    work()
    reply = question.reply
    assert alice.turbo("POST", f"/messages/{reply.id}/continuations").status_code == 201
    work()
    start_over()
    assert (reply.state, reply.content) == ("complete", "I was about to say: all of it.")


def test_what_came_before_the_model_fell_silent_is_shown_without_waiting_for_more(question, provider, work, app):
    shown = []

    def look(self, content, write=Message.write):
        shown.append(content)
        write(self, content)
        if content == "One two three":
            provider.release()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Message, "write", look)
        provider.will(Hang("One two three"))
        work()
    assert shown[-1] == "One two three"
    start_over()
    assert (question.reply.state, question.reply.content) == ("complete", "One two three")
