"""The background worker: replies of the assistant, and what was forgotten while something was away."""

import os
import time

import redis
from rq import Worker
from sqlalchemy.exc import SQLAlchemyError

from chatapp.extensions import db, queue
from chatapp.jobs import OWN_JOBS, attachments, deletions, faces, link_previews, replies  # noqa: F401  not in every fork
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
from chatapp.lib.http_clients import certificates
from wsgi import app

certificates()  # read here once, and not in every fork

#: Seconds between two looks for forgotten replies, and between two comparisons of the storage with the database.
SWEEP_EVERY = 5
COMPARE_EVERY = 24 * 60 * 60
#: Seconds that go at a time into messages which the search does not know. A reply that somebody waits for goes first.
FILL_FOR = 30


class SweepingWorker(Worker):
    """An RQ worker that looks into the database while it has nothing to do."""

    max_connection_wait_time = 5.0  # seconds; RQ would wait for a minute after a longer outage
    asked_to_stop = False
    compared_at = 0.0

    def handle_warm_shutdown_request(self) -> None:
        self.asked_to_stop = True
        super().handle_warm_shutdown_request()

    @property
    def dequeue_timeout(self) -> int:
        return SWEEP_EVERY

    @property
    def should_run_maintenance_tasks(self) -> bool:
        return True

    def run_maintenance_tasks(self) -> None:
        now_and_then = super().should_run_maintenance_tasks  # every ten minutes
        try:
            enqueue_forgotten_replies()
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


def main() -> None:
    with app.app_context():
        # A fork may not use the connections of its parent, nor close them.
        os.register_at_fork(after_in_child=lambda engine=db.engine: engine.dispose(close=False))
    work_until_asked_to_stop(redis.Redis.from_url(app.config["REDIS_URL"], socket_connect_timeout=5))


def work_until_asked_to_stop(connection: redis.Redis) -> None:
    """Begin again when RQ has given up: it survives an outage of Redis only while it waits for a job."""
    while True:
        wait_for(connection)
        worker = SweepingWorker([queue.rq.name], connection=connection, **OWN_JOBS)
        try:
            worker.work()
        except redis.RedisError as error:
            app.logger.warning("The worker lost Redis: %s", error)
        if worker.asked_to_stop:
            return
        time.sleep(1)


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
