"""An RQ worker whose jobs mostly wait for other people's servers: it runs many at once, each in a thread.

RQ forks a process for each job, so 50 that wait take 50 processes. This worker still keeps RQ's records: a job is in
the StartedJobRegistry while it runs, with heartbeats, and a failed one in the FailedJobRegistry. RQ's time limit is an
alarm signal, which threads can't have, so a job must limit itself.
"""

import signal
import sys
import threading
import time
from collections.abc import Callable

import redis
from rq import worker_registration
from rq.exceptions import DequeueTimeout
from rq.executions import Execution, ExecutionRegistry
from rq.job import Job
from rq.queue import Queue
from rq.suspension import is_suspended
from rq.timeouts import BaseDeathPenalty
from rq.utils import now
from rq.worker import BaseWorker, WorkerStatus

#: Seconds between two signs of life in Redis, and seconds without one after which the worker counts as dead.
BEAT, DEAD_AFTER = 5, 15
#: Seconds after which the main thread looks whether it has to stop.
LOOK_EVERY = 1
#: Seconds between two cleanings of the registries, which move the jobs of dead workers to the failed ones.
CLEAN_EVERY = 60


class Unlimited(BaseDeathPenalty):
    """No time limit."""

    def setup_death_penalty(self) -> None:
        """As in RQ."""

    def cancel_death_penalty(self) -> None:
        """As in RQ."""


class PatientWorker(BaseWorker):
    """Runs ``at_once`` jobs at the same time. It outlives any outage of Redis, and the jobs go on meanwhile.

    ``note(queue, seconds, failed)`` hears of each job that has ended.
    """

    death_penalty_class = Unlimited
    max_connection_wait_time = 2.0  # seconds; RQ would wait for a minute after a longer outage
    dequeue_timeout = LOOK_EVERY

    def __init__(self, *arguments, at_once: int, **options):
        self.note: Callable[[str, float, bool], None] = lambda queue, seconds, failed: None
        super().__init__(*arguments, job_monitoring_interval=BEAT, maintenance_interval=CLEAN_EVERY, **options)
        self.free = threading.Semaphore(at_once)
        self.stopping, self.ended = threading.Event(), threading.Event()
        self.beating = threading.Thread(target=self._beat, daemon=True)

    def run(self) -> None:
        """Work until a signal to stop. Jobs may still run then."""
        signal.signal(signal.SIGTERM, self.request_stop)
        signal.signal(signal.SIGINT, self.request_stop)
        self.bootstrap()
        self.beating.start()
        while not self.stopping.is_set():
            if self.free.acquire(timeout=LOOK_EVERY):
                self._take_one()

    def end(self, within: float) -> None:
        """Wait for the jobs that still run, and take this worker out of RQ's records."""
        deadline = time.monotonic() + within
        while self.executions and time.monotonic() < deadline:
            time.sleep(0.05)
        self.ended.set()
        self.beating.join(LOOK_EVERY)  # or it would register this worker again
        self._unless_redis_is_away(self.teardown)

    def request_stop(self, signum, frame) -> None:
        """The handler of signals: take no further job."""
        self.stopping.set()

    def _take_one(self) -> None:
        taken = self._unless_redis_is_away(self._dequeue)
        if taken:
            threading.Thread(target=self._run_job, args=taken, daemon=True).start()
        else:
            self.free.release()

    def _dequeue(self) -> tuple[Job, Queue, Execution] | None:
        if is_suspended(self.connection, self):
            self.stopping.wait(LOOK_EVERY)
            return None
        options = (self.connection, self.job_class, self.serializer, self.death_penalty_class)
        try:
            found = self.queue_class.dequeue_any(self.queues, LOOK_EVERY, *options)
        except DequeueTimeout:
            return None
        return (*found, self.prepare_execution(found[0])) if found else None

    def _run_job(self, job: Job, queue: Queue, execution: Execution) -> None:
        try:
            self.perform_job(job, queue, execution)
        except Exception:
            self.log.exception("Worker %s: job %s broke", self.name, job.id)
        finally:
            self.executions.pop(execution.id, None)
            self.free.release()

    def perform_job(self, job: Job, queue: Queue, execution: Execution) -> bool:
        """As in RQ, but if Redis is away at the end, reports the result when it is back."""
        self.prepare_job_execution(job, remove_from_intermediate_queue=True)
        job.started_at, began = now(), time.monotonic()
        try:
            value = job.perform()
        except BaseException:
            failure = sys.exc_info()
            self.note(queue.name, time.monotonic() - began, True)
            return self._report(lambda: self._finalize_failure(job, queue, execution, failure))
        self.note(queue.name, time.monotonic() - began, False)
        return self._report(lambda: self._finalize_success(job, queue, execution, value))

    def _report(self, finalize: Callable[[], None]) -> bool:
        while True:
            try:
                finalize()
                return True
            except redis.RedisError as error:
                self.log.warning("Worker %s: Redis is away: %s", self.name, error)
                if self.stopping.wait(LOOK_EVERY):
                    return False

    def _beat(self) -> None:
        while not self.ended.is_set():
            self._unless_redis_is_away(self._give_sign)
            self.ended.wait(BEAT)

    def _give_sign(self) -> None:
        if not self.connection.sismember(worker_registration.REDIS_WORKER_KEYS, self.key):
            self._enter_again()  # Redis has forgotten everything
        self.heartbeat()
        for execution in list(self.executions.values()):
            self.maintain_heartbeats(execution.job, execution)
        self.set_state(WorkerStatus.BUSY if self.executions else WorkerStatus.IDLE)
        if self.should_run_maintenance_tasks:
            self.run_maintenance_tasks()

    def _enter_again(self) -> None:
        self.connection.delete(self.key)  # it holds only what was written since then, and no birth
        self.register_birth()
        with self.connection.pipeline() as pipeline:
            for execution in list(self.executions.values()):
                execution.job.save(pipeline=pipeline)
                execution.save(DEAD_AFTER, pipeline=pipeline)
                ExecutionRegistry(execution.job_id, pipeline).add(execution, DEAD_AFTER, pipeline)
                execution.job.started_job_registry.add_execution(execution, pipeline, DEAD_AFTER)
                pipeline.sadd(self.executions_key, execution.composite_key)
            pipeline.execute()

    def get_heartbeat_ttl(self, job: Job, working_time: float = 0.0) -> int:
        """Seconds for which RQ believes that a job runs: short, so that a killed worker is noticed soon."""
        return DEAD_AFTER

    def _unless_redis_is_away(self, do: Callable):
        """What ``do`` returns. If it fails, None after a moment."""
        try:
            return do()
        except redis.RedisError as error:
            self.log.warning("Worker %s: Redis is away: %s", self.name, error)
        except Exception:
            self.log.exception("Worker %s: a mistake", self.name)
        self.stopping.wait(LOOK_EVERY)
        return None
