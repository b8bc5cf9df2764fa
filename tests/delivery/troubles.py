"""What goes wrong beside the faults of a single change (faulty.py): servers, Redis, networks."""

import os
import random
import signal
import threading
from collections.abc import Callable
from dataclasses import dataclass

import psutil
import redis

from tests.clusters import SHARDS


@dataclass(frozen=True)
class Trouble:
    do: Callable
    weight: int
    #: The parts of the world without which it can't happen.
    needs: frozenset[str]


TROUBLES: dict[str, Trouble] = {}


def trouble(weight: int, *needs: str):
    def register(function):
        TROUBLES[function.__name__] = Trouble(function, weight, frozenset(needs))
        return function

    return register


# The page and its network. ``step.pick`` chooses the page.


@trouble(6)
def cut(run, step) -> None:
    """All connections of one way in break; the pages make new ones."""
    run.proxy(step.pick).cut_all()


@trouble(6)
def network(run, step) -> None:
    """From now on one way in does this to event streams, until the run is over or another fault takes its place."""
    proxy = run.proxy(step.pick)
    proxy.faults.clear()
    proxy.faults.streams_only = True
    name, value = NETWORKS[step.pick // 4 % len(NETWORKS)]  # each of them on each of the four ways in
    run.network_fault(name)
    if name in ("duplicate", "drop", "reorder"):
        run.doubt_the_wire(proxy)
    setattr(proxy.faults, name, value)
    if name not in ("split", "delay", "duplicate", "drop", "reorder"):
        proxy.cut_all()


NETWORKS = [
    ("split", True), ("delay", 0.02), ("duplicate", True), ("hold_one_back", True), ("hold_until_end", True),
    ("cut_at", 150), ("cut_at", 700), ("cut_at", 2500), ("black_hole", True), ("status", 502), ("status", 503),
    ("status", 200), ("drop_last_event_id", True), ("refuse_upgrade", True),
    *[("drop", True), ("drop", True), ("reorder", True)] * 2,  # which need changes after them to do anything
]  # fmt: skip


@trouble(1)
def lose_answers(run, step) -> None:
    """What the browser's page sends this way arrives, and it does not hear of it."""
    run.proxy(step.pick).faults.lose_answers = True


@trouble(4)
def join(run, step) -> None:
    """Somebody opens the page in the middle of it all, from a database that takes its time."""
    run.open_page(step.pick, fault=f"slow:{step.pick % 12}")


@trouble(2)
def scroll_up(run, step) -> None:
    run.scroll_up(step.pick)


@trouble(1)
def scroll_down(run, step) -> None:
    run.scroll_down(step.pick)


# The servers


@trouble(2)
def kill_web(run, step) -> None:
    """Any time, anywhere."""
    for child in psutil.Process(run.world.web[step.pick % 2].pid).children():
        os.kill(child.pid, signal.SIGKILL)


@trouble(2)
def reload_web(run, step) -> None:
    """A new process takes over; the old one ends its streams and goes."""
    master = psutil.Process(run.world.web[step.pick % 2].pid)
    run.world.leaving += master.children()
    master.send_signal(signal.SIGHUP)


@trouble(1)
def restart_redis(run, step) -> None:
    run.world.redis.restart()


@trouble(1)
def kill_redis(run, step) -> None:
    run.world.redis.kill9()
    run.world.redis.start()


@trouble(2)
def hang_redis(run, step) -> None:
    """For a while it takes connections and answers nothing; for less than a request waits for it, or for longer."""
    run.world.redis.hang()
    threading.Timer(HANGS[step.pick % len(HANGS)], run.world.redis.go_on).start()


HANGS = (0.5, 1.0, 1.5, 2.0)  # seconds


@trouble(2)
def flush_redis(run, step) -> None:
    run.world.redis_client.flushall()


@trouble(4)
def kill_subscriptions(run, step) -> None:
    client: redis.Redis = run.world.redis_client
    for server in [client, *(server.client for server in run.world.carriers)]:
        server.client_kill_filter(_type="pubsub")


# The cluster, which then carries the live changes


@trouble(3, "cluster")
def kill_a_primary(run, step) -> None:
    """Its replica takes over within seconds; the dead one comes back as the replica."""
    cluster = run.world.cluster.wait_until_whole()
    leader = cluster.primary_of(step.pick % SHARDS)
    leader.kill9()
    threading.Timer(DEAD_FOR[step.pick % len(DEAD_FOR)], leader.come_back).start()


DEAD_FOR = (0.2, 1.0, 4.0)  # seconds


@trouble(3, "cluster")
def move_a_shard(run, step) -> None:
    """An orderly change of the primary, as when somebody replaces a machine."""
    run.world.cluster.wait_until_whole().follower_of(step.pick % SHARDS).take_over()


@trouble(1, "postgres")
def restart_postgres(run, step) -> None:
    run.world.postgres.restart()


def pause(pick: int) -> float:
    """Seconds between two steps: often none."""
    return random.Random(pick).choice([0, 0, 0, 0.01, 0.03, 0.06])
