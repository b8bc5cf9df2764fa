"""The receiving side: one connection to a Redis server, which listens to all channels that the readers need."""

import logging
import threading
import time
from collections.abc import Callable, Sequence
from queue import SimpleQueue

import redis

log = logging.getLogger(__name__)

#: Seconds between two tries to reach Redis.
RECONNECT = 0.25
#: Seconds without a sign from Redis after which the connection counts as dead. ``ping`` provokes a sign.
SILENCE = 12.0
#: The arguments of a pool that say where its server is, besides those for TLS.
ADDRESS = {"host", "port", "path", "db", "username", "password", "credential_provider"}
#: Seconds that a reader waits for Redis to acknowledge a subscription before it goes on without.
ACKNOWLEDGE = 2.0


class Subscriber:
    """Listens to channels of one Redis server and survives its restarts.

    redis-py's own PubSub reconnects silently, and loses the publications in between. This one calls
    ``on_resubscribed()`` after every reconnection, once Redis has acknowledged all channels, so that its owner can
    look for what it missed. ``on_message(channel, payload)`` gets every publication, in order. ``on_lost()`` hears that
    the connection is gone, or that the server gave a channel away.

    ``connect()`` makes a connection of redis-py, in RESP2 and with SILENCE as its timeout; see ``connector``. With
    ``sharded`` the server is one of a cluster, and the channels are those of ``SPUBLISH``.

    A thread of its own sends the commands to Redis, in order. A Redis that hangs takes no commands, and would
    otherwise block callers that hold a lock of this object or of its owner.
    """

    def __init__(
        self,
        connect: Callable[[], redis.Connection],
        on_message: Callable[[str, bytes], None],
        on_resubscribed: Callable[[], None],
        on_lost: Callable[[], None] = lambda: None,
        sharded: bool = False,
    ):
        self._connect = connect
        self._on_message, self._on_resubscribed, self._on_lost = on_message, on_resubscribed, on_lost
        self._sharded = sharded
        self._lock = threading.Lock()
        self._acknowledged: dict[str, threading.Event] = {}
        self._connection = None
        self._commands: SimpleQueue[tuple[str, ...] | None] | None = None  # None while there is no connection
        self._closed = False
        self._away = False

    def subscribe(self, *channels: str) -> bool:
        """Listen to ``channels`` from now on, and wait until Redis has acknowledged them, but not long if it is away.

        Returns True if it did not listen to all of them before.
        """
        with self._lock:
            events = {channel: self._acknowledged.setdefault(channel, threading.Event()) for channel in channels}
            new = [channel for channel, acknowledged in events.items() if not acknowledged.is_set()]
            self._ask("SUBSCRIBE", new)
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
                if acknowledged := self._acknowledged.pop(channel, None):
                    acknowledged.set()  # somebody may still wait for it, and Redis be well
            self._ask("UNSUBSCRIBE", channels)

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
                self._on_lost()
            finally:
                self._disconnect()
            if not self._closed:
                time.sleep(RECONNECT)

    @property
    def is_away(self) -> bool:
        """True while the server does not answer."""
        return self._away

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
        connection = self._connect()
        connection.connect()
        commands = SimpleQueue()
        with self._lock:
            for acknowledged in self._acknowledged.values():
                acknowledged.clear()
            self._connection, self._commands = connection, commands
            expected = set(self._acknowledged)
            for channel in expected:
                self._ask("SUBSCRIBE", [channel])
        threading.Thread(target=self._speak, args=(connection, commands), daemon=True).start()
        if not expected:
            self._reached()
        while not self._closed:
            answer = connection.read_response(disable_decoding=True)
            if isinstance(answer, list):
                self._handle(answer, expected)

    def _handle(self, answer: list, expected: set[str]) -> None:
        kind, channel = answer[0].removeprefix(b"s") if self._sharded else answer[0], answer[1].decode()
        if kind == b"message":
            self._on_message(channel, answer[2])
        elif kind == b"unsubscribe" and channel in self._acknowledged:  # the server gave it away
            self._on_lost()
        elif kind == b"subscribe":
            if acknowledged := self._acknowledged.get(channel):
                acknowledged.set()
            if channel in expected:
                expected.discard(channel)
                if not expected:
                    self._reached()
        if self._away and not expected:  # it hung without losing the connection
            self._reached()

    def _reached(self) -> None:
        if self._away:
            log.info("Redis is back")
        self._away = False
        self._on_resubscribed()

    def _ask(self, command: str, channels: Sequence[str]) -> None:
        if self._sharded:  # each command is about one slot
            for channel in channels:
                self._send(f"S{command}", channel)
        elif channels:
            self._send(command, *channels)

    def _send(self, *command: str) -> None:
        # Without a connection there is nothing to do: the next one begins with all channels wanted by then.
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


def connector(pool: redis.ConnectionPool) -> Callable[[], redis.Connection]:
    """Returns a function that makes connections to the server of ``pool``, to listen on."""
    known = pool.connection_kwargs.items()
    address = {name: value for name, value in known if name in ADDRESS or name.startswith("ssl_")}
    # RESP2, where a subscribed connection answers with plain lists.
    waits = {"protocol": 2, "socket_connect_timeout": 1, "socket_timeout": SILENCE}
    kinds = redis.SSLConnection, redis.UnixDomainSocketConnection, redis.Connection
    kind = next(kind for kind in kinds if issubclass(pool.connection_class, kind))
    lead = getattr(pool.connection_class, "lead", None)
    return lambda: kind(**address | (at(*lead()) if lead else {}) | waits)


def at(host: str, port: int) -> dict:
    return {"host": host, "port": port}
