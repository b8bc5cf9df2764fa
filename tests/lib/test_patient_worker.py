"""Many waiting jobs in one worker, and RQ's books of them."""

import threading

import pytest
from redis import Redis
from rq.job import Job
from rq.serializers import JSONSerializer
from rq.suspension import is_suspended, resume, suspend
from rq.worker import Worker

from chatapp.lib import patient_worker
from chatapp.lib.patient_worker import PatientWorker
from tests.conftest import keeping_signal_handlers
from tests.servers import redis_server, wait_until

from .test_queue import queue_at

WAIT, FAIL = "tests.wait", "tests.fail"


class Jobs:
    """What the jobs do: ``WAIT`` runs until ``release`` is set."""

    def __init__(self):
        self.running, self.release = [], threading.Event()

    def wait(self, number: int) -> None:
        self.running.append(number)
        self.release.wait(30)

    def fail(self, number: int) -> None:
        raise RuntimeError("on purpose")


@pytest.fixture
def jobs():
    return Jobs()


@pytest.fixture
def own_redis(tmp_path):
    with redis_server(tmp_path) as server:
        yield server


@pytest.fixture
def queue(own_redis):
    queue = queue_at(own_redis.url)
    queue.waiting = {WAIT, FAIL}
    return queue


@pytest.fixture
def worker(own_redis, queue, jobs, monkeypatch):
    """Runs two jobs at a time, in a thread of this process."""
    monkeypatch.setattr(patient_worker, "BEAT", 0.1)
    monkeypatch.setattr(patient_worker.signal, "signal", lambda *_: None)
    job_class = type(
        "TestJob", (Job,), {"func": property(lambda job: {WAIT: jobs.wait, FAIL: jobs.fail}[job.func_name])}
    )
    with keeping_signal_handlers(), Redis.from_url(own_redis.url) as connection:
        options = {"connection": connection, "job_class": job_class, "serializer": JSONSerializer}
        worker = PatientWorker(["replies"], at_once=2, **options)
        thread = threading.Thread(target=worker.run, daemon=True)
        thread.start()
        yield worker
        jobs.release.set()
        worker.request_stop(15, None)
        thread.join(30)
        worker.ended.set()
        worker.beating.join(30)
        worker.end(within=30)
        assert Worker.all(connection) == []


def started(queue) -> int:
    return queue.replies.started_job_registry.get_job_count(cleanup=False)


def test_as_many_jobs_run_at_once_as_it_may_and_the_books_say_so(queue, worker, jobs):
    for number in range(3):
        queue.enqueue(WAIT, number)
    wait_until(lambda: len(jobs.running) == 2)
    wait_until(lambda: (started(queue), queue.replies.count) == (2, 1))
    wait_until(lambda: [w.get_state() for w in Worker.all(queue.redis)] == ["busy"])
    jobs.release.set()
    wait_until(lambda: (len(jobs.running), started(queue), queue.replies.count) == (3, 0, 0))
    wait_until(lambda: [w.get_state() for w in Worker.all(queue.redis)] == ["idle"])


def test_a_job_that_runs_longer_than_its_ttl_counts_as_running(queue, worker, jobs, monkeypatch):
    monkeypatch.setattr(patient_worker, "DEAD_AFTER", 1)
    queue.enqueue(WAIT, 0)
    wait_until(lambda: jobs.running)  # it is in the registry a moment before its first sign of life
    job = queue.replies.fetch_job(queue.replies.started_job_registry.get_job_ids(cleanup=False)[0])
    first = job.last_heartbeat
    wait_until(lambda: (job.refresh(), job.last_heartbeat)[1] > first)
    # Not at any moment: on a busy machine more than a second may pass between two signs of life.
    wait_until(lambda: queue.replies.started_job_registry.get_expired_job_ids() == [])


def test_a_job_that_fails_is_in_the_registry_of_failed_ones(queue, worker):
    queue.enqueue(FAIL, 0)
    wait_until(lambda: queue.replies.failed_job_registry.count == 1)
    assert started(queue) == 0


def test_it_notes_how_each_job_ended_and_how_long_it_took(queue, worker, jobs):
    noted = []
    worker.note = lambda *job: noted.append(job)
    jobs.release.set()
    queue.enqueue(WAIT, 0)
    wait_until(lambda: len(noted) == 1)
    queue.enqueue(FAIL, 0)
    wait_until(lambda: len(noted) == 2)
    assert [(name, failed) for name, _, failed in noted] == [("replies", False), ("replies", True)]
    assert all(0 <= seconds < 60 for _, seconds, _ in noted)


def test_what_runs_is_in_the_books_again_when_redis_has_lost_them(queue, worker, jobs):
    queue.enqueue(WAIT, 0)
    wait_until(lambda: len(jobs.running) == 1)
    queue.redis.flushall()
    wait_until(lambda: started(queue) == 1 and len(Worker.all(queue.redis)) == 1)
    jobs.release.set()
    wait_until(lambda: started(queue) == 0)


def test_it_outlives_an_outage_and_reports_afterwards(own_redis, queue, worker, jobs):
    queue.enqueue(WAIT, 0)
    wait_until(lambda: len(jobs.running) == 1)
    own_redis.stop()
    jobs.release.set()
    own_redis.start()
    wait_until(lambda: started(queue) == 0, 30)
    queue.enqueue(WAIT, 1)
    wait_until(lambda: jobs.running == [0, 1], 30)
    wait_until(lambda: started(queue) == 0)
    assert queue.replies.failed_job_registry.count == 0


def test_a_suspended_worker_takes_nothing(queue, worker, jobs, monkeypatch):
    suspend(queue.redis)
    seen = []
    monkeypatch.setattr(patient_worker, "is_suspended", lambda *given: seen.append(is_suspended(*given)) or seen[-1])
    wait_until(lambda: any(seen))  # until then it may wait for a job
    queue.enqueue(WAIT, 0)
    wait_until(lambda: len(seen) > 3)
    assert queue.replies.count == 1
    resume(queue.redis)
    wait_until(lambda: jobs.running == [0])
