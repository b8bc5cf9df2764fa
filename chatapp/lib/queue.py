"""Background jobs: RQ, reached after the commit and survivable without Redis."""

import logging

import redis
import rq
from flask import Flask
from redis.exceptions import RedisError
from rq.exceptions import DuplicateJobError, NoSuchJobError
from rq.job import Job, JobStatus

log = logging.getLogger(__name__)

#: Seconds that one job may run.
JOB_TIMEOUT = 900
_UNDER_WAY = {JobStatus.QUEUED, JobStatus.STARTED, JobStatus.DEFERRED, JobStatus.SCHEDULED}


class Queue:
    """A Flask extension around one RQ queue."""

    def init_app(self, app: Flask, client: redis.Redis) -> None:
        """A request waits for ``client``, so give it short timeouts; RQ wants it to answer with bytes."""
        self.redis = client
        self.rq = rq.Queue("default", connection=client, default_timeout=JOB_TIMEOUT)
        app.extensions["queue"] = self

    def enqueue(self, job: str, *args: int) -> bool:
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

    def _enqueue_once(self, job: str, args: tuple[int, ...], job_id: str) -> None:
        try:
            self.rq.enqueue(job, *args, job_id=job_id, unique=True, result_ttl=0)
        except DuplicateJobError:
            if self._finished(job_id):
                self.rq.enqueue(job, *args, job_id=job_id, result_ttl=0)

    def _finished(self, job_id: str) -> bool:
        try:
            job = Job.fetch(job_id, connection=self.redis)
        except NoSuchJobError:
            return True
        if job.get_status() in _UNDER_WAY:
            return False
        job.delete()
        return True
