"""The assistant answers: a real queue, a real worker, a provider over real HTTP."""

import logging
from collections.abc import Callable
from contextlib import contextmanager
from datetime import timedelta

import pytest
from flask import current_app
from rq.timeouts import JobTimeoutException
from sqlalchemy import inspect, select

from chatapp.extensions import db, queue
from chatapp.jobs.replies import answer, conversation_for, language_model
from chatapp.jobs.sweeps import enqueue_forgotten_replies
from chatapp.models import Chat, Message, User
from chatapp.models.conversation import GO_ON
from chatapp.models.mixins.leased import ATTEMPTS, EARLIER_LEASE
from chatapp.models.mixins.timestamps import now
from chatapp.models.reply import Reply
from chatapp.turbo.testing import captured_broadcasts
from tests.provider import Cut, Failure, StreamError
from tests.queries import messages_of
from tests.servers import wait_until
from tests.visitors import start_over

CLIENT_ID = "7f8e2c1a-0000-4000-8000-000000000001"


@pytest.fixture
def chat(alice) -> Chat:
    """One in which the assistant answers every message."""
    chat = Chat.start(alice.user, "Questions", assistant="always")
    db.session.commit()
    return chat


@pytest.fixture
def question(chat, alice) -> Message:
    question = chat.post(alice.user, "How are you?")
    db.session.commit()
    return question


def reply_to(question) -> Message | None:
    start_over()
    return db.session.scalar(select(Message).filter_by(question_id=question.id))


def states(broadcasts) -> list[str]:
    return [b.html.partition('data-state="')[2].partition('"')[0] for b in broadcasts]


def test_a_question_gets_a_reply(question, provider, work):
    provider.will("Fine, **thank you**.")
    work()
    reply = reply_to(question)
    assert (reply.state, reply.content) == ("complete", "Fine, **thank you**.")
    assert (reply.author.kind, reply.chat_id) == ("assistant", question.chat_id)
    assert not question.reply_wanted


def test_a_question_shows_at_once_that_it_will_be_answered_although_no_worker_is_there(alice, chat):
    with captured_broadcasts(chat.stream_name) as broadcasts:
        alice.send(chat, "How are you?")
    question, reply = messages_of(chat)
    assert (reply.author.kind, reply.question_id, reply.state) == ("assistant", question.id, "generating")
    assert len(broadcasts) == 1 and states(broadcasts) == ["complete"] and "typing__dots" in broadcasts[0].html
    page = alice.get(f"/chats/{chat.id}").text
    assert "typing__dots" in page and f'href="/messages/{reply.id}/stops"' in page


def test_a_question_that_is_stopped_before_its_turn_is_not_asked(alice, chat, provider, work):
    alice.send(chat, "How are you?")
    reply = messages_of(chat)[-1]
    alice.turbo("POST", f"/messages/{reply.id}/stops")
    work()
    assert provider.requests == [] and reply.state == "stopped"


def test_a_question_that_is_sent_twice_is_answered_once(alice, chat):
    for _ in range(2):
        alice.turbo("POST", f"/chats/{chat.id}/messages", {"content": "Hello", "client_id": CLIENT_ID})
    assert len(messages_of(chat)) == 2 and len(queue.replies) == 1


def test_a_question_of_the_release_before_has_no_placeholder_and_is_answered(chat, alice, provider, work):
    question = Message(chat=chat, author=alice.user, content="How are you?", reply_wanted=True)
    db.session.add(question)
    db.session.flush()
    chat.enqueue_reply_to(question)
    db.session.commit()
    work()
    assert reply_to(question).state == "complete" and not question.reply_wanted


def test_everything_that_happens_to_a_reply_is_live(question, provider, work, monkeypatch):
    monkeypatch.setattr("chatapp.models.pace.Pace.is_due", lambda self, length: True)
    provider.will("One two three")
    with captured_broadcasts(question.chat.stream_name) as broadcasts:
        work()
    assert states(broadcasts) == ["", "", "", "complete"]  # a growth does not say what stays
    assert all('action="grow"' in broadcast.html for broadcast in broadcasts)
    assert [b.revision for b in broadcasts] == list(range(broadcasts[0].revision, broadcasts[0].revision + 4))


