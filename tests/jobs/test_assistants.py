"""Several assistants answer: a real queue, a real worker, a provider over real HTTP."""

import pytest
from sqlalchemy import select

from chatapp.extensions import db
from chatapp.jobs.replies import answer, conversation_for, language_model, write
from chatapp.jobs.sweeps import enqueue_forgotten_replies
from chatapp.models import Assistant, Chat, Message, Reading, User
from chatapp.models.assistant import LOST_KEY, sealed
from chatapp.models.mixins.generated import UNBEGUN_AFTER
from chatapp.models.mixins.timestamps import now
from chatapp.models.reply import Reply
from tests.provider import Failure
from tests.visitors import start_over


@pytest.fixture
def coder(app, provider) -> User:
    settings = {"model": "coder-1", "instructions": "You write code.", "reply_tokens": 700}
    return Assistant.add("Coder", base_url=provider.url, sealed_key=sealed("sk-coder", "test"), **settings).user


@pytest.fixture
def writer(app, provider) -> User:
    return Assistant.add("Writer", base_url=provider.url, model="writer-1").user


@pytest.fixture
def chat(alice, coder, writer, work) -> Chat:
    chat = Chat.start(alice.user, "Plans", assistant="mentioned")
    db.session.flush()
    chat.admit(coder)
    chat.admit(writer)
    db.session.commit()
    work()  # what asks for the windows
    return chat


def replies(question) -> list[Message]:
    start_over()
    return list(db.session.scalars(select(Message).filter_by(question_id=question.id).order_by(Message.id)))


def test_each_asks_its_own_model_with_its_own_key_and_instructions(chat, alice, coder, provider, work):
    provider.will("One", "Two")
    question = chat.post(alice.user, "@Coder @Writer hello")
    db.session.commit()
    work()
    assert [(reply.author.name, reply.content) for reply in replies(question)] == [("Coder", "One"), ("Writer", "Two")]
    assert [asked["model"] for asked in provider.requests] == ["coder-1", "writer-1"]
    assert provider.keys == ["sk-coder", "none"]
    assert provider.requests[0]["messages"][0] == {"role": "system", "content": "You write code."}
    assert provider.requests[0]["max_tokens"] == 700


def test_one_with_the_built_in_model_answers_before_anybody_has_asked_the_built_in_one(alice, provider, work):
    provider.will("One")
    helper = Assistant.add("Helper", instructions="You help.").user
    chat = Chat.start(alice.user, "Plans", assistant="mentioned")
    db.session.flush()
    chat.admit(helper)
    db.session.commit()
    question = chat.post(alice.user, "@Helper hello")
    db.session.commit()
    work()
    assert [(reply.author.name, reply.content) for reply in replies(question)] == [("Helper", "One")]


def test_what_others_have_said_is_said_under_their_names(chat, alice, provider, work):
    provider.will("One", "Two", "Three")
    for content in ("@Coder @Writer hello", "@Coder and now?"):
        chat.post(alice.user, content)
        db.session.commit()
        work()
    turns = [(turn["role"], turn["content"]) for turn in provider.requests[-1]["messages"][1:]]
    assert turns == [
        ("user", "@Coder @Writer hello"),
        ("assistant", "One"),
        ("user", "Writer: Two"),
        ("user", "@Coder and now?"),
    ]


def test_one_that_fails_leaves_the_other_alone_and_is_asked_again_by_itself(chat, alice, provider, work):
    provider.will(Failure(400), "Two", "One")
    question = chat.post(alice.user, "@Coder @Writer hello")
    db.session.commit()
    work()
    failed, other = replies(question)
    assert (failed.state, other.state) == ("failed", "complete")
    alice.turbo("POST", f"/messages/{failed.id}/retries")
    work()
    assert [reply.content for reply in replies(question)] == ["One", "Two"]


def test_answers_ask_nobody(chat, alice, provider, work):
    provider.will("@Writer, what do you think?")
    chat.assistant = "always"
    chat.post(alice.user, "@Coder hello")
    db.session.commit()
    work()
    assert len(provider.requests) == 1


