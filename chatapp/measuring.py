"""What this app counts of itself: requests and their SQL, jobs, refusals and mistakes. docs/metrics.md has the list."""

import logging
import os
import time
from collections.abc import Iterator
from contextvars import ContextVar

from flask import Flask, Response, request
from prometheus_client import Counter, Gauge, Histogram
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from sqlalchemy import Engine, event

from .extensions import link_previews, metrics, questions, turbo
from .lib.metrics import WAITING
from .lib.replica import Replica
from .lib.stream_metrics import StreamCollector
from .turbo.delays import BOUNDS as DELIVERY_BOUNDS
from .turbo.slices import sliced

GROUPS = ("pages", "messages", "changes", "signals", "streams", "files", "probes")
#: The group of a request, by the module of its view. All others are pages, or changes if they may change something.
GROUP_OF = {
    **dict.fromkeys(("streams",), "streams"),
    **dict.fromkeys(("typings", "reads", "sidebars"), "signals"),
    **dict.fromkeys(("assets", "attachments", "thumbnails", "uploads", "portraits", "assistant_portraits"), "files"),
    **dict.fromkeys(("health", "probes", "service_workers", "offline_pages"), "probes"),
}
SAFE = ("GET", "HEAD", "OPTIONS")
JOB_BOUNDS = (0.1, 0.5, 1.0, 5.0, 10.0, 30.0, 60.0, 180.0, 600.0)
STATEMENT_BOUNDS = (0, 1, 2, 5, 10, 20, 50, 100)
QUEUES = ("replies", "default")
STATUSES = ("2xx", "3xx", "4xx", "5xx")
#: Statements are counted by who sent them.
BY_REQUESTS, BY_OTHERS = "requests", "others"
PAGE_SIZE = os.sysconf("SC_PAGE_SIZE") if hasattr(os, "sysconf") else 4096


class Underway:
    """The request that this thread serves."""

    __slots__ = ("began", "statements")

    def __init__(self):
        self.began, self.statements = time.perf_counter(), 0


_underway: ContextVar[Underway | None] = ContextVar("underway", default=None)


