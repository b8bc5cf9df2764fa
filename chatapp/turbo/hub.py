"""Brings changes from Redis to the readers of this process.

Each web process has one hub, with one Redis subscription for all readers. The database decides, and Redis is only
faster: the hub sees by the revisions what Redis loses, doubles or swaps, and reads it from the database.

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
from .delays import Delays
from .each import each
from .errors import Closing, Overloaded
from .gathering import Gathering
from .heads import Heads
from .heartbeat import Heartbeat
from .line import Line
from .list_channel import ListChannel
from .lists import Lists
from .openings import Opening
from .publications import heard, html_in, number, understood, whole_number
from .publisher import CHANNEL_PREFIX, CONTROL
from .readers import Readers
from .repair import Repair
from .slices import sliced
from .streams import Frame, event
from .subscribers import Carrier, subscriber

log = logging.getLogger(__name__)

#: Seconds between two pings to Redis.
PING = 4.0


class Hub:
    """``carrier`` is the Redis that carries the frames, ``source`` reads the database, see ``DatabaseSource``.
    ``beat`` is in seconds, ``retry`` in milliseconds, ``ages`` the range in seconds in which a connection ends by
    itself so that nothing ages, ``limit`` the number of connections in this process. ``owners`` notes the owners of
    all connections with each heartbeat, and pages are told which of them are here. ``open``: see ``Line``.
    """

    def __init__(
        self, carrier: Carrier, source, *, beat=15.0, retry=2000, ages=(2700, 3600), limit=1500, owners=None,
        open: Callable[[list[Opening]], None] = lambda openings: None,
    ):  # fmt: skip
        self.source = source
        self.beat_seconds, self.retry_ms, self.ages, self.limit = beat, retry, ages, limit
        self.owners = owners
        self.figures: Counter[str] = Counter()
        self._check_now = threading.Event()
        self.delays = Delays()
        self.line = Line(open)
        # Not at once: the thread that listens must not wait for the database, nor end by an error of it.
        self._subscriber = subscriber(carrier, self._receive, self._check_now.set)
        self._channels = Channels(self._subscriber, source.lists, lambda found: self._repair.tidy(found))
        lists = Lists(source, self._channels, self.figures)
        self._repair = Repair(source, self._channels, lists, self.figures)
        self._gathering = Gathering(self._channels, self.figures)
        self._heads = Heads(source, self._channels, lists, self._repair, self.figures)
        self._attendance = Attendance(owners, source, self.connections, beat)
        greet = self._attendance.greet if owners else lambda connections: None
        self._readers = Readers(source, self._channels, lists, self._repair, self.figures, greet, self.delays)
        self._heartbeat = Heartbeat(beat, self.connections, self.line)
        self._closed = threading.Event()
        self._started = False

    # The reader's side

    def begin(self, connection: Connection) -> Connection:
        """Start a connection, and catch up each of its streams from its cursor.

        Withdraws streams that do not exist or that its reader may not read. Raises Gone if none is left, and
        Overloaded or Closing. Read it with ``connection.chunks()``, and always ``disconnect`` it.
        """
        for error in self.begin_all([connection]).values():
            raise error
        return connection

    def begin_all(self, connections: list[Connection]) -> dict[Connection, Exception]:
        """Start connections together. Returns those that did not begin, each with what ``begin`` would raise."""
        refused = {}
        for place, connection in enumerate(connections, self.connection_count):
            try:
                self._admit(place)
            except (Overloaded, Closing) as error:
                refused[connection] = error
            else:
                connection.expires_at = connection.opened_at + random.uniform(*self.ages)
                self.delays.time(connection)
                self.figures["begun"] += 1
        return refused | self._readers.begin([one for one in connections if one not in refused])

    def stand_in_line(self, opening: Opening) -> None:
        """Begin ``opening`` in its turn; until then its connection gets heartbeats. Raises Overloaded or Closing."""
        self._admit(self.connection_count + len(self.line))
        self.line.stand(opening)

    def _admit(self, occupied: int) -> None:
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

        With ``stream`` they lose only that one, and end if they carry no other.
        """
        for cursor in sliced(self._readers.cursors(stream)):
            if tag not in cursor.tags:
                continue
            if stream is not None:
                self._readers.withdraw(cursor)
            else:
                cursor.connection.rest(rest) if rest else cursor.connection.end()

    def close(self) -> None:
        """End every stream, each with its own time to come back. Called when the process ends."""
        self._closed.set()
        self.line.close()
        for connection in sliced({*self.connections(), *self.line.standing}):
            connection.end(self.retry_ms)
        self._check_now.set()
        self._repair.close()
        self._gathering.close()
        self._subscriber.close()

    def closed_within(self, seconds: float) -> bool:
        """Sleep for ``seconds``. Returns True at once when the hub closes, so that a slow answer can end with it."""
        return self._closed.wait(seconds)

    def connections(self, stream: str | None = None) -> list[Connection]:
        """The connections of this process, all or those that carry one stream."""
        if stream is None:
            return self._readers.present()
        return list({cursor.connection for cursor in self._readers.cursors(stream)})

    @property
    def connection_count(self) -> int:
        return len(self._readers)

    @property
    def stream_count(self) -> int:
        """The number of streams that the hub is subscribed to."""
        return len(self._channels)

    # Redis's side

    def _start(self) -> None:
        with self._channels.lock:
            if self._started:
                return
            self._started = True
            repairing = self._repair.fill_gaps, self._repair.tidy_lists, self._gathering.serve
            attending = [self._note, self._attend] if self.owners else []
            beating = self._beat, self._check, self._ping
            for loop in (self._subscriber.run, self.line.serve, *repairing, *beating, *attending):
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
                passing = event(html)
                for cursor in sliced(found.cursors):
                    cursor.connection.offer_ephemeral(passing)
                return
            before, gathered = found.revision, found.gathers
            found.receive(Frame(revision - 1, revision, html, published=number(said.get("at"))))
            if found.gathers and not gathered:
                self._gathering.add(found)
            if found.revision != before:
                self.figures["deliveries"] += len(found.cursors)
            if head is not None:
                found.take_head(Head(revision, head))
        self._repair.look_at(found)
        if "head" not in said:
            self._repair.doubt(found)

    # The heartbeat

    def _note(self) -> None:
        # Apart from the heartbeat: a Redis that hangs must not delay the beats.
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
        looks = self._readers.check, lambda: self._repair.compare(self._readers.withdraw_all), self._heads.compare
        while not self._closed.is_set():
            self._check_now.wait(self.beat_seconds)
            self._check_now.clear()
            each(looks, lambda look: look())

    def _ping(self) -> None:
        while not self._closed.wait(PING):
            self._subscriber.ping()
