"""Replies that were forgotten while Redis or a worker was away."""

from datetime import timedelta

import pytest
from redis import Redis
from sqlalchemy import insert, select

from chatapp.extensions import db, queue
from chatapp.jobs import OWN_JOBS
from chatapp.jobs.sweeps import enqueue_forgotten_replies
from chatapp.models import Chat, Message, Session
from chatapp.models.mixins.answering import ANSWER_JOB
from chatapp.models.mixins.leased import UNBEGUN_AFTER
from chatapp.models.mixins.timestamps import now
from chatapp.models.search import Search
from chatapp.models.session import LIFETIME
from tests.queries import messages_of

OLD = UNBEGUN_AFTER + timedelta(seconds=1)


@pytest.fixture
def question(alice) -> Message:
    chat = Chat.start(alice.user, "Questions", assistant="always")
    question = chat.post(alice.user, "How are you?")
    db.session.commit()
    queue.redis.flushall()  # the job is lost
    return question


def grown_old(question) -> None:
    question.created_at = question.reply.asked_at = now() - OLD
    db.session.commit()


def test_a_question_whose_job_was_lost_is_answered_after_a_while(question, provider, work):
    enqueue_forgotten_replies()
    assert len(queue.replies) == 0  # its job may still be on its way
    grown_old(question)
    enqueue_forgotten_replies()
    work()
    assert question.reply.state == "complete"


def test_a_sweep_that_runs_twice_queues_once(question):
    grown_old(question)
    enqueue_forgotten_replies()
    enqueue_forgotten_replies()
    assert len(queue.replies) == 1


def test_a_question_that_was_asked_while_redis_was_away_is_not_forgotten(alice, question, dead_redis):
    assert alice.send(question.chat, "Are you there?").status_code == 201
    asked = messages_of(question.chat)[-2]
    grown_old(asked)
    assert asked.reply in db.session.scalars(Message.abandoned())


def test_a_reply_whose_worker_died_is_taken_up_again(question, provider, work):
    reply = question.reply
    reply.attempts, reply.leased_at, reply.leased_until = 1, now() - OLD, now() - timedelta(seconds=1)
    db.session.commit()
    enqueue_forgotten_replies()
    work()
    assert (reply.state, reply.attempts) == ("complete", 2)


def test_a_reply_that_is_being_written_is_left_alone(question, monkeypatch):
    monkeypatch.setattr("chatapp.models.mixins.leased.LEASE", timedelta(minutes=5))
    grown_old(question)
    question.reply.lease()
    db.session.commit()
    enqueue_forgotten_replies()
    assert len(queue.replies) == 0


@pytest.mark.parametrize("state", ["complete", "failed", "stopped"])
def test_a_reply_that_has_ended_is_left_alone(question, state):
    question.reply.state = state
    grown_old(question)
    enqueue_forgotten_replies()
    assert len(queue.replies) == 0


def test_a_question_of_the_release_before_is_not_forgotten_either(question, provider, work):
    """Its processes make no placeholder."""
    old = Message(chat=question.chat, author=question.author, content="And now?", reply_wanted=True)
    old.created_at = now() - OLD
    db.session.add(old)
    db.session.commit()
    enqueue_forgotten_replies()
    work()
    assert old.reply.state == "complete"


def test_a_deleted_question_is_forgotten(question):
    grown_old(question)
    question.delete()
    db.session.commit()
    enqueue_forgotten_replies()
    assert len(queue.replies) == 0


def test_a_worker_that_has_nothing_to_do_deletes_expired_sessions(app, alice):
    from worker import SweepingWorker

    Session.start(alice.user, "Browser", "192.0.2.7")
    db.session.scalars(select(Session)).one().last_seen_at = now() - LIFETIME - timedelta(seconds=1)
    db.session.commit()
    with Redis.from_url(app.config["REDIS_URL"]) as connection:
        SweepingWorker([queue.rq.name], connection=connection).run_maintenance_tasks()
    db.session.rollback()
    assert db.session.scalars(select(Session)).all() == []


def test_an_idle_worker_lets_the_search_find_what_the_previous_release_wrote(app, alice, chat, monkeypatch):
    from worker import SweepingWorker

    monkeypatch.setattr("chatapp.models.search_text.BATCH", 2)
    row = {"chat_id": chat.id, "author_id": alice.id, "content": "old tea", "state": "complete", "revision": 1}
    db.session.execute(insert(Message), [row] * 5)
    db.session.commit()
    with Redis.from_url(app.config["REDIS_URL"]) as connection:
        SweepingWorker([queue.rq.name], connection=connection).run_maintenance_tasks()
    db.session.rollback()
    assert len(Search(alice.user, "tea").newest()[0]) == 5


def test_a_reply_that_the_previous_release_has_asked_for_goes_on_to_the_queue_of_replies(app, question, provider, work):
    from worker import SweepingWorker

    job = queue.rq.enqueue(ANSWER_JOB, question.id, 0, job_id="asked", result_ttl=0)
    with Redis.from_url(app.config["REDIS_URL"]) as connection:
        SweepingWorker([queue.rq.name], connection=connection, **OWN_JOBS).execute_job(job, queue.rq)
    queue.redis.delete(queue.rq.key)
    assert (queue.replies.job_ids, queue.rq.started_job_registry.count) == (["asked"], 0)
    work()
    assert question.reply.state == "complete"
