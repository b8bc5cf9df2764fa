"""The receiving side: one Redis connection per process that listens to all channels anybody here needs."""

import logging
import threading
import time
from collections.abc import Callable
from queue import SimpleQueue

import redis

log = logging.getLogger(__name__)

#: Seconds between two tries to reach Redis.
RECONNECT = 1.0
#: Seconds without a sign from Redis after which the connection counts as dead. ``ping`` provokes a sign.
SILENCE = 12.0
#: Seconds that a reader waits for Redis to acknowledge a subscription before it goes on without.
ACKNOWLEDGE = 2.0


class Subscriber:
    """Listens to Redis channels and survives its restarts.

    redis-py's own PubSub reconnects silently, and what was published meanwhile is gone without a word. This one
    calls ``on_resubscribed()`` after every reconnection, once Redis has acknowledged all channels, so that its
    owner can look for what it missed. ``on_message(channel, payload)`` gets every message, in order.

    Commands go to Redis in a thread of their own, in the order in which they were given: a Redis that hangs takes none,
    and whoever holds a lock here or with our owner would wait for it.
    """

    def __init__(self, url: str, on_message: Callable[[str, bytes], None], on_resubscribed: Callable[[], None]):
        # RESP2, where a subscribed connection answers with plain lists. The timeout is in seconds.
        self._pool = redis.ConnectionPool.from_url(url, protocol=2, socket_connect_timeout=1, socket_timeout=SILENCE)
        self._on_message = on_message
        self._on_resubscribed = on_resubscribed
        self._lock = threading.Lock()
        self._acknowledged: dict[str, threading.Event] = {}
        self._connection = None
        self._commands: SimpleQueue[tuple[str, ...] | None] | None = None  # None while there is no connection
        self._closed = False
        self._away = False

    def subscribe(self, channel: str) -> None:
        """Listen to ``channel`` from now on. Returns when Redis has acknowledged it, or, with Redis away, soon."""
        with self._lock:
            acknowledged = self._acknowledged.setdefault(channel, threading.Event())
            if not acknowledged.is_set():
                self._send("SUBSCRIBE", channel)
        # Not yet connected is not away: the first reader of a process waits as all do. But one who waited in vain is
        # enough: until Redis says something again the others go on without. What is published before Redis knows of
        # their channel, their owner learns when it next compares with the database, as in the rest of an outage.
        if not self._away and not acknowledged.wait(ACKNOWLEDGE):
            self._lose(f"{channel} was not acknowledged")

    def unsubscribe(self, channel: str) -> None:
        """Listen to ``channel`` no more."""
        with self._lock:
            self._acknowledged.pop(channel, None)
            self._send("UNSUBSCRIBE", channel)

    def ping(self) -> None:
        """Ask Redis for a sign of life; without one the connection is given up after ``SILENCE``."""
        with self._lock:
            self._send("PING")

    def run(self) -> None:
        """Listen until ``close``; blocks, so give it a thread of its own."""
        while not self._closed:
            try:
                self._listen()
            except (redis.RedisError, OSError, ValueError) as error:  # ValueError: closed while we read
                self._lose(error)
                self._let_go()
            finally:
                self._disconnect()
            if not self._closed:
                time.sleep(RECONNECT)

    def close(self) -> None:
        """Stop listening; ``run`` returns."""
        self._closed = True
        self._disconnect()

    def _lose(self, reason: Exception | str) -> None:
        if not self._away and not self._closed:
            log.warning("Redis is away, streams follow the database until it is back: %s", reason)
        self._away = True

    def _let_go(self) -> None:
        with self._lock:
            for acknowledged in self._acknowledged.values():
                acknowledged.set()

    def _listen(self) -> None:
        connection = self._pool.make_connection()
        connection.connect()
        commands = SimpleQueue()
        with self._lock:
            for acknowledged in self._acknowledged.values():
                acknowledged.clear()
            self._connection, self._commands = connection, commands
            expected = set(self._acknowledged)
            for channel in expected:
                self._send("SUBSCRIBE", channel)
        threading.Thread(target=self._speak, args=(connection, commands), daemon=True).start()
        if not expected:
            self._reached()
        while not self._closed:
            answer = connection.read_response(disable_decoding=True)
            if isinstance(answer, list):
                self._handle(answer, expected)

    def _handle(self, answer: list, expected: set[str]) -> None:
        kind, channel = answer[0], answer[1].decode()
        if kind == b"message":
            self._on_message(channel, answer[2])
        elif kind == b"subscribe":
            if acknowledged := self._acknowledged.get(channel):
                acknowledged.set()
            if channel in expected:
                expected.discard(channel)
                if not expected:
                    self._reached()
        if self._away and not expected:  # it hung, and did not even lose the connection
            self._reached()

    def _reached(self) -> None:
        if self._away:
            log.info("Redis is back")
        self._away = False
        self._on_resubscribed()

    def _send(self, *command: str) -> None:
        # Without a connection there is nothing to say: the next one begins with all channels that are wanted by then.
        if self._commands is not None:
            self._commands.put(command)

    def _speak(self, connection, commands: SimpleQueue) -> None:
        # Only while it is the one in use: redis-py would open a closed connection again for a command.
        while (command := commands.get()) is not None and commands is self._commands:
            try:
                connection.send_command(*command, check_health=False)
            except (redis.RedisError, OSError):
                return  # the listener notices too, and makes another connection

    def _disconnect(self) -> None:
        with self._lock:
            connection, self._connection = self._connection, None
            commands, self._commands = self._commands, None
        if connection is not None:
            commands.put(None)
            connection.disconnect()
