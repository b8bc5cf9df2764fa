import os
import socket
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
import rq
from flask import Flask
from redis import Redis
from rq import Callback, SimpleWorker, Webhook
from rq.executions import Execution
from rq.job import JobStatus
from rq.serializers import JSONSerializer, PickleSerializer

from chatapp.lib.queue import OwnJob, Queue
from tests.conftest import keeping_signal_handlers
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


@pytest.fixture
def unsignalled():
    with keeping_signal_handlers():
        yield


def queue_at(url: str) -> Queue:
    queue = Queue()
    queue.init_app(Flask("queue"), Redis.from_url(url), job_timeout=60)
    return queue


def test_a_job_is_queued_with_its_arguments(queue):
    assert queue.enqueue(JOB, 7, 2)
    job = queue.rq.jobs[0]
    assert (job.func_name, job.args) == (JOB, [7, 2])


def test_the_same_job_with_the_same_arguments_is_queued_once(queue):
    assert queue.enqueue(JOB, 7) and queue.enqueue(JOB, 7) and queue.enqueue(JOB, 8)
    assert [job.args for job in queue.rq.jobs] == [[7], [8]]


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
    assert [job.args for job in queue.rq.jobs] == [[7]]


def test_a_job_whose_worker_died_is_queued_again_while_rq_still_knows_the_name_of_its_execution(queue, monkeypatch):
    queue.enqueue(JOB, 7)
    job = queue.rq.jobs[0]
    queue.rq.remove(job.id)
    with queue.redis.pipeline() as pipeline:
        execution = Execution.create(job, 1, pipeline, "dead")
        pipeline.execute()
    queue.redis.delete(execution.key)  # it expires a minute before RQ forgets its name
    job.set_status(JobStatus.STARTED)
    monkeypatch.setattr("chatapp.lib.queue.DEAD_AFTER", -1)
    assert queue.enqueue(JOB, 7)
    assert queue.rq.job_ids == [job.id]
    assert job.started_job_registry.get_job_ids(cleanup=False) == []


def test_a_job_that_many_queue_at_once_is_queued_once(queue):
    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(lambda _: queue.enqueue(JOB, 7), range(40)))
    assert len(queue.rq) == 1


class Bomb:
    """Makes a directory while it is unpickled."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return os.mkdir, (str(self.path),)


def ran(number: int) -> None:
    done.append(number)


done = []


class TestJob(OwnJob):
    __test__ = False
    functions = {"tests.lib.test_queue.ran": ran}


def work(queue) -> None:
    SimpleWorker([queue.rq], connection=queue.redis, job_class=TestJob, serializer=JSONSerializer).work(burst=True)


def planted(queue, serializer, function: str, *args, **options) -> None:
    """Jobs that anybody who can write to Redis could queue."""
    rq.Queue(queue.rq.name, connection=queue.redis, serializer=serializer).enqueue(function, *args, **options)


def test_a_worker_runs_the_jobs_that_it_knows(queue, unsignalled):
    done.clear()
    queue.enqueue("tests.lib.test_queue.ran", 7)
    work(queue)
    assert done == [7]


@pytest.mark.parametrize("serializer", [JSONSerializer, PickleSerializer])
def test_a_worker_runs_nothing_else_that_somebody_puts_into_redis(queue, unsignalled, tmp_path, serializer):
    planted(queue, serializer, "os.mkdir", str(tmp_path / "called"))
    planted(queue, PickleSerializer, "os.getpid", Bomb(tmp_path / "unpickled"))
    for name in ("on_success", "on_failure", "on_stopped"):
        planted(queue, serializer, "tests.lib.test_queue.ran", 8, **{name: Callback("this.s")})
    work(queue)
    assert list(tmp_path.iterdir()) == []
    assert "this" not in sys.modules


def test_a_worker_asks_no_address_that_somebody_puts_into_redis(queue, unsignalled):
    with socket.create_server(("127.0.0.1", 0)) as inside:
        inside.setblocking(False)
        url = f"http://127.0.0.1:{inside.getsockname()[1]}/"
        for function, status in (("tests.lib.test_queue.ran", "finished"), ("os.getpid", "failed")):
            planted(queue, JSONSerializer, function, 8, webhooks=[Webhook(url, status, timeout=1)])
        work(queue)
        with pytest.raises(BlockingIOError):
            inside.accept()


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