def test_with_another_secret_key_the_reply_says_what_to_do(chat, alice, app, provider, work, monkeypatch, caplog):
    monkeypatch.setitem(app.config, "SECRET_KEY", "another")
    question = chat.post(alice.user, "@Coder hello")
    db.session.commit()
    work()
    (reply,) = replies(question)
    assert (reply.state, reply.failure) == ("failed", LOST_KEY)
    assert provider.requests == []


def test_a_key_that_the_server_repeats_is_not_logged(chat, alice, provider, work, caplog):
    provider.will(Failure(401, "Incorrect key: sk-coder"))
    question = chat.post(alice.user, "@Coder hello")
    db.session.commit()
    work()
    (reply,) = replies(question)
    assert "answered 401" in caplog.text and "sk-coder" not in caplog.text + reply.failure


def test_one_that_was_retired_meanwhile_says_so(chat, alice, coder, provider, work):
    question = chat.post(alice.user, "@Coder hello")
    db.session.get(Assistant, coder.id).retire()
    db.session.commit()
    work()
    (reply,) = replies(question)
    assert (reply.state, reply.failure) == ("failed", "Coder is retired. Ask another assistant.")


def test_a_job_of_the_previous_release_writes_the_reply_of_the_built_in_one(chat, alice, provider, work):
    chat.admit(User.assistant())
    question = chat.post(alice.user, "@Coder @Assistant hello")
    db.session.commit()
    provider.will("Mine")
    answer(question.id, 0)
    states = {reply.author.name: reply.state for reply in replies(question)}
    assert states == {"Coder": "generating", "Assistant": "complete"}


def test_a_job_for_a_reply_that_is_gone_writes_none(chat, alice, provider):
    question = chat.post(alice.user, "@Coder hello")
    db.session.commit()
    write(10**9)
    assert provider.requests == [] and [reply.state for reply in replies(question)] == ["generating"]


def test_a_sweep_queues_each_reply_whose_job_was_lost(chat, alice, patient, provider, work):
    provider.will("One", "Two")
    question = chat.post(alice.user, "@Coder @Writer hello")
    db.session.commit()
    patient.flushall()
    for reply in question.replies:
        reply.asked_at = now() - 2 * UNBEGUN_AFTER
    db.session.commit()
    enqueue_forgotten_replies()
    work()
    assert [reply.content for reply in replies(question)] == ["One", "Two"]


# What was read


def test_a_reply_notes_what_was_read_for_it(chat, alice, coder, provider, work):
    said = [chat.post(alice.user, f"{number} " + "x" * 600) for number in range(9)]
    own = db.session.get(Assistant, coder.id)
    own.context_tokens, own.reply_tokens = 1_000, 100
    question = chat.post(alice.user, "@Coder hello")
    db.session.commit()
    work()
    reading = Reading.of(replies(question)[0])
    assert (reading.read_count, reading.left_out, reading.first_id) == (5, 5, said[5].id)
    assert reading.words == "Read the last 5 messages. The 5 before that were left out."
    assert len(provider.requests[0]["messages"]) == 6  # with the instructions


def test_where_everything_fits_nothing_was_left_out(chat, alice, provider, work):
    question = chat.post(alice.user, "@Coder hello")
    db.session.commit()
    work()
    reading = Reading.of(replies(question)[0])
    assert (reading.read_count, reading.left_out, reading.first_id) == (1, 0, question.id)


# Windows


def test_the_server_is_asked_for_the_window_when_an_assistant_is_saved(app, coder, provider, work):
    provider.models = [{"id": "coder-1", "max_model_len": 16_384}, {"id": "coder-2", "max_model_len": 8_192}]
    db.session.commit()
    work()
    own = db.session.get(Assistant, coder.id)
    assert own.told_tokens == 16_384
    own.change("Coder", model="coder-2")
    db.session.commit()
    work()
    assert db.session.get(Assistant, coder.id).told_tokens == 8_192


def test_one_that_is_retired_while_its_job_waits_for_a_turn_asks_nobody(app, chat, alice, coder, provider):
    (reply,) = chat.post(alice.user, "@Coder hello").replies
    db.session.commit()
    job = Reply(reply, conversation_for(reply.question), language_model())
    assert reply.author.active
    with app.app_context():
        db.session.get(Assistant, coder.id).retire()
        db.session.commit()
    for _ in job.steps():
        db.session.commit()
    assert (reply.state, provider.requests) == ("failed", [])
