"""The receiving side: one Redis connection per process, which listens to all channels that its readers need."""

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

    redis-py's own PubSub reconnects silently, and loses the publications in between. This one calls
    ``on_resubscribed()`` after every reconnection, once Redis has acknowledged all channels, so that its owner can
    look for what it missed. ``on_message(channel, payload)`` gets every publication, in order.

    A thread of its own sends the commands to Redis, in order. A Redis that hangs takes no commands, and would
    otherwise block callers that hold a lock of this object or of its owner.
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

    def subscribe(self, *channels: str) -> bool:
        """Listen to ``channels`` from now on. Returns when Redis has acknowledged them, or, with Redis away, soon.

        True where it did not listen to all of them before.
        """
        with self._lock:
            events = {channel: self._acknowledged.setdefault(channel, threading.Event()) for channel in channels}
            new = [channel for channel, acknowledged in events.items() if not acknowledged.is_set()]
            if new:
                self._send("SUBSCRIBE", *new)
        # Before the first connection Redis is not "away", so the first reader of a process waits like all others. Once
        # one reader has waited in vain, the others go on without Redis until it answers again. The owner finds the
        # changes that their channel missed when it next compares with the database, as in the rest of an outage.
        for channel in new:
            if not self._away and not events[channel].wait(ACKNOWLEDGE):
                self._lose(f"{channel} was not acknowledged")
        return bool(new)

    def unsubscribe(self, *channels: str) -> None:
        """Listen to ``channels`` no more."""
        with self._lock:
            for channel in channels:
                self._acknowledged.pop(channel, None)
            if channels:
                self._send("UNSUBSCRIBE", *channels)

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
        # Without a connection there is nothing to do: the next one begins with all channels that are wanted by then.
        if self._commands is not None:
            self._commands.put(command)

    def _speak(self, connection, commands: SimpleQueue) -> None:
        # To this one socket: once another thread has closed the connection, redis-py's own ``send_command`` opens it
        # again, or breaks off between two parts of a command with an AttributeError.
        sock = connection._sock
        while sock and (command := commands.get()) is not None:
            try:
                sock.sendall(b"".join(connection.pack_command(*command)))
            except OSError:
                return  # the listener notices too, and makes another connection

    def _disconnect(self) -> None:
        with self._lock:
            connection, self._connection = self._connection, None
            commands, self._commands = self._commands, None
        if connection is not None:
            commands.put(None)
            connection.disconnect()
