from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask
from redis import Redis
from rq.job import JobStatus

from chatapp.lib.queue import Queue
from tests.servers import free_port, redis_server

JOB = "chatapp.jobs.sweeps.enqueue_forgotten_replies"


@pytest.fixture
def queue(redis):
    """On a database of its own in the Redis of this process."""
    url = redis.url.removesuffix("0") + "5"
    queue = queue_at(url)
    queue.redis.flushdb()
    yield queue
    queue.redis.close()


def queue_at(url: str) -> Queue:
    queue = Queue()
    queue.init_app(Flask("queue"), Redis.from_url(url))
    return queue


def test_a_job_is_queued_with_its_arguments(queue):
    assert queue.enqueue(JOB, 7, 2)
    job = queue.rq.jobs[0]
    assert (job.func_name, job.args) == (JOB, (7, 2))


def test_the_same_job_with_the_same_arguments_is_queued_once(queue):
    assert queue.enqueue(JOB, 7) and queue.enqueue(JOB, 7) and queue.enqueue(JOB, 8)
    assert [job.args for job in queue.rq.jobs] == [(7,), (8,)]


def test_a_job_that_runs_is_not_queued_again(queue):
    queue.enqueue(JOB, 7)
    job = queue.rq.jobs[0]
    queue.redis.delete(queue.rq.key)
    job.set_status(JobStatus.STARTED)
    queue.enqueue(JOB, 7)
    assert len(queue.rq) == 0


@pytest.mark.parametrize("status", [JobStatus.FAILED, JobStatus.FINISHED, JobStatus.STOPPED, JobStatus.CANCELED])
def test_a_job_that_has_ended_can_be_queued_again(queue, status):
    queue.enqueue(JOB, 7)
    job = queue.rq.jobs[0]
    queue.redis.delete(queue.rq.key)
    job.set_status(status)
    assert queue.enqueue(JOB, 7)
    assert [job.args for job in queue.rq.jobs] == [(7,)]


def test_a_job_that_many_queue_at_once_is_queued_once(queue):
    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(lambda _: queue.enqueue(JOB, 7), range(40)))
    assert len(queue.rq) == 1


def test_redis_away_is_no_error_but_an_answer():
    queue = queue_at(f"redis://127.0.0.1:{free_port()}/0")
    assert queue.enqueue(JOB, 7) is False


def test_redis_back_takes_jobs_again(tmp_path):
    with redis_server(tmp_path) as server:
        queue = queue_at(server.url)
        server.stop()
        assert queue.enqueue(JOB, 7) is False
        server.start()
        assert queue.enqueue(JOB, 7) is True
        queue.redis.close()


def test_jobs_survive_a_restart_of_redis(tmp_path):
    with redis_server(tmp_path) as server:
        queue = queue_at(server.url)
        queue.enqueue(JOB, 7)
        server.restart()
        with Redis.from_url(server.url) as client:
            assert client.llen(queue.rq.key) == 1
        queue.redis.close()
