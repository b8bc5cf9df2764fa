"""Replies that a process is writing: others see that it lives, and it sees what others do."""

from datetime import timedelta
from threading import Thread

import pytest
from sqlalchemy import select

from chatapp.extensions import db
from chatapp.jobs.desk import desk, hang_up_on_ended_replies, renew_leases
from chatapp.jobs.replies import write
from chatapp.models import Chat, Message
from chatapp.models.mixins.timestamps import now
from tests.provider import Hang
from tests.servers import wait_until
from tests.visitors import start_over


@pytest.fixture
def reply(alice) -> Message:
    chat = Chat.start(alice.user, "Questions", assistant="always")
    question = chat.post(alice.user, "How are you?")
    db.session.commit()
    return question.reply


@pytest.fixture
def writing(reply, provider):
    """The reply is being written in another thread, by a model that fell silent after two words."""
    provider.will(Hang("One two"), "two three")
    thread = Thread(target=write, args=(reply.id,))
    thread.start()
    wait_until(lambda: content(reply) == "One two")
    yield thread
    provider.release()
    thread.join(10)
    assert not thread.is_alive()


def content(reply) -> str:
    start_over()
    return db.session.scalar(select(Message.content).where(Message.id == reply.id))


def test_a_lease_is_renewed_while_the_model_is_silent_and_nobody_hears_of_it(reply, writing):
    start_over()
    before, revision = reply.leased_until, reply.chat.revision
    renew_leases()
    start_over()
    assert reply.leased_until > before and reply.chat.revision == revision


def test_a_lease_that_another_job_has_taken_is_not_renewed(reply, writing):
    start_over()
    reply.attempts, reply.leased_until = reply.attempts + 1, now() - timedelta(seconds=5)
    db.session.commit()
    renew_leases()
    start_over()
    assert reply.leased_until < now()
    hang_up_on_ended_replies()
    writing.join(20)
    assert not writing.is_alive() and content(reply) == "One two"


@pytest.mark.parametrize("verb", ["stop", "delete"])
def test_the_connection_is_closed_as_soon_as_somebody_ends_the_reply(reply, writing, provider, verb):
    hang_up_on_ended_replies()
    assert not provider.disconnected.is_set()
    getattr(reply, verb)()
    db.session.commit()
    hang_up_on_ended_replies()
    wait_until(provider.disconnected.is_set)
    writing.join(20)
    start_over()
    assert (reply.state, reply.content) == ("stopped", "" if verb == "delete" else "One two")


def test_what_is_handed_over_goes_on_in_another_job_and_counts_as_no_death(reply, writing, provider, work):
    desk.hand_over()
    writing.join(20)
    start_over()
    assert (reply.state, reply.content, reply.is_leased, reply.attempts) == ("generating", "One two", False, 4)
    work()
    start_over()
    assert (reply.state, reply.content, desk.claimed) == ("complete", "One two three", [])
