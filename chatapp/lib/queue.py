"""Background jobs by RQ. The app queues them after the commit, and works on without Redis.

Anybody who can write to Redis can queue anything. So jobs are JSON, because a pickle runs code while it is read, and a
worker runs only the functions that it knows (``OwnJob``).
"""

import logging
from collections.abc import Callable
from math import ceil
from typing import ClassVar, NamedTuple

import redis
import rq
from flask import Flask
from redis.exceptions import RedisError
from rq.exceptions import DuplicateJobError, NoSuchJobError
from rq.executions import Execution
from rq.job import Job, JobStatus
from rq.serializers import JSONSerializer
from rq.utils import now

log = logging.getLogger(__name__)

#: Seconds without a sign of life after which the worker of a job counts as dead: RQ's own gives one every 30 seconds,
#: and a ``PatientWorker`` every 5.
DEAD_AFTER, DEAD_AFTER_WAITING = 100, 15
_UNDER_WAY = {JobStatus.QUEUED, JobStatus.STARTED, JobStatus.DEFERRED, JobStatus.SCHEDULED}


class OwnJob(Job):
    """Runs one of ``functions`` and nothing else.

    RQ would import anything that a job names, its callbacks included, and ask any address that it names when it ends.
    """

    #: The functions by the dotted names under which they are queued.
    functions: ClassVar[dict[str, Callable[..., None]]] = {}

    success_callback = failure_callback = stopped_callback = None

    def send_webhooks(self, *args, **options) -> None:
        """Sends nothing: no job of ours has webhooks."""

    @property
    def func(self) -> Callable[..., None]:
        if self.func_name not in self.functions:
            raise PermissionError(f"{self.func_name!r} is no job of this app")
        return self.functions[self.func_name]


class Standing(NamedTuple):
    """How a queue stands: the jobs that wait in it, the seconds that the first of them has waited, and the failed ones
    that RQ remembers."""

    jobs: int
    oldest: float
    failed: int


class Queue:
    """A Flask extension around two RQ queues: ``replies`` for jobs that mostly wait, and ``rq`` for all others."""

    #: The dotted names of jobs that mostly wait for other servers.
    waiting: ClassVar[set[str]] = set()

    def init_app(self, app: Flask, client: redis.Redis, job_timeout: float) -> None:
        """Requests wait for ``client``, so give it short timeouts. RQ needs it to answer with bytes.

        The worker breaks a job off after ``job_timeout`` seconds.
        """
        self.redis = client
        options = {"connection": client, "default_timeout": ceil(job_timeout), "serializer": JSONSerializer}
        self.rq, self.replies = rq.Queue("default", **options), rq.Queue("replies", **options)
        app.extensions["queue"] = self

    def queue_of(self, job: str) -> rq.Queue:
        """The queue in which this job waits for its worker."""
        return self.replies if job in self.waiting else self.rq

    def standing(self) -> dict[str, Standing]:
        """How the queues stand, by their names. Raises redis.RedisError."""
        return {queue.name: self._standing(queue) for queue in (self.replies, self.rq)}

    def _standing(self, queue: rq.Queue) -> Standing:
        first = queue.get_job_ids(0, 1)
        jobs = Job.fetch_many(first, connection=self.redis, serializer=JSONSerializer)
        waited = [(now() - job.enqueued_at).total_seconds() for job in jobs if job and job.enqueued_at]
        return Standing(queue.count, max(waited, default=0.0), queue.failed_job_registry.get_job_count(cleanup=False))

    def enqueue(self, job: str, *args: int | str) -> bool:
        """Queue ``job``, a dotted name, unless the same job with the same arguments is queued or running already.

        Returns False when Redis is away. The database must then show that the job is still to be done, so that the app
        can queue it again later.
        """
        job_id = "-".join([job, *map(str, args)]).replace(".", "-")
        try:
            self._enqueue_once(job, args, job_id)
        except (RedisError, OSError) as error:
            log.debug("%s waits until Redis is back: %s", job_id, error)
            return False
        return True

    def _enqueue_once(self, job: str, args: tuple[int | str, ...], job_id: str) -> None:
        queue = self.queue_of(job)
        try:
            queue.enqueue(job, *args, job_id=job_id, unique=True, result_ttl=0)
        except DuplicateJobError:
            if self._ended(job_id):
                queue.enqueue(job, *args, job_id=job_id, result_ttl=0)

    def _ended(self, job_id: str) -> bool:
        try:
            job = Job.fetch(job_id, connection=self.redis, serializer=JSONSerializer)
        except NoSuchJobError:
            return True
        if job.get_status() in _UNDER_WAY and not self._lost(job):
            return False
        self._forget_lost_executions(job)
        job.delete()
        return True

    def _forget_lost_executions(self, job: Job) -> None:
        """Forgets executions without signs of life. RQ keeps their names for another minute. Until then it can't delete
        the job, and nobody could queue it again."""
        for id in job.execution_registry.get_execution_ids():
            execution = Execution(id, job.id, self.redis)
            if not self.redis.exists(execution.key):
                execution.delete(job, self.redis)

    def _lost(self, job: Job) -> bool:
        """Whether a worker took the job and died: it is in no queue, and no execution gives signs of life."""
        queue = rq.Queue(job.origin, connection=self.redis, serializer=JSONSerializer)
        if queue.get_job_position(job.id) is not None:
            return False
        heartbeat = job.last_heartbeat or job.enqueued_at
        silence = DEAD_AFTER_WAITING if job.func_name in self.waiting else DEAD_AFTER
        return heartbeat is not None and (now() - heartbeat).total_seconds() > silence
