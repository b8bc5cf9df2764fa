"""Models are not trusted: whatever one sends, the chat gets an answer of bounded size, or a reason."""

import pytest

from chatapp.extensions import db
from chatapp.models import Chat, Message
from chatapp.models.mixins.generated import REPLY_LIMIT
from tests.provider import Drip, Raw, completion, said
from tests.visitors import start_over

MEGABYTE = 1024 * 1024
STOP = completion("", "stop")


@pytest.fixture
def question(alice) -> Message:
    chat = Chat.start(alice.user, "Questions", assistant="always")
    question = chat.post(alice.user, "How are you?")
    db.session.commit()
    return question


def reply_of(question) -> Message:
    start_over()
    return question.reply


@pytest.mark.parametrize(
    "behaviour",
    [
        "x" * (2 * MEGABYTE),
        ["x" * 1000] * 100,
        ["x" * REPLY_LIMIT, "x"],
        Raw(said(completion("x" * 1000)), times=40_000),
    ],
    ids=["2 MB at once", "in pieces", "one letter more", "40 MB"],
)
def test_a_reply_that_is_far_too_long_is_cut_off(alice, question, provider, work, behaviour):
    provider.will(behaviour)
    work()
    reply = reply_of(question)
    assert (reply.state, len(reply.content)) == ("cut", REPLY_LIMIT)
    assert len(alice.get(f"/chats/{question.chat_id}").data) < 10 * REPLY_LIMIT


def test_a_reply_as_long_as_it_may_be_is_whole(question, provider, work):
    provider.will(["x" * REPLY_LIMIT])
    work()
    assert (reply_of(question).state, len(reply_of(question).content)) == ("complete", REPLY_LIMIT)


@pytest.mark.parametrize(
    ("pieces", "content"),
    [
        (["a\ud83d", " b"], "a� b"),
        (["\ude00"], "�"),
        (["a\ud83d", "\ude00b"], "a😀b"),
        (["a\0b"], "ab"),
    ],
    ids=["half", "other half", "two halves", "nul"],
)
def test_what_no_database_takes_is_replaced(alice, question, provider, work, monkeypatch, pieces, content):
    monkeypatch.setattr("chatapp.models.pace.Pace.is_due", lambda self, length: True)
    provider.will(Raw(said(*map(completion, pieces), STOP)))
    work()
    assert (reply_of(question).state, reply_of(question).content) == ("complete", content)
    assert content in alice.get(f"/chats/{question.chat_id}").text


@pytest.mark.parametrize(
    "raw",
    [
        Raw(b"data: {broken\n\n"),
        Raw(said({"choices": []})),
        Raw(b"data: " + b"x" * MEGABYTE, times=40),
        Raw(said(completion("I think")) + b"data: \xff\n\n"),
        Raw(b"", status=302, headers=(("Location", "http://127.0.0.1:1/"),)),
    ],
    ids=["broken JSON", "no choice", "40 MB without an end", "broken in the middle", "redirect"],
)
def test_what_is_no_answer_ends_with_a_reason(alice, question, provider, work, raw):
    provider.will(raw)
    work()
    assert reply_of(question).state == "failed"
    assert reply_of(question).failure.replace("'", "&#39;") in alice.get(f"/chats/{question.chat_id}").text


def test_a_reply_that_never_ends_fails_after_its_time(app, question, provider, work, monkeypatch):
    monkeypatch.setitem(app.config, "ASSISTANT_REPLY_TIMEOUT", 5)
    provider.will(Drip("on and "))
    work()
    reply = reply_of(question)
    assert (reply.state, reply.failure) == ("failed", "The model took too long to answer.")
    assert reply.content.startswith("on and")


@pytest.mark.parametrize("place", ["chatapp.lib.llm.LanguageModel.stream", "chatapp.models.message.Message.write"])
def test_a_mistake_of_ours_ends_with_a_reason_too(alice, question, provider, work, monkeypatch, place):
    def broken(*_):
        raise RuntimeError("a mistake")

    monkeypatch.setattr(place, broken)
    work()
    reply = reply_of(question)
    assert (reply.state, reply.failure) == ("failed", "Something broke while the assistant answered.")
    assert "a mistake" not in alice.get(f"/chats/{question.chat_id}").text
