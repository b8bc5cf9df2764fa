"""One assistant writes one reply at a time in a chat, and the others wait in the order in which they were asked for."""

import pytest
from sqlalchemy import select

from chatapp.extensions import db, queue
from chatapp.jobs.replies import conversation_for, language_model, write
from chatapp.models import Chat, Message
from chatapp.models.reply import Reply
from chatapp.turbo.testing import captured_broadcasts
from tests.visitors import start_over

WAITS = "Waiting for its turn"


@pytest.fixture
def chat(alice) -> Chat:
    chat = Chat.start(alice.user, "Questions", assistant="always")
    db.session.commit()
    return chat


@pytest.fixture
def asked(alice, chat):
    """``asked(3)`` posts so many questions and returns their replies."""

    def ask(count: int) -> list[Message]:
        questions = [chat.post(alice.user, f"Question {n}") for n in range(count)]
        db.session.commit()
        return [question.reply for question in questions]

    return ask


def begun(reply: Message) -> Reply:
    """A job has begun to write it, in this session."""
    job = Reply(reply, conversation_for(reply.question), language_model())
    next(steps := job.steps())
    db.session.commit()
    job.running = steps
    return job


def test_later_questions_say_that_they_wait_and_their_jobs_ask_nobody(alice, chat, asked, provider):
    first, second = asked(2)
    assert (first.waits, second.waits) == (False, True)
    begun(first)
    write(second.id)
    assert provider.requests == []
    page = alice.get(f"/chats/{chat.id}").text
    assert page.count(WAITS) == 1
    assert WAITS in page.partition(f'id="message_{second.id}"')[2].partition("</article>")[0]


def test_one_after_the_other_they_are_written_in_order(asked, provider, work):
    replies = asked(3)
    work()
    start_over()
    assert [turns["messages"][-1]["content"] for turns in provider.requests] == [f"Question {n}" for n in range(3)]
    assert [(reply.state, reply.waits) for reply in replies] == [("complete", False)] * 3


def test_when_its_turn_comes_the_page_says_so_no_more(alice, chat, asked, provider, work):
    asked(2)
    with captured_broadcasts(chat.stream_name) as broadcasts:
        work()
    assert not any(WAITS in broadcast.html for broadcast in broadcasts)
    assert WAITS not in alice.get(f"/chats/{chat.id}").text


@pytest.mark.parametrize("end", ["complete", "stop", "delete"])
def test_whatever_ends_a_reply_the_next_one_is_called(asked, end):
    first, second = asked(2)
    job = begun(first)
    queue.redis.flushall()
    {"complete": lambda: first.complete("Yes."), "stop": first.stop, "delete": first.delete}[end]()
    db.session.commit()
    job.running.close()
    write(first.id)
    assert [job.args for job in queue.replies.jobs] == [[second.id, 0]]


def test_who_asks_again_waits_at_the_end_of_the_line(alice, chat, asked):
    first, second, third = asked(3)
    first.stop()
    db.session.commit()
    chat.retry(first, alice.user)
    db.session.commit()
    assert first.waits
    assert db.session.scalar(Message.next_of(third)) is second
    second.stop()
    db.session.commit()
    assert db.session.scalar(Message.next_of(first)) is third


def test_other_chats_do_not_wait(alice, asked):
    asked(2)
    other = Chat.start(alice.user, "Other", assistant="always")
    question = other.post(alice.user, "Hello")
    db.session.commit()
    assert not question.reply.waits


def test_a_job_of_the_previous_release_that_comes_too_early_makes_the_page_say_so(chat, asked, provider):
    """It makes questions that do not say that they wait."""
    first, second = asked(2)
    second.waits = False
    db.session.commit()
    with captured_broadcasts(chat.stream_name) as broadcasts:
        write(second.id)
    assert [WAITS in broadcast.html for broadcast in broadcasts] == [True]
    assert db.session.scalar(select(Message.waits).where(Message.id == second.id))
