"""The one Redis client of a process, with a circuit breaker: a Redis that hangs costs one timeout, not one each.

What fails at once, such as a refused connection, costs nothing, and is simply asked again the next time. What fails
slowly opens the circuit: for ``PAUSE`` seconds every command of every user of the client fails immediately, with
redis.ConnectionError, and after that one caller tries while the others still fail.
"""

import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

log = logging.getLogger(__name__)

#: Seconds that a request waits for Redis: for a connection, and for each answer.
TIMEOUT = 1.0
#: Seconds after which a failure counts as a slow one.
SLOW = 0.5
#: Seconds for which a Redis that failed slowly is left alone.
PAUSE = 3.0
#: Connections to Redis. When a thousand streams end at once, each counts itself out, and small servers allow few.
CONNECTIONS = 10


def client(url: str) -> redis.Redis:
    """A client for ``url`` (redis, rediss or unix) that may be shared by all threads. It answers with bytes.

    Other clients may share its ``connection_pool``, and with it the circuit, which is that of the connections.
    """
    base = redis.connection.parse_url(url).get("connection_class", redis.Connection)
    pool = redis.BlockingConnectionPool.from_url(
        url,
        connection_class=type("GuardedConnection", (Guarded, base), {}),
        circuit=Circuit(),
        max_connections=CONNECTIONS,
        timeout=TIMEOUT,
        socket_connect_timeout=TIMEOUT,
        socket_timeout=TIMEOUT,
        protocol=2,
        # Said outright, because redis-py's own default is ten tries: a timeout must not be multiplied.
        retry=Retry(NoBackoff(), 0),
    )
    return redis.Redis.from_pool(pool)


class Circuit:
    """Whether Redis is asked. Says once when Redis goes away, and once when it is back."""

    def __init__(self):
        self._lock = threading.Lock()
        self._open_until: float | None = None  # on time.monotonic()'s clock; None while the circuit is closed
        self._away = False

    def admit(self) -> bool:
        """True for the one who tries whether Redis is back. Raises redis.ConnectionError for all others while open."""
        with self._lock:
            if self._open_until is None:
                return False
            if time.monotonic() < self._open_until:
                raise redis.ConnectionError("Redis did not answer just now, and is left alone for a moment")
            self._open_until = time.monotonic() + PAUSE  # for the others, while this one tries
            return True

    @contextmanager
    def watch(self) -> Iterator[None]:
        """Learn from how a part of the conversation with Redis fails."""
        began = time.monotonic()
        try:
            yield
        except redis.ResponseError:  # an answer, too
            self.answered()
            raise
        except (redis.RedisError, OSError) as error:
            self._failed(error, time.monotonic() - began)
            raise

    def answered(self) -> None:
        """Redis is there."""
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
    """Goes before one of redis-py's connection classes. The pool calls ``connect`` ahead of every command."""

    def __init__(self, *, circuit: Circuit, **options):
        super().__init__(**options)
        self._circuit = circuit

    def connect(self) -> None:
        """Raises redis.ConnectionError, and asks nobody, while the circuit is open."""
        trying = self._circuit.admit()
        with self._circuit.watch():
            if trying:
                self.disconnect()  # the server of the old connection may be gone, and only a new one's can answer
            super().connect()

    def send_packed_command(self, *args, **options) -> None:
        """As in redis-py."""
        with self._circuit.watch():
            super().send_packed_command(*args, **options)

    def read_response(self, *args, **options):
        """As in redis-py."""
        with self._circuit.watch():
            response = super().read_response(*args, **options)
        self._circuit.answered()
        return response
