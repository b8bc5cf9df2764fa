import os
import re

import pytest
from flask import Flask
from prometheus_client import Counter, Gauge, Histogram
from redis import Redis

from chatapp.lib.metrics import Metrics, key
from tests.servers import free_port, redis_server, wait_until


class Process:
    """Stands for a process: figures and a report of its own."""

    def __init__(self, url: str):
        self.metrics = Metrics("app")
        client = Redis.from_url(url, socket_timeout=0.5, socket_connect_timeout=0.5)
        self.metrics.init_app(Flask("metrics"), client)
        self.sent = Counter("app_sent", "Things sent.", ["to"], registry=self.metrics.registry)
        self.open = Gauge("app_open", "Open things.", registry=self.metrics.registry)
        self.took = Histogram("app_seconds", "Seconds.", buckets=(0.1, 1.0), registry=self.metrics.registry)
        self.sent.labels("all")

    def told(self) -> dict[str, float]:
        """Its samples by their names and labels, without the comments."""
        lines = self.metrics.text().decode().splitlines()
        return {name: float(value) for name, value in (line.rsplit(" ", 1) for line in lines if line[0] != "#")}


@pytest.fixture
def url(redis):
    """A database of its own in the Redis of this process."""
    url = redis.url.removesuffix("0") + "6"
    with Redis.from_url(url) as client:
        client.flushdb()
    return url


@pytest.fixture
def processes(url):
    found = Process(url), Process(url)
    yield found
    for process in found:
        process.metrics.redis.close()


def test_figures_are_read_by_the_iterator_that_lets_others_run(url):
    metrics, read = Metrics("app", sliced=lambda things: read.append(families := list(things)) or families), []
    with Redis.from_url(url) as client:
        metrics.init_app(Flask("metrics"), client)
        Counter("app_sent", "Things sent.", registry=metrics.registry).inc()
        assert b"app_sent_total 1" in metrics.text()
    assert {family.name for families in read for family in families} == {"app_sent"}


def test_whoever_is_asked_tells_the_figures_of_all(processes):
    one, other = processes
    one.sent.labels("all").inc(3), one.open.set(2), one.took.observe(0.5)
    other.sent.labels("all").inc(4), other.open.set(5), other.took.observe(0.05)
    one.metrics.report()
    for told in (other.told(), one.told()):
        assert told['app_sent_total{to="all"}'] == 7
        assert told["app_open"] == 7
        assert told['app_seconds_bucket{le="0.1"}'] == 1
        assert told['app_seconds_bucket{le="+Inf"}'] == told["app_seconds_count"] == 2
        assert told["app_metrics_complete"] == 1


def test_the_buckets_of_a_histogram_come_in_the_order_of_their_bounds(processes):
    text = processes[0].metrics.text().decode()
    assert re.findall(r'app_seconds_bucket\{le="(.+?)"\}', text) == ["0.1", "1.0", "+Inf"]
    assert text.index("# TYPE app_seconds histogram") < text.index("app_seconds_bucket")


def test_what_has_been_told_is_not_added_again(processes):
    one, other = processes
    one.sent.labels("all").inc()
    for _ in range(3):
        one.metrics.report()
    assert other.told()['app_sent_total{to="all"}'] == 1


def test_a_dead_process_takes_its_gauges_along_and_leaves_its_counts(processes):
    one, other = processes
    one.sent.labels("all").inc(3), one.open.set(2)
    one.metrics.report()
    assert other.told()["app_open"] == 2
    one.metrics.lifetime = 1
    one.metrics.report()
    wait_until(lambda: other.told()["app_open"] == 0)
    assert other.told()['app_sent_total{to="all"}'] == 3


def test_a_process_that_ends_takes_its_gauges_along_at_once(processes):
    one, other = processes
    one.sent.labels("all").inc(3), one.open.set(2)
    one.metrics.report()
    one.sent.labels("all").inc()
    one.metrics.leave()
    assert (other.told()["app_open"], other.told()['app_sent_total{to="all"}']) == (0, 4)


def test_a_report_whose_answer_got_lost_counts_once(tmp_path):
    with redis_server(tmp_path) as redis:
        one, other = Process(redis.url), Process(redis.url)
        one.metrics.report()
        one.sent.labels("all").inc(3)
        redis.hang()
        assert not one.metrics.report()  # Redis gets it all the same, and answers nobody
        redis.go_on()
        one.sent.labels("all").inc()
        assert wait_until(one.metrics.report) and one.metrics.report()
        assert other.told()['app_sent_total{to="all"}'] == 4


def test_without_redis_a_process_tells_its_own_figures_and_says_so():
    alone = Process(f"redis://127.0.0.1:{free_port()}/0")
    alone.sent.labels("all").inc(3)
    told = alone.told()
    assert told.pop("app_metrics_complete") == 0
    assert all("process=" in name for name in told)
    assert next(value for name, value in told.items() if name.startswith("app_sent_total")) == 3


def test_what_was_counted_in_an_outage_is_told_after_it(tmp_path):
    with redis_server(tmp_path) as redis:
        one = Process(redis.url)
        one.sent.labels("all").inc()
        one.metrics.report()
        redis.hang()
        one.sent.labels("all").inc(2)
        assert one.told()["app_metrics_complete"] == 0
        redis.go_on()
        assert wait_until(lambda: one.told()["app_metrics_complete"])
        assert one.told()['app_sent_total{to="all"}'] == 3


def test_a_redis_that_forgets_everything_begins_anew_with_all_names(processes):
    one, other = processes
    one.sent.labels("all").inc(3)
    one.sent.labels("some")
    one.metrics.report()
    one.metrics.redis.flushdb()
    one.metrics.report(), one.metrics.report()
    assert other.told() == other.told() | {'app_sent_total{to="all"}': 0, 'app_sent_total{to="some"}': 0}


def test_a_fork_tells_nothing_that_its_parent_tells(processes):
    one, other = processes
    one.sent.labels("all").inc()
    one.metrics.report()
    child = os.fork()
    if child == 0:
        one.sent.labels("all").inc(100)
        one.metrics.report()
        os._exit(0)
    os.waitpid(child, 0)
    assert other.told()['app_sent_total{to="all"}'] == 1


def test_figures_of_another_release_are_left_to_its_processes(processes):
    one, other = processes
    one.metrics.redis.hset("metrics:totals", key("later_total", to="all"), 5)
    assert "later" not in other.metrics.text().decode()


def test_a_survey_counts_for_its_time(processes):
    one, other = processes
    one.metrics.survey({key("app_open"): 9}, lifetime=600)
    assert other.told()["app_open"] == 9
    one.metrics.survey({key("app_open"): 9}, lifetime=1)
    wait_until(lambda: other.told()["app_open"] == 0)