def test_a_growing_text_is_shown_now_and_then_and_not_for_every_word(question, provider, work):
    provider.will("word " * 300)
    with captured_broadcasts(question.chat.stream_name) as broadcasts:
        work()
    assert len(broadcasts) < 100
    assert reply_to(question).content.count("word") == 300


def test_the_assistant_is_told_what_was_said(chat, question, provider, work, app):
    provider.will("Fine.")
    work()
    chat.post(question.author, "And tomorrow?")
    db.session.commit()
    work()
    assert provider.requests[1]["messages"] == [
        {"role": "system", "content": app.config["ASSISTANT_PROMPT"]},
        {"role": "user", "content": "How are you?"},
        {"role": "assistant", "content": "Fine."},
        {"role": "user", "content": "And tomorrow?"},
    ]


def test_the_assistant_does_not_answer_itself(question, provider, work):
    work()
    assert len(queue.replies) == 0 and len(provider.requests) == 1


@pytest.mark.parametrize(
    ("mode", "content", "answered"),
    [
        ("always", "Hello", True),
        ("mentioned", "Hello", False),
        ("mentioned", "Hello @Assistant, are you there?", True),
        ("never", "Hello @assistant", False),
    ],
)
def test_the_assistant_answers_when_the_chat_says_so(alice, chat, provider, work, mode, content, answered):
    chat.assistant = mode
    db.session.commit()
    alice.send(chat, content)
    work()
    assert bool(provider.requests) is answered


def test_there_is_one_assistant_for_all(alice, chat, question, provider, work):
    other = Chat.start(alice.user, "Other")
    other.post(alice.user, "Hello")
    db.session.commit()
    work()
    assert len(db.session.scalars(select(User).filter_by(kind="assistant")).all()) == 1


@pytest.mark.parametrize(
    ("behaviour", "words"),
    [
        (Failure(401), "refused our key"),
        (Failure(429), "quota"),
        (Failure(500), "server has a problem"),
        (Failure(400, "context length exceeded"), "too long for the model"),
        (Cut("I was about to say"), "broke off"),
        (StreamError("I was about"), "could not answer"),
        ("", "empty answer"),
        ("  \n ", "empty answer"),
    ],
)
def test_a_reply_that_fails_says_why_and_can_be_asked_for_again(alice, question, provider, work, behaviour, words):
    provider.will(behaviour)
    work()
    reply = reply_to(question)
    assert reply.state == "failed" and words in reply.failure
    page = alice.get(f"/chats/{question.chat_id}").text
    assert reply.failure.replace("'", "&#39;") in page and f'href="/messages/{reply.id}/retries"' in page
    provider.will("Now then.")
    assert alice.turbo("POST", f"/messages/{reply.id}/retries").status_code == 201
    work()
    assert (reply_to(question).state, reply_to(question).content) == ("complete", "Now then.")


def test_without_a_server_the_reply_says_so(question, app, work, monkeypatch):
    monkeypatch.setitem(app.config, "OPENAI_BASE_URL", "http://127.0.0.1:1/v1")
    work()
    assert reply_to(question).failure == "The model can't be reached right now."


def test_a_nul_in_an_answer_is_left_out(question, provider, work):
    provider.will("a\0b")
    work()
    assert reply_to(question).content == "ab"


def test_an_answer_is_as_harmless_as_any_message(alice, question, provider, work):
    provider.will("<script>alert(1)</script>")
    work()
    assert "<script>alert" not in alice.get(f"/chats/{question.chat_id}").text


def test_no_transaction_is_open_while_the_model_is_silent(question, provider, monkeypatch):
    """PostgreSQL ends one in which nothing happens for a while, and a model may take longer for its first word."""
    monkeypatch.setattr("chatapp.models.pace.Pace.is_due", lambda self, length: True)
    provider.will("One two three")
    model, seen = language_model(), []

    class Watched:
        hang_up, session = model.hang_up, db.session()

        def __getattr__(self, name):
            return getattr(model, name)

        def stream(self, messages):
            seen.append(self.session.in_transaction())
            for piece in model.stream(messages):
                yield piece
                seen.append(not wait_until(lambda: not self.session.in_transaction()))  # what came is being written

    for _ in Reply(question.reply, conversation_for(question), Watched()).steps():
        db.session.commit()
    assert reply_to(question).content == "One two three"
    assert set(seen) == {False}


