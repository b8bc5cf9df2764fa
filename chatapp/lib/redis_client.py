"""The one Redis client of a process, with a circuit breaker: a Redis that hangs costs one timeout, not one each.

What fails at once, such as a refused connection, costs nothing, and the next command tries again. What fails slowly
opens the circuit: for ``PAUSE`` seconds every command of every user of the client fails immediately, with
redis.ConnectionError, and after that one caller tries while the others still fail.
"""

import logging
import threading
import time
from collections.abc import Callable
from functools import partial
from typing import TypeVar

import redis
import redis.sentinel
from redis.backoff import NoBackoff
from redis.cluster import ClusterNode, RedisCluster
from redis.retry import Retry

from .redis_address import SENTINEL, Hosts, hosts_of, kind_of

T = TypeVar("T")

log = logging.getLogger(__name__)

#: Seconds that a request waits for Redis: for a connection, and for each answer.
TIMEOUT = 1.0
#: Seconds after which a failure counts as a slow one.
SLOW = 0.5
#: Seconds for which a Redis that failed slowly is left alone.
PAUSE = 3.0
#: Connections to Redis. When a thousand streams end at once, each counts itself out, and small servers allow few.
CONNECTIONS = 10
#: Set explicitly, because redis-py's own default is ten tries: a timeout must not be multiplied.
NO_RETRY = Retry(NoBackoff(), 0)


def waits() -> dict:
    """The options of a pool that limit how long a request waits."""
    timeouts = dict.fromkeys(("timeout", "socket_connect_timeout", "socket_timeout"), TIMEOUT)
    return timeouts | {"max_connections": CONNECTIONS, "protocol": 2, "retry": NO_RETRY}


def client(url: str) -> redis.Redis:
    """A client for the server of ``url``, see ``redis_address``. All threads may share it. It answers with bytes.

    Other clients may share its ``connection_pool``, and with it the circuit, which belongs to the connections.
    """
    return Client.from_pool(GuardedPool(**waits(), **server_of(url)))


def patient_client(url: str) -> redis.Redis:
    """A client for the same server, for a process that may wait for Redis as long as it takes."""
    return redis.Redis.from_pool(redis.ConnectionPool(socket_connect_timeout=5, **server_of(url)))


def cluster(url: str) -> RedisCluster:
    """A client for the cluster of ``url``, with a circuit for each of its servers.

    Raises redis-py's errors where none of the named servers answers.
    """
    hosts = hosts_of(url)
    nodes = [ClusterNode(*address) for address in hosts.addresses[1:]]
    return RedisCluster(url=hosts.url, startup_nodes=nodes, connection_pool_class=GuardedPool, **waits())


def server_of(url: str) -> dict:
    """The options of a pool that say where the server is."""
    if kind_of(url) != SENTINEL:
        return redis.connection.parse_url(url)
    hosts = hosts_of(url)
    options = redis.connection.parse_url(hosts.url)
    base = options.get("connection_class", redis.Connection)
    led = type("LedConnection", (Led, base), {"lead": staticmethod(partial(primary_of, hosts))})
    return options | {"connection_class": led}


def primary_of(hosts: Hosts) -> tuple[str, int]:
    """Host and port, as a Sentinel names them. Raises redis.ConnectionError if none does."""
    # A new one each time: threads that share one of redis-py's shuffle its list of servers until some are lost.
    sentinel = redis.Sentinel(hosts.addresses, socket_timeout=TIMEOUT, socket_connect_timeout=TIMEOUT)
    try:
        return sentinel.discover_master(hosts.service)
    except redis.sentinel.MasterNotFoundError:
        raise redis.ConnectionError(f"no Sentinel knows a primary of {hosts.service!r}") from None
    finally:
        for asked in sentinel.sentinels:
            asked.close()


class Client(redis.Redis):
    """redis-py's client without its retries and its telemetry, which take as long as all else about a command."""

    def _execute_command(self, *words, **options):
        """As in redis-py."""
        connection = self.connection_pool.get_connection()
        try:
            connection.send_command(*words, **options)
            return self.parse_response(connection, words[0], **options)
        except (redis.ConnectionError, redis.TimeoutError):
            connection.disconnect()
            raise
        finally:
            self.connection_pool.release(connection)


class GuardedPool(redis.BlockingConnectionPool):
    """A pool whose connections share one circuit."""

    def __init__(self, connection_class=redis.Connection, **options):
        guarded = type("GuardedConnection", (Guarded, connection_class), {})
        super().__init__(connection_class=guarded, circuit=Circuit(), **options)


class Led:
    """A base class to put before one of redis-py's connection classes. Connects to the current primary."""

    #: Returns host and port of that server.
    lead: Callable[[], tuple[str, int]]

    def connect(self) -> None:
        """As in redis-py."""
        if self._sock is None:
            self.host, self.port = self.lead()
        super().connect()

    def read_response(self, *args, **options):
        """As in redis-py, but leaves a server that is not the primary any more."""
        try:
            return super().read_response(*args, **options)
        except redis.ReadOnlyError as error:
            self.disconnect()
            raise redis.ConnectionError("the server is no primary any more") from error


class Circuit:
    """Decides whether Redis is asked. Logs once when Redis goes away, and once when it is back."""

    def __init__(self):
        self._lock = threading.Lock()
        self._open_until: float | None = None  # on time.monotonic()'s clock; None while the circuit is closed
        self._away = False

    def admit(self) -> bool:
        """True for the one caller to try whether Redis is back. While open, raises redis.ConnectionError for others."""
        if self._open_until is None:
            return False
        with self._lock:
            if self._open_until is None:
                return False
            if time.monotonic() < self._open_until:
                raise redis.ConnectionError("Redis did not answer just now, and is left alone for a moment")
            self._open_until = time.monotonic() + PAUSE  # for the others, while this one tries
            return True

    def watch(self, exchange: Callable[..., T], *arguments, **options) -> T:
        """Returns ``exchange(…)``, which talks to Redis, and notes how it fails."""
        began = time.monotonic()
        try:
            return exchange(*arguments, **options)
        except redis.ResponseError:  # also an answer
            self.answered()
            raise
        except (redis.RedisError, OSError) as error:
            self._failed(error, time.monotonic() - began)
            raise

    def answered(self) -> None:
        """Note that Redis answers."""
        if not self._away and self._open_until is None:
            return
        with self._lock:
            back, self._away, self._open_until = self._away, False, None
        if back:
            log.info("Redis is back")

    def _failed(self, error: Exception, seconds: float) -> None:
        with self._lock:
            gone, self._away = not self._away, True
            self._open_until = time.monotonic() + PAUSE if seconds > SLOW else None
        if gone:
            log.warning("Redis is away: %s", error)


class Guarded:
    """A base class to put before one of redis-py's connection classes. A pool calls ``connect`` before each command."""

    def __init__(self, *, circuit: Circuit, **options):
        super().__init__(**options)
        self._circuit = circuit

    def connect(self) -> None:
        """Raises redis.ConnectionError, and asks nobody, while the circuit is open."""
        if self._circuit.admit():
            self.disconnect()  # its server may be gone, and only a new connection finds the current one
        self._circuit.watch(super().connect)

    def send_packed_command(self, *args, **options) -> None:
        """As in redis-py."""
        self._circuit.watch(super().send_packed_command, *args, **options)

    def read_response(self, *args, **options):
        """As in redis-py."""
        response = self._circuit.watch(super().read_response, *args, **options)
        self._circuit.answered()
        return response
