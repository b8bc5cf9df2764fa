"""The figures of all processes together, in Prometheus's form.

A scrape reaches one process of many, on one machine of several. So each process adds what it has counted since its last
report to sums in Redis, and puts its gauges beside them. The process that is scraped answers with the sums.
"""

import json
import os
import secrets
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from typing import NamedTuple

import redis
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric, Sample

TOTALS, GAUGES, UNTIL, SURVEY = "metrics:totals", "metrics:gauges", "metrics:until", "metrics:survey"
#: Seconds for which the gauges of a process count after its last report.
LIFETIME = 20
#: Seconds for which the sums stay when nobody reports, and for which the number of a report is remembered.
KEPT, REMEMBERED = 7 * 24 * 3600, 3600

#: Adds one report, unless it was added before: an answer of Redis may get lost, and the report then comes again. Drops
#: the gauges of processes that are gone, by Redis's own clock, because the clocks of machines differ. Returns 0 if
#: there were no sums before.
ADD = """
local id, number, lifetime = ARGV[1], ARGV[2], tonumber(ARGV[3])
local now = tonumber(redis.call('TIME')[1])
for _, gone in ipairs(redis.call('ZRANGEBYSCORE', KEYS[3], '-inf', now)) do
  redis.call('HDEL', KEYS[2], gone)
  redis.call('ZREM', KEYS[3], gone)
end
redis.call('HSET', KEYS[2], id, ARGV[4])
redis.call('ZADD', KEYS[3], now + lifetime, id)
local known = redis.call('EXISTS', KEYS[1])
if redis.call('GET', KEYS[4]) == number then return known end
redis.call('SET', KEYS[4], number, 'EX', ARGV[5])
for place = 7, #ARGV, 2 do redis.call('HINCRBYFLOAT', KEYS[1], ARGV[place], ARGV[place + 1]) end
redis.call('EXPIRE', KEYS[1], ARGV[6])
return known
"""

#: Upper bounds in seconds, for what people wait for.
WAITING = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)

#: The values of samples by their ``key``.
Values = dict[str, float]


class Report(NamedTuple):
    """What one report adds to the sums, and what has been counted in all by then."""

    number: int
    counted: Values
    added: Values


def key(name: str, **labels: str) -> str:
    """``'["turbo_events_total",{"event":"frames"}]'``, the name under which Redis keeps a sample."""
    return json.dumps([name, labels], sort_keys=True, separators=(",", ":"))


