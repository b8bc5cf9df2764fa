"""The background worker: one process writes replies, many at once, and one does everything else.

A third one, their parent, starts them again when they die.
"""

import gc
import os
import threading
import time
from collections.abc import Callable
from uuid import uuid4

import redis
from rq import Worker
from rq.exceptions import InvalidJobOperation
from rq.job import JobStatus
from sqlalchemy.exc import SQLAlchemyError

from chatapp.extensions import db, metrics, queue
from chatapp.jobs import OWN_JOBS, know_all
from chatapp.jobs.desk import desk, hang_up_on_ended_replies, renew_leases
from chatapp.jobs.sweeps import (
    compare_storage,
    delete_expired_sessions,
    enqueue_forgotten_replies,
    enqueue_unfinished_deletions,
    enqueue_untold_looks,
    fill_search,
    forget_link_previews,
    settle_attachments,
    settle_link_previews,
)
from chatapp.jobs.vitals import REPORT_EVERY, report
from chatapp.lib.children import Children
from chatapp.lib.http_clients import certificates
from chatapp.lib.patient_worker import PatientWorker
from chatapp.lib.redis_client import patient_client
from wsgi import app

# Done here once, and not in every fork.
certificates()
know_all()

#: Seconds between two looks whether somebody has stopped a reply, between two renewals of the leases, and between two
#: looks for forgotten replies.
LOOK_EVERY, RENEW_EVERY, FIND_EVERY = 0.4, 2, 2
#: Seconds that replies have to end by themselves when the worker is asked to stop, and then to be handed over. Docker
#: kills after 10 seconds, Heroku after 30.
FINISH_WITHIN, HAND_OVER_WITHIN = 4, 5
#: Seconds for which the process for everything else may be silent: during a job, RQ looks every 30 seconds.
QUIET_FOR = 75
#: Seconds between two looks for everything else, and between two comparisons of the storage with the database.
SWEEP_EVERY = 5
COMPARE_EVERY = 24 * 60 * 60
#: The most seconds spent at a time on messages that the search does not know.
FILL_FOR = 30


class SweepingWorker(Worker):
    """An RQ worker that looks into the database while it has nothing to do."""

    max_connection_wait_time = 5.0  # seconds; RQ would wait for a minute after a longer outage
    asked_to_stop = False
    compared_at = reported_at = 0.0

    def handle_warm_shutdown_request(self) -> None:
        self.asked_to_stop = True
        super().handle_warm_shutdown_request()

    @property
    def dequeue_timeout(self) -> int:
        return SWEEP_EVERY

    @property
    def should_run_maintenance_tasks(self) -> bool:
        return True

    def execute_job(self, job, of) -> None:
        """Passes replies on: processes of the previous release, which know one queue, send them here."""
        if job.func_name not in queue.waiting:
            return self.execute_and_note(job, of)
        with self.connection.pipeline() as pipeline:
            queue.replies.enqueue_job(job, pipeline=pipeline)
            pipeline.lrem(of.intermediate_queue_key, 1, job.id)
            pipeline.execute()

    def execute_and_note(self, job, of) -> None:
        began = time.monotonic()
        super().execute_job(job, of)
        app.extensions["measures"].note_job(of.name, time.monotonic() - began, has_failed(job))

    def heartbeat(self, *arguments, **options) -> None:
        """Reports here: a thread would hold locks that a fork may never see released. RQ calls this all the time."""
        super().heartbeat(*arguments, **options)
        if time.monotonic() - self.reported_at > REPORT_EVERY:
            self.reported_at = time.monotonic()
            metrics.report()

    def run_maintenance_tasks(self) -> None:
        now_and_then = super().should_run_maintenance_tasks  # every ten minutes
        try:
            enqueue_unfinished_deletions()
            enqueue_untold_looks()
            settle_attachments()
            settle_link_previews()
            self.fill_search_while_idle()
            if now_and_then:
                delete_expired_sessions()
            if time.monotonic() - self.compared_at > COMPARE_EVERY or not self.compared_at:
                self.compared_at = time.monotonic()
                compare_storage()
                forget_link_previews()
        except SQLAlchemyError as error:
            self.log.warning("The database is away: %s", error)
        except OSError as error:
            self.log.warning("The storage of files is away: %s", error)
        if now_and_then:
            super().run_maintenance_tasks()

    def fill_search_while_idle(self) -> None:
        until = time.monotonic() + FILL_FOR
        while fill_search() and time.monotonic() < until and not queue.rq.count and not self.asked_to_stop:
            pass


def has_failed(job) -> bool:
    try:
        return job.get_status() == JobStatus.FAILED
    except InvalidJobOperation:  # RQ forgets a job that is done
        return False


def main() -> None:
    with app.app_context():
        # A fork must neither use nor close the connections of its parent.
        os.register_at_fork(after_in_child=lambda engine=db.engine: engine.dispose(close=False))
    gc.freeze()  # otherwise the collector would write to all memory that the children share
    Children(write_replies, do_everything_else).watch()


def write_replies() -> None:
    connection = redis_connection()
    wait_for(connection)
    name, at_once = f"replies-{uuid4().hex}", app.config["REPLIES_AT_ONCE"]
    worker = PatientWorker([queue.replies.name], name, connection=connection, at_once=at_once, **OWN_JOBS)
    metrics.kind, worker.note = "replies", app.extensions["measures"].note_job
    app.extensions["measures"].running.set_function(lambda: len(desk.claimed))
    every(LOOK_EVERY, hang_up_on_ended_replies)
    every(RENEW_EVERY, renew_leases)
    every(FIND_EVERY, enqueue_forgotten_replies)
    every(REPORT_EVERY, report)
    worker.run()
    time_to_finish = time.monotonic() + FINISH_WITHIN
    while worker.executions and time.monotonic() < time_to_finish:
        time.sleep(0.05)
    desk.hand_over()
    worker.end(within=HAND_OVER_WITHIN)
    metrics.leave()


def every(seconds: float, do: Callable[[], None]) -> None:
    """Call ``do()`` again and again, in a thread of its own."""

    def run() -> None:
        away = False
        while True:
            time.sleep(seconds)
            try:
                do()
                away = False
            except SQLAlchemyError as error:
                if not away:
                    app.logger.warning("The database is away: %s", error)
                away = True
            except Exception:
                app.logger.exception("%s broke", do.__name__)

    threading.Thread(target=run, daemon=True, name=do.__name__).start()


def do_everything_else() -> None:
    """Begins again when RQ has given up: it survives an outage of Redis only while it waits for a job."""
    connection = redis_connection()
    metrics.kind, metrics.lifetime = "jobs", QUIET_FOR
    while True:
        wait_for(connection)
        worker = SweepingWorker([queue.rq.name], connection=connection, **OWN_JOBS)
        try:
            worker.work()
        except redis.RedisError as error:
            app.logger.warning("The worker lost Redis: %s", error)
        if worker.asked_to_stop:
            metrics.leave()
            return
        time.sleep(1)


def redis_connection() -> redis.Redis:
    return patient_client(app.config["QUEUE_REDIS_URL"] or app.config["REDIS_URL"])


def wait_for(connection: redis.Redis) -> None:
    """Wait for Redis to be there: RQ does not start without it."""
    told = False
    while True:
        try:
            connection.ping()
            return
        except redis.RedisError as error:
            if not told:
                app.logger.warning("The worker waits for Redis: %s", error)
                told = True
            time.sleep(1)


if __name__ == "__main__":
    main()
