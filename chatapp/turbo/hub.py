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

from .attendance import Attendance
from .channel import Channel, Head
from .channels import Channels
from .connection import Connection
from .errors import Closing, Overloaded
from .heads import Heads
from .heartbeat import Heartbeat
from .line import Line
from .list_channel import ListChannel
from .lists import Lists
from .publisher import CHANNEL_PREFIX, CONTROL, heard
from .readers import Readers
from .repair import Repair
from .streams import Frame
from .subscriber import Subscriber

log = logging.getLogger(__name__)

#: Seconds between two pings to Redis.
PING = 4.0


class Hub:
    """``source`` reads the database, see ``DatabaseSource``.

    ``beat`` is in seconds, ``retry`` in milliseconds, ``ages`` the range in seconds in which a connection ends by
    itself so that nothing ages, ``limit`` the number of connections in this process. ``owners``
    notes those of all connections with each heartbeat, and pages are told which of them are here.
    """

    def __init__(self, redis_url: str, source, *, beat=15.0, retry=2000, ages=(2700, 3600), limit=1500, owners=None):
        self.source = source
        self.beat_seconds, self.retry_ms, self.ages, self.limit = beat, retry, ages, limit
        self.owners = owners
        self.figures: Counter[str] = Counter()
        self.line = Line()
        self._subscriber = Subscriber(redis_url, self._receive, self._compare)
        self._channels = Channels(self._subscriber, source.lists, lambda found: self._repair.tidy(found))
        lists = Lists(source, self._channels, self.figures)
        self._repair = Repair(source, self._channels, lists, self.figures)
        self._heads = Heads(source, self._channels, lists, self._repair, self.figures)
        self._attendance = Attendance(owners, source, self.connections, beat)
        greet = self._attendance.greet if owners else lambda connection: None
        self._readers = Readers(source, self._channels, lists, self._repair, self.figures, greet)
        self._heartbeat = Heartbeat(beat, self.connections, self.line)
        self._closed = threading.Event()
        self._check_now = threading.Event()
        self._started = False

    # The reader's side

    def begin(self, connection: Connection) -> Connection:
        """Start a connection, each of its streams caught up from its cursor.

        What its reader may not read, or what does not exist, is withdrawn. Raises Gone where nothing is left, and
        Overloaded or Closing. Read it with ``connection.chunks()``, and always ``disconnect`` it.
        """
        self._open(self.connection_count)
        connection.expires_at = connection.opened_at + random.uniform(*self.ages)
        return self._readers.begin(connection)

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
        self._readers.disconnect(connection)

    def end(self, tag: str, stream: str | None = None, rest: int | None = None) -> None:
        """End this process's connections that carry ``tag``, see ``Connection.rest``.

        With ``stream`` they only lose that one, and end where they carry no other.
        """
        for cursor in self._readers.cursors(stream):
            if tag not in cursor.tags:
                continue
            if stream is not None:
                self._readers.withdraw(cursor)
            else:
                cursor.connection.rest(rest) if rest else cursor.connection.end()

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
        """The connections of this process, all or those that carry one stream."""
        return list({cursor.connection for cursor in self._readers.cursors(stream)})

    @property
    def connection_count(self) -> int:
        return len(self.connections())

    @property
    def stream_count(self) -> int:
        """How many streams are subscribed to."""
        return len(self._channels)

    # Redis's side

    def _start(self) -> None:
        with self._channels.lock:
            if self._started:
                return
            self._started = True
            repairing = self._repair.fill_gaps, self._repair.tidy_lists
            serving = [self.line.serve] * self.line.at_once
            attending = [self._note, self._attend] if self.owners else []
            for loop in (self._subscriber.run, *repairing, self._beat, *attending, self._check, self._ping, *serving):
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
        elif said.get("check") and "growth" not in said:
            self._check_now.set()
        elif said.get("watch"):
            self._attendance.doubt()
        elif (found := self._channels.get(stream)) is not None and said:
            self.figures["frames"] += 1
            self._hand_on(found, said)

    def _hand_on(self, found: Channel, said: dict) -> None:
        revision, html, head = whole_number(said.get("revision")), html_in(said), said.get("head")
        if not understood(said) or (html is None and not isinstance(found, ListChannel)):
            # Another version of the code announces a change in a form that this one does not know.
            self._check_now.set()
            return
        with self._channels.lock:
            if revision is None:
                for cursor in found.cursors:
                    cursor.connection.offer_ephemeral(html)
                return
            found.receive(Frame(revision - 1, revision, html))
            if head is not None:
                found.take_head(Head(revision, head))
        self._repair.look_at(found)
        if "head" not in said:
            self._repair.doubt(found)

    # The heartbeat

    def _note(self) -> None:
        # Apart from it: a Redis that hangs must not delay the beats.
        while not self._closed.wait(self.beat_seconds):
            self.owners.note({connection.owner for connection in self.connections() if connection.owner})

    def _attend(self) -> None:
        while not self._closed.wait(self._attendance.pause):
            self._attendance.look()

    def _beat(self) -> None:
        while not self._closed.wait(self._heartbeat.tick):
            self._heartbeat.tend()

    def _check(self) -> None:
        # Apart from the heartbeat: a database that hangs must not make the pages believe that we are gone.
        while not self._closed.is_set():
            self._check_now.wait(self.beat_seconds)
            self._check_now.clear()
            self._compare()
            for cursor in self.source.withdrawn(self._readers.cursors()):
                self._readers.withdraw(cursor)

    def _ping(self) -> None:
        while not self._closed.wait(PING):
            self._subscriber.ping()

    def _compare(self) -> None:
        for gone in self._repair.compare():
            for cursor in self._readers.cursors(gone):
                self._readers.withdraw(cursor)
        self._heads.compare()


def html_in(said: dict):
    return said.get("growth", said.get("html"))


def understood(said: dict) -> bool:
    """Whether a publication about a stream has the form that this version of the code knows."""
    revision, html, head = said.get("revision"), html_in(said), said.get("head")
    if "revision" not in said:
        return isinstance(html, str)
    return whole_number(revision) is not None and isinstance(html, str | None) and isinstance(head, str | None)


def whole_number(value) -> int | None:
    """``value`` if it is a whole number, else None: data from the network may be anything."""
    return value if type(value) is int else None