class Measures:
    """The instruments of one app, in ``metrics.registry``."""

    def __init__(self, stream_limit: int, replica: Replica):
        to = {"registry": metrics.registry}
        self.requests = Histogram("plainwire_request_seconds", "Seconds until the answer of a request begins.",
                                  ["group"], buckets=WAITING, **to)  # fmt: skip
        self.statements = Histogram("plainwire_request_statements", "SQL statements of a request.",
                                    ["group"], buckets=STATEMENT_BOUNDS, **to)  # fmt: skip
        self.answers = Counter("plainwire_answers", "Answers by group and status.", ["group", "status"], **to)
        self.sql = Counter("plainwire_sql_statements", "SQL statements of requests and of others.", ["by"], **to)
        self.errors = Counter("plainwire_errors", "Lines of the level ERROR and above in the log.", **to)
        self.jobs = Histogram("plainwire_job_seconds", "Seconds that a job ran.",
                              ["queue", "result"], buckets=JOB_BOUNDS, **to)  # fmt: skip
        self.running = Gauge("plainwire_replies_running", "Replies that a worker is writing.", **to)
        self._of_requests, self._of_others = self.sql.labels(BY_REQUESTS), self.sql.labels(BY_OTHERS)
        # Looked up once: ``labels`` takes longer than counting.
        self._requests = {group: (self.requests.labels(group), self.statements.labels(group)) for group in GROUPS}
        self._answers = {
            (group, int(status[0])): self.answers.labels(group, status) for group in GROUPS for status in STATUSES
        }
        for queue in QUEUES:
            self.jobs.labels(queue, "done"), self.jobs.labels(queue, "failed")
        metrics.registry.register(SurveyCollector())
        metrics.registry.register(StreamCollector(turbo.hub, DELIVERY_BOUNDS, sliced))
        metrics.registry.register(ProcessCollector(self, stream_limit, replica))
        self.refused_by_rates = 0

    def note_request(self, done: Underway, status: int) -> None:
        self.note(group_of(request.blueprint, request.endpoint, request.method), done, status)

    def note(self, group: str, done: Underway, status: int) -> None:
        seconds, statements = self._requests[group]
        seconds.observe(time.perf_counter() - done.began)
        statements.observe(done.statements)
        self.note_statements(done)
        self._answers[group, status // 100].inc()
        self.refused_by_rates += status == 429

    def note_statement(self) -> None:
        done = _underway.get()
        if done is None:
            self._of_others.inc()
        else:
            done.statements += 1

    def note_statements(self, done: Underway) -> None:
        self._of_requests.inc(done.statements)

    def note_job(self, queue: str, seconds: float, failed: bool) -> None:
        self.jobs.labels(queue, "failed" if failed else "done").observe(seconds)


#: Gauges of the whole place, which one process measures for all; see models/vitals.py.
SURVEYED = (
    ("plainwire_queue_jobs", "Jobs that wait for a worker.", ["queue"]),
    ("plainwire_queue_oldest_seconds", "Seconds that the first job of a queue has waited.", ["queue"]),
    ("plainwire_queue_failed", "Failed jobs that RQ still remembers.", ["queue"]),
    ("plainwire_replies", "Replies that are not finished: leased, waiting, or abandoned by a worker.", ["state"]),
    ("plainwire_database_up", "Whether the database answered.", []),
    ("plainwire_database_seconds", "Seconds that it took to count the replies.", []),
)


class SurveyCollector:
    """Yields only the names: no process has these figures by itself."""

    def collect(self) -> Iterator[Metric]:
        return (GaugeMetricFamily(name, words, labels=labels) for name, words, labels in SURVEYED)


class ProcessCollector:
    """What this process is and uses, and what it refused."""

    def __init__(self, measures: Measures, stream_limit: int, replica: Replica):
        self.measures, self.stream_limit, self.replica = measures, stream_limit, replica

    def collect(self) -> Iterator[Metric]:
        kind, cpu = metrics.kind, time.process_time()
        yield of_kind(GaugeMetricFamily("plainwire_processes", "Processes that report.", labels=["kind"]), kind, 1)
        memory = GaugeMetricFamily("plainwire_memory_bytes", "Memory, shared parts included.", labels=["kind"])
        yield of_kind(memory, kind, resident())
        seconds = CounterMetricFamily("plainwire_cpu_seconds", "Seconds of a core.", labels=["kind"])
        yield of_kind(seconds, kind, cpu)
        limit = self.stream_limit if kind == "web" else 0
        yield GaugeMetricFamily("plainwire_stream_limit", "Streams that the web processes take.", limit)
        refused = CounterMetricFamily("plainwire_refused", "What limits refused.", labels=["limit"])
        refused.add_metric(["rate"], self.measures.refused_by_rates)
        refused.add_metric(["questions"], questions.refused)
        refused.add_metric(["link_previews"], link_previews.refused)
        yield refused
        reads = CounterMetricFamily("plainwire_replica_reads", "What could be read from the replica.", labels=["by"])
        for by in ("replica", "primary"):
            reads.add_metric([by], self.replica.figures[by])
        yield reads


def of_kind(family, kind: str, value: float):
    family.add_metric([kind], value)
    return family


def resident() -> int:
    """Bytes of memory; 0 where the system does not tell."""
    try:
        with open("/proc/self/statm") as pages:
            return int(pages.read().split()[1]) * PAGE_SIZE
    except OSError:
        return 0


def note_stream_in_line(app: Flask) -> None:
    """Counts an answer that began in front of Flask; see door.py."""
    app.extensions["measures"].note("streams", Underway(), 200)


def group_of(blueprint: str | None, endpoint: str | None, method: str) -> str:
    if endpoint == "messages.create":
        return "messages"
    return GROUP_OF.get(blueprint, "pages" if method in SAFE else "changes")


class CountErrors(logging.Handler):
    """Counts what is logged as an error."""

    def __init__(self, measures: Measures):
        super().__init__(logging.ERROR)
        self.measures = measures

    def emit(self, record: logging.LogRecord) -> None:
        self.measures.errors.inc()


def init_app(app: Flask, engine: Engine, replica: Replica) -> None:
    """Measures from before all other parts, so that the time of a request is all of it."""
    measures = app.extensions["measures"] = Measures(app.config["STREAMS_PER_PROCESS"], replica)
    logging.getLogger().addHandler(CountErrors(measures))

    def begin() -> None:
        _underway.set(Underway())

    def end(response: Response) -> Response:
        if (done := _underway.get()) is not None:
            _underway.set(None)
            measures.note_request(done, response.status_code)
        return response

    def forget(error) -> None:
        if (done := _underway.get()) is not None:  # it had no answer
            _underway.set(None)
            measures.note_statements(done)

    app.before_request_funcs.setdefault(None, []).insert(0, begin)
    app.after_request_funcs.setdefault(None, []).insert(0, end)
    app.teardown_request(forget)
    for asked in filter(None, (engine, replica.engine)):
        event.listen(asked, "before_cursor_execute", lambda *executed: measures.note_statement())
