"""Between Redis and the readers of this process.

One hub per web process holds one Redis subscription for all of them. The database is the truth and Redis only
the fast way to it: whatever Redis loses, doubles or swaps, the hub sees in the revisions and reads anew.

It uses plain threads; under gevent's monkey patching they are greenlets.
"""

import logging
import random
import threading
from collections import Counter
from collections.abc import Callable

from .channel import Channel
from .connection import Connection
from .errors import Closing, Gone, Overloaded
from .heartbeat import Heartbeat
from .line import Line
from .publisher import CHANNEL_PREFIX, CONTROL, channel, heard
from .repair import Repair
from .streams import Frame
from .subscriber import Subscriber

log = logging.getLogger(__name__)

#: Seconds between two pings to Redis.
PING = 4.0


class Hub:
    """``source`` reads the database: ``revisions(names) -> {name: revision}``, ``catch_up(name, cursor) -> Frame``
    (raises Gone) and ``withdrawn(connections) -> those who may no longer read``.

    ``beat`` is in seconds, ``retry`` in milliseconds, ``ages`` the range in seconds in which a stream ends by
    itself so that nothing ages, ``limit`` the number of streams in this process.
    """

    def __init__(self, redis_url: str, source, *, beat=15.0, retry=2000, ages=(2700, 3600), limit=1500):
        self.source = source
        self.beat_seconds, self.retry_ms, self.ages, self.limit = beat, retry, ages, limit
        self.figures: Counter[str] = Counter()
        self.line = Line()
        self._channels: dict[str, Channel] = {}
        self._lock = threading.RLock()
        self._repair = Repair(source, self._channels, self._lock, self.figures)
        self._heartbeat = Heartbeat(beat, self.connections, self.line)
        self._subscriber = Subscriber(redis_url, self._receive, self._compare)
        self._closed = threading.Event()
        self._check_now = threading.Event()
        self._started = False

    # The reader's side

    def connect(self, stream: str, cursor: int, tags=(), wait: float | None = None) -> Connection:
        """A started connection to ``stream``, caught up from ``cursor``.

        Raises as ``begin`` does. Read it with ``connection.chunks()``, and always ``disconnect`` it.
        """
        return self.begin(Connection(stream, cursor, tags, wait))

    def begin(self, connection: Connection) -> Connection:
        """Start a connection, caught up from its cursor. Raises Overloaded, Closing or Gone."""
        self._open(self.connection_count)
        connection.expires_at = connection.opened_at + random.uniform(*self.ages)
        try:
            self._catch_up(connection, self._join(connection))
        except BaseException:
            self.disconnect(connection)
            raise
        return connection

    def stand_in_line(self, connection: Connection, begin: Callable[[], None]) -> None:
        """Have ``begin()`` called when it is this connection's turn; until then the connection gets heartbeats.

        Raises Overloaded or Closing.
        """
        self._open(self.connection_count + len(self.line))
        self.line.stand(connection, begin)

    def _open(self, occupied: int) -> None:
        if self._closed.is_set():
            raise Closing
        if occupied >= self.limit:
            raise Overloaded
        self._start()

    def disconnect(self, connection: Connection) -> None:
        """Forget a connection; the last one of a stream ends its subscription. Harmless to repeat."""
        connection.end()
        with self._lock:
            found = self._channels.get(connection.stream)
            if found is None or connection not in found.connections:
                return
            found.connections.discard(connection)
            if not found.connections:
                del self._channels[connection.stream]
                self._subscriber.unsubscribe(channel(connection.stream))

    def end(self, tag: str, stream: str | None = None, rest: int | None = None) -> None:
        """End this process's connections that carry ``tag``, all or those of one stream; see ``Connection.rest``."""
        for connection in self.connections(stream):
            if tag in connection.tags:
                connection.rest(rest) if rest else connection.end()

    def close(self) -> None:
        """End every stream, each with its own moment to come back. For the end of the process."""
        self._closed.set()
        self.line.close()
        for connection in {*self.connections(), *self.line.standing}:
            connection.end(self.retry_ms)
        self._check_now.set()
        self._repair.close()
        self._subscriber.close()

    def closed_within(self, seconds: float) -> bool:
        """Sleep for ``seconds``; True, and at once, when the hub closes: whoever answers slowly ends with it."""
        return self._closed.wait(seconds)

    def connections(self, stream: str | None = None) -> list[Connection]:
        """The connections of this process, all or those of one stream."""
        with self._lock:
            return [c for name, ch in self._channels.items() if stream in (None, name) for c in ch.connections]

    @property
    def connection_count(self) -> int:
        with self._lock:
            return sum(len(found.connections) for found in self._channels.values())

    @property
    def stream_count(self) -> int:
        """How many streams are subscribed to."""
        return len(self._channels)

    def _join(self, connection: Connection) -> Channel:
        with self._lock:
            found = self._channels.setdefault(connection.stream, Channel(connection.stream))
            found.connections.add(connection)
        with found.starting:
            if found.revision is None:
                self._begin(found)
        return found

    def _begin(self, found: Channel) -> None:
        # Acknowledged first, read then: a change in between comes over the subscription.
        self._subscriber.subscribe(channel(found.name))
        revisions = self.source.revisions([found.name])
        if found.name not in revisions:
            raise Gone(found.name)
        with self._lock:
            found.begin(revisions[found.name])
        self._repair.look_at(found)

    def _catch_up(self, connection: Connection, found: Channel) -> None:
        cursor = connection.cursor
        with self._lock:
            known = found.catch_up(cursor)
            if known or cursor == found.revision:
                connection.start(known)
                return
        self.figures["catch_ups"] += 1
        frame = self.source.catch_up(connection.stream, cursor)
        self.figures["full_replacements"] += frame.full
        with self._lock:
            found.remember(cursor, frame)
            connection.start(frame)

    # Redis's side

    def _start(self) -> None:
        with self._lock:
            if self._started:
                return
            self._started = True
            serving = [self.line.serve] * self.line.at_once
            for loop in (self._subscriber.run, self._repair.fill_gaps, self._beat, self._check, self._ping, *serving):
                threading.Thread(target=self._supervise, args=(loop,), daemon=True).start()
        self._subscriber.subscribe(CONTROL)

    def _supervise(self, loop: Callable[[], None]) -> None:
        # A loop that dies unnoticed would leave every page silent while everything looks well.
        while not self._closed.is_set():
            try:
                loop()
            except Exception:
                log.exception("turbo: %s failed, starting it again", loop.__name__)
                self._closed.wait(1)

    def _receive(self, redis_channel: str, payload: bytes) -> None:
        said = heard(payload)
        stream = None if redis_channel == CONTROL else redis_channel.removeprefix(CHANNEL_PREFIX)
        if isinstance(tag := said.get("end"), str):
            self.end(tag, stream, whole_number(said.get("rest")))
        elif said.get("check"):
            self._check_now.set()
        elif (found := self._channels.get(stream)) is not None and said:
            self._hand_on(found, said)

    def _hand_on(self, found: Channel, said: dict) -> None:
        self.figures["frames"] += 1
        revision, html = whole_number(said.get("revision")), said.get("html")
        if not isinstance(html, str) or (revision is None and "revision" in said):
            # Another version of the code announces a change in a form that this one does not know.
            self._check_now.set()
            return
        with self._lock:
            if revision is not None:
                found.receive(Frame(revision - 1, revision, html))
            else:
                for connection in found.connections:
                    connection.offer_ephemeral(html)
        self._repair.look_at(found)

    # The heartbeat

    def _beat(self) -> None:
        while not self._closed.wait(self._heartbeat.tick):
            self._heartbeat.tend()

    def _check(self) -> None:
        # Apart from the heartbeat: a database that hangs must not make the pages believe that we are gone.
        while not self._closed.is_set():
            self._check_now.wait(self.beat_seconds)
            self._check_now.clear()
            self._compare()
            for connection in self.source.withdrawn(self.connections()):
                connection.end()

    def _ping(self) -> None:
        while not self._closed.wait(PING):
            self._subscriber.ping()

    def _compare(self) -> None:
        for gone in self._repair.compare():
            for connection in self.connections(gone):
                connection.end()


def whole_number(value) -> int | None:
    """``value`` if it is a whole number, else None: data from the network may be anything."""
    return value if type(value) is int else None
