"""Background jobs by RQ. The app queues them after the commit, and works on without Redis.

Anybody who can write to Redis can queue anything. So jobs are JSON, because a pickle runs code while it is read, and a
worker runs only the functions that it knows (``OwnJob``).
"""

import logging
from collections.abc import Callable
from math import ceil
from typing import ClassVar

import redis
import rq
from flask import Flask
from redis.exceptions import RedisError
from rq.exceptions import DuplicateJobError, NoSuchJobError
from rq.job import Job, JobStatus
from rq.serializers import JSONSerializer

log = logging.getLogger(__name__)

_UNDER_WAY = {JobStatus.QUEUED, JobStatus.STARTED, JobStatus.DEFERRED, JobStatus.SCHEDULED}


class OwnJob(Job):
    """Runs one of ``functions`` and nothing else.

    RQ would import whatever a job names, its callbacks included, and ask whatever address it names when it has ended.
    """

    #: By the dotted names under which they are queued.
    functions: ClassVar[dict[str, Callable[..., None]]] = {}

    success_callback = failure_callback = stopped_callback = None

    def send_webhooks(self, *args, **options) -> None:
        """No job of ours has any."""

    @property
    def func(self) -> Callable[..., None]:
        if self.func_name not in self.functions:
            raise PermissionError(f"{self.func_name!r} is no job of this app")
        return self.functions[self.func_name]


class Queue:
    """A Flask extension around one RQ queue."""

    def init_app(self, app: Flask, client: redis.Redis, job_timeout: float) -> None:
        """Requests wait for ``client``, so give it short timeouts. RQ needs it to answer with bytes.

        The worker breaks a job off after ``job_timeout`` seconds.
        """
        self.redis = client
        self.rq = rq.Queue("default", connection=client, default_timeout=ceil(job_timeout), serializer=JSONSerializer)
        app.extensions["queue"] = self

    def enqueue(self, job: str, *args: int | str) -> bool:
        """Queue ``job``, a dotted name, unless the same job with the same arguments is queued or running already.

        Answers False when Redis is away: whoever needs the job done must be able to see that in the
        database and ask again later.
        """
        job_id = "-".join([job, *map(str, args)]).replace(".", "-")
        try:
            self._enqueue_once(job, args, job_id)
        except (RedisError, OSError) as error:
            log.debug("%s waits until Redis is back: %s", job_id, error)
            return False
        return True

    def _enqueue_once(self, job: str, args: tuple[int | str, ...], job_id: str) -> None:
        try:
            self.rq.enqueue(job, *args, job_id=job_id, unique=True, result_ttl=0)
        except DuplicateJobError:
            if self._finished(job_id):
                self.rq.enqueue(job, *args, job_id=job_id, result_ttl=0)

    def _finished(self, job_id: str) -> bool:
        try:
            job = Job.fetch(job_id, connection=self.redis, serializer=JSONSerializer)
        except NoSuchJobError:
            return True
        if job.get_status() in _UNDER_WAY:
            return False
        job.delete()
        return True