# Stopping


def stopping_after(words: int, question, act) -> None:
    """Runs the job in steps. After a number of updates somebody acts, in a session of his own."""
    steps = Reply(question.reply, conversation_for(question), language_model()).steps()
    for step, _ in enumerate(steps):
        db.session.commit()
        if step == words:
            with current_app.app_context():
                act(db.session.scalar(select(Message).filter_by(question_id=question_id(question))))
                db.session.commit()


def question_id(question) -> int:
    return inspect(question).identity[0]


def test_a_reply_that_is_stopped_keeps_what_was_written(question, provider, monkeypatch):
    monkeypatch.setattr("chatapp.models.pace.Pace.is_due", lambda self, length: True)
    provider.will("One two three four five six")
    stopping_after(2, question, lambda reply: reply.stop())
    reply = reply_to(question)
    assert (reply.state, reply.content) == ("stopped", "One two")


def test_a_reply_that_is_deleted_meanwhile_stays_deleted_and_without_words(question, provider, monkeypatch):
    monkeypatch.setattr("chatapp.models.pace.Pace.is_due", lambda self, length: True)
    provider.will("One two three four five six")
    stopping_after(2, question, lambda reply: reply.delete())
    reply = reply_to(question)
    assert (reply.content, reply.deleted_at is not None) == ("", True)


def test_a_reply_that_is_stopped_at_its_last_word_stays_stopped(question, provider, monkeypatch):
    monkeypatch.setattr("chatapp.models.pace.Pace.is_due", lambda self, length: True)
    provider.will("One two three")
    stopping_after(3, question, lambda reply: reply.stop())
    assert reply_to(question).state == "stopped"


def test_a_question_that_was_deleted_is_not_answered(alice, question, provider, work):
    question.delete()
    db.session.commit()
    work()
    assert provider.requests == [] and reply_to(question).deleted_at
    assert alice.get(f"/chats/{question.chat_id}").text.count("<article") == 1  # the template of what is pending


# Two jobs, dead jobs


def test_a_job_that_is_delivered_twice_writes_one_reply(question, provider, work):
    work()
    answer(question.id)
    answer(question.id, 1)
    assert len(provider.requests) == 1
    assert len(db.session.scalars(select(Message).filter_by(question_id=question.id)).all()) == 1


def test_a_second_job_keeps_off_while_the_first_one_writes(question, provider, monkeypatch):
    monkeypatch.setattr("chatapp.models.mixins.leased.LEASE", timedelta(minutes=5))
    monkeypatch.setattr("chatapp.models.pace.Pace.is_due", lambda self, length: True)
    provider.will("One two three", "From the second job")
    stopping_after(1, question, lambda reply: answer(reply.question_id))
    assert reply_to(question).content == "One two three"
    assert len(provider.requests) == 1


@pytest.mark.parametrize(("words", "kept"), [(1, "One"), (3, "One two three")])
def test_a_job_that_lost_its_reply_leaves_it_to_the_other(question, provider, monkeypatch, words, kept):
    """In the middle, and at its last word."""
    monkeypatch.setattr("chatapp.models.pace.Pace.is_due", lambda self, length: True)
    provider.will("One two three")

    def take_over(reply):
        reply.leased_until = now() - timedelta(seconds=1)
        db.session.commit()
        next(Reply(reply, conversation_for(reply.question), language_model()).steps())

    stopping_after(words, question, take_over)
    assert (reply_to(question).state, reply_to(question).content) == ("generating", kept)


@pytest.mark.parametrize("words", [0, 1, 3])
def test_a_job_whose_reply_was_stopped_and_asked_for_again_leaves_it_alone(question, provider, monkeypatch, words):
    """Before its first word, in the middle, and at its last one."""
    monkeypatch.setattr("chatapp.models.pace.Pace.is_due", lambda self, length: True)
    provider.will("One two three")

    def ask_again(reply):
        reply.stop()
        db.session.commit()
        reply.chat.retry(reply, reply.question.author)

    stopping_after(words, question, ask_again)
    assert (reply_to(question).state, reply_to(question).content) == ("generating", "")