class Metrics:
    """A Flask extension. Register metrics with ``registry``, which has the figures of this process alone.

    The sums never become smaller, whichever process ends. The gauges are those of the processes that report: the ones
    of a dead process are gone after ``lifetime`` seconds. Without Redis a process gives its own figures, and says that
    they are not all.
    """

    #: What this process is for.
    kind = "web"

    def __init__(self, name: str, sliced: Callable[[Iterable], Iterable] = iter):
        """``name`` is the prefix of the metric that this class adds itself: ``<name>_metrics_complete``.

        ``sliced(things)`` iterates over many things, and may let other threads run in between.
        """
        self.name, self.sliced = name, sliced

    def init_app(self, app, client: redis.Redis) -> None:
        """Reports wait for ``client``, so give it short timeouts."""
        self.redis, self.registry, self.lifetime = client, CollectorRegistry(), LIFETIME
        self._add = client.register_script(ADD)
        self._lock = threading.Lock()
        self._pid, self._id = 0, ""
        self._sent: Values = {}
        self._known: set[str] = set()  # also those that are 0
        self._report: Report | None = None  # one that may have got lost
        self._number = 0
        app.extensions["metrics"] = self

    def report(self) -> bool:
        """Add this process's figures to the sums. False where Redis is away; the figures then go with the next report.

        A fork of a reporting process has copies of its figures, so it does not report them.
        """
        with self._lock:
            if not self._pid:
                self._pid, self._id = os.getpid(), f"{os.getpid()}-{secrets.token_hex(4)}"
            if self._pid != os.getpid():
                return True
            try:
                self._tell()
            except (redis.RedisError, OSError):
                return False
            return True

    def leave(self) -> None:
        """Report for the last time, and remove the gauges of this process at once."""
        if not self._pid or self._pid != os.getpid() or not self.report():
            return
        with suppress(redis.RedisError, OSError):
            self.redis.pipeline().hdel(GAUGES, self._id).zrem(UNTIL, self._id).execute()

    def survey(self, gauges: Values, lifetime: int) -> None:
        """Set gauges of the whole installation, which count for ``lifetime`` seconds. Raises redis.RedisError."""
        self.redis.set(SURVEY, json.dumps(gauges), ex=lifetime)

    def together(self) -> Values:
        """The figures of all processes as of their last reports, by ``key``. Raises redis.RedisError."""
        totals, gauges, survey = self.redis.pipeline().hgetall(TOTALS).hvals(GAUGES).get(SURVEY).execute()
        values = {name.decode(): float(value) for name, value in totals.items()}
        for one in gauges:
            for name, value in json.loads(one).items():
                values[name] = values.get(name, 0.0) + value
        return values | (json.loads(survey) if survey else {})

    def text(self, alone: bool = False) -> bytes:
        """The figures of all processes, for Prometheus.

        With Redis away, or with ``alone``, those of this process only, each with the label ``process``. The label makes
        them other series, so that no sum seems to begin anew.
        """
        counted, gauges = self._read()
        try:
            if alone or not self.report():
                raise redis.ConnectionError("the report did not arrive")
            values, labels = dict.fromkeys(counted, 0.0) | self.together(), {}
        except (redis.RedisError, OSError):
            values, labels = counted | gauges, {"process": self._id or str(os.getpid())}
        return generate_latest(_Told(self._families(values, labels), f"{self.name}_metrics_complete", not labels))

    def _tell(self) -> None:
        counted, gauges = self._read()
        if self._report is None:
            added = {name: value - self._sent.get(name, 0.0) for name, value in counted.items()}
            news = {name: value for name, value in added.items() if value > 0 or name not in self._known}
            self._number += 1
            self._report = Report(self._number, counted, news)
        told = self._report
        additions = [part for name, value in told.added.items() for part in (name, repr(value))]
        arguments = [self._id, told.number, self.lifetime, json.dumps(gauges), REMEMBERED, KEPT, *additions]
        known = self._add(keys=[TOTALS, GAUGES, UNTIL, f"metrics:number:{self._id}"], args=arguments, client=self.redis)
        self._sent, self._report = told.counted, None
        self._known = self._known | told.added.keys() if known else set(told.added)

    def _read(self) -> tuple[Values, Values]:
        """What this process has counted since its start, and its gauges."""
        counted, gauges = {}, {}
        for family in self.sliced(self.registry.collect()):
            found = gauges if family.type == "gauge" else counted
            for sample in family.samples:
                if not sample.name.endswith("_created"):
                    found[key(sample.name, **sample.labels)] = sample.value
        return counted, gauges

    def _families(self, values: Mapping[str, float], labels: dict[str, str]) -> Iterator[Metric]:
        """The registry's families with these values. Leaves out figures that only another release has."""
        found: dict[str, list[Sample]] = {}
        for name, value in values.items():
            sample, own = json.loads(name)
            found.setdefault(sample, []).append(Sample(sample, own | labels, value))
        for family in self.sliced(self.registry.collect()):
            told = Metric(family.name, family.documentation, family.type)
            samples = [sample for name in sample_names(family) for sample in found.get(name, ())]
            told.samples = sorted(samples, key=_place)
            yield told


def sample_names(family: Metric) -> tuple[str, ...]:
    """The names of its samples: ``("x_seconds_bucket", "x_seconds_sum", "x_seconds_count")``."""
    endings = {"counter": ("_total",), "histogram": ("_bucket", "_sum", "_count")}.get(family.type, ("",))
    return tuple(family.name + ending for ending in endings)


def _place(sample: Sample) -> tuple:
    """Prometheus wants the buckets of a histogram in the order of their bounds, and its sum after them."""
    labels = sorted((name, value) for name, value in sample.labels.items() if name != "le")
    return labels, not sample.name.endswith("_bucket"), float(sample.labels.get("le", 0)), sample.name


class _Told:
    """What ``generate_latest`` writes down."""

    def __init__(self, families: Iterable[Metric], complete: str, whole: bool):
        self.families, self.complete, self.whole = families, complete, whole

    def collect(self) -> Iterator[Metric]:
        words = "1 where these are the figures of all processes; 0 where Redis is away and they are of one."
        yield GaugeMetricFamily(self.complete, words, float(self.whole))
        yield from self.families
