"""How the whole place is doing: the figures that one process measures for all, and a point for each half minute.

It lives in Redis only (decision 0065). LastHour makes the page of the administrators from the points.
"""

import json
import time
from collections.abc import Iterable, Mapping
from math import inf

from redis import RedisError
from sqlalchemy import Row, and_, false, func, not_, select
from sqlalchemy.exc import SQLAlchemyError

from chatapp.extensions import db, metrics, queue
from chatapp.lib.history import History
from chatapp.lib.metrics import WAITING, Values, key
from chatapp.turbo.delays import BOUNDS

from .message import Message
from .mixins.leased import is_abandoned, is_leased

#: Seconds between two points, and the number of points kept: an hour, and one before it.
STEP, POINTS = 30, 122
#: Steps for which a survey counts.
COUNTS_FOR = 3
#: The requests of people. Files and probes come by themselves, and a stream takes no time until it begins.
OF_PEOPLE = ("pages", "messages", "changes", "signals")


class Vitals:
    """The points, and the figures of all processes together."""

    @property
    def history(self) -> History:
        return History(metrics.redis, "metrics:points", STEP, POINTS)

    def note(self) -> None:
        """Measure the place and note a point, unless another process has done so in this half minute."""
        try:
            if self.history.take_turn():
                metrics.survey(survey(), COUNTS_FOR * STEP)
                self.history.note(point(metrics.together()))
        except (RedisError, OSError):
            pass  # the place has a gap where Redis was away


def survey() -> Values:
    """The gauges that belong to no process: queues, replies and the database. Raises redis.RedisError."""
    gauges = {}
    for name, standing in queue.standing().items():
        gauges[key("plainwire_queue_jobs", queue=name)] = standing.jobs
        gauges[key("plainwire_queue_oldest_seconds", queue=name)] = round(standing.oldest, 1)
        gauges[key("plainwire_queue_failed", queue=name)] = standing.failed
    return gauges | replies()


def replies() -> Values:
    """The gauges that the database counts, and how quickly it answers."""
    began = time.perf_counter()
    try:
        counts = count_replies()
    except (SQLAlchemyError, TimeoutError):
        db.session.rollback()
        return {key("plainwire_database_up"): 0}
    states = {key("plainwire_replies", state=state): count for state, count in counts._mapping.items()}
    seconds = round(time.perf_counter() - began, 4)
    return states | {key("plainwire_database_up"): 1, key("plainwire_database_seconds"): seconds}


def count_replies() -> Row:
    """Counts the unfinished replies by state. A waiting one is in a queue, or waits for its turn in its chat."""
    leased, abandoned = is_leased(Message), func.coalesce(is_abandoned(Message), false())
    query = select(
        func.count().filter(leased).label("leased"),
        func.count().filter(and_(abandoned, not_(leased))).label("abandoned"),
        func.count().filter(and_(not_(abandoned), not_(leased))).label("waiting"),
    )
    return db.session.execute(query.select_from(Message).where(Message.is_generating())).one()


def point(together: Values) -> dict:
    """What the page needs of the figures of all processes: totals, which only grow, and levels; see ``LastHour``."""
    values = Together(together)
    return {
        "streams": values.sum("turbo_connections"),
        "limit": values.sum("plainwire_stream_limit"),
        "behind": values.sum("turbo_readers_behind"),
        "deliveries": values.sum("turbo_events_total", event=("deliveries",)),
        "delays": values.buckets("turbo_delivery_seconds", BOUNDS),
        "requests": values.buckets("plainwire_request_seconds", WAITING, group=OF_PEOPLE),
        "statements": values.sum("plainwire_request_statements_sum", group=OF_PEOPLE),
        "catch_ups": values.sum("turbo_events_total", event=("catch_ups",)),
        "gap_fills": values.sum("turbo_events_total", event=("gap_fills",)),
        "losses": values.sum("turbo_events_total", event=("heartbeat_fills", "head_fills")),
        "cut_off": values.sum("turbo_events_total", event=("cut_off",)),
        "put_off": values.sum("turbo_events_total", event=("put_off",)),
        "refused": values.sum("plainwire_refused_total"),
        "broken": values.sum("plainwire_answers_total", status=("5xx",)),
        "failed_jobs": values.sum("plainwire_job_seconds_count", result=("failed",)),
        "writing": values.sum("plainwire_replies_running"),
        "waiting": values.sum("plainwire_replies", state=("waiting",)),
        "abandoned": values.sum("plainwire_replies", state=("abandoned",)),
        "jobs": values.by("plainwire_queue_jobs", "queue"),
        "oldest": values.by("plainwire_queue_oldest_seconds", "queue"),
        "processes": values.by("plainwire_processes", "kind"),
        "database_up": values.sum("plainwire_database_up"),
        "database_seconds": values.sum("plainwire_database_seconds"),
    }


class Together:
    """Figures by their names and labels."""

    def __init__(self, values: Mapping[str, float]):
        self.samples: dict[str, list[tuple[dict, float]]] = {}
        for name, value in values.items():
            sample, labels = json.loads(name)
            self.samples.setdefault(sample, []).append((labels, value))

    def sum(self, name: str, **chosen: Iterable[str]) -> float:
        return round(sum(value for _, value in self._chosen(name, chosen)), 4)

    def by(self, name: str, label: str) -> dict[str, float]:
        return {labels[label]: value for labels, value in self.samples.get(name, ())}

    def buckets(self, name: str, bounds: Iterable[float], **chosen: Iterable[str]) -> list[float]:
        """How many lie in each bucket of a histogram, and above the last bound."""
        running: dict[float, float] = {}
        for labels, value in self._chosen(f"{name}_bucket", chosen):
            bound = float(labels["le"])
            running[bound] = running.get(bound, 0.0) + value
        up_to = [running.get(bound, 0.0) for bound in (*bounds, inf)]
        return [upper - lower for upper, lower in zip(up_to, [0.0, *up_to], strict=False)]

    def _chosen(self, name: str, chosen: Mapping[str, Iterable[str]]) -> list[tuple[dict, float]]:
        found = self.samples.get(name, ())
        return [one for one in found if all(one[0].get(label) in values for label, values in chosen.items())]