def test_a_job_of_the_previous_release_may_be_silent_for_longer_and_is_still_the_only_one(question):
    """It renews its lease only when there is new text."""
    question.reply.attempts, question.reply.leased_at = 1, now() - EARLIER_LEASE + timedelta(seconds=60)
    db.session.commit()
    queue.redis.flushall()
    enqueue_forgotten_replies()
    assert len(queue.replies) == 0
    assert list(Reply(question.reply, conversation_for(question), language_model()).steps()) == [None]


def test_a_reply_whose_job_died_is_continued_by_the_next_one(question, provider, work):
    dead = question.reply
    dead.content, dead.attempts, dead.leased_until = "I was about to", 1, now() - timedelta(seconds=1)
    db.session.commit()
    provider.will("to say: all of it.")
    work()
    reply = reply_to(question)
    assert (reply.id, reply.state, reply.attempts) == (
        dead.id,
        "complete",
        5,
    )  # a new round, because it had written something
    assert reply.content == "I was about to say: all of it."
    assert [turn["content"] for turn in provider.requests[0]["messages"][-2:]] == ["I was about ", GO_ON]


def test_a_reply_whose_jobs_die_again_and_again_fails_in_the_end(question, provider, work):
    question.reply.attempts, question.reply.leased_until = ATTEMPTS, now() - timedelta(seconds=1)
    db.session.commit()
    work()
    assert (reply_to(question).state, provider.requests) == ("failed", [])


def test_a_death_after_new_words_does_not_count(question, provider, work):
    reply = question.reply
    reply.attempts, reply.content, reply.leased_until = ATTEMPTS, "I was", now() - timedelta(seconds=1)
    db.session.commit()
    provider.will("was here.")
    work()
    assert (reply_to(question).state, reply_to(question).content) == ("complete", "I was here.")


def test_a_busy_database_leaves_the_reply_to_the_next_job(question, provider, work, monkeypatch, database):
    """Another process holds the lock that the first words need."""
    if database == "postgres":
        pytest.skip("It waits for ten seconds there, and then raises the same error.")
    monkeypatch.setattr("chatapp.lib.sqlite.WRITER_TIMEOUT", 0.05)
    other, chat_id = db.engine.connect(), question.chat_id

    def hold_the_chat(request: dict) -> str:
        other.execute(db.text(f"UPDATE chats SET title = title WHERE id = {chat_id}"))
        return "I was here."

    provider.will(hold_the_chat, "I was here.")
    with other, as_soon_as_it_says_a_word("chatapp.jobs.replies", other.close):
        work()
    reply = reply_to(question)
    assert (reply.state, reply.failure) == ("generating", None)
    reply.leased_until = now() - timedelta(seconds=1)
    db.session.commit()
    enqueue_forgotten_replies()
    work()
    assert (reply_to(question).state, reply_to(question).content) == ("complete", "I was here.")


@contextmanager
def as_soon_as_it_says_a_word(log: str, do: Callable[[], None]):
    """Call ``do()`` for each line that ``log`` writes inside of the block."""
    logger, handler = logging.getLogger(log), logging.Handler()
    handler.emit = lambda record: do()
    logger.addHandler(handler)
    yield
    logger.removeHandler(handler)


def test_a_job_for_what_does_not_exist_does_nothing(app, provider):
    answer(999_999)
    assert provider.requests == []


def test_a_job_runs_in_a_session_of_its_own(question, provider):
    question.content = "Not committed"
    answer(question.id)
    assert provider.requests[0]["messages"][-1]["content"] == "How are you?"
    db.session.rollback()


def test_a_job_that_ran_too_long_says_so_in_the_chat(question, provider, monkeypatch):
    def too_long(*_):
        raise JobTimeoutException("too long")

    monkeypatch.setattr("chatapp.lib.llm.LanguageModel.stream", too_long)
    answer(question.id)
    assert reply_to(question).state == "failed"
