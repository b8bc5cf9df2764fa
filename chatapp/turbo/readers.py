"""The readers of a process: joins connections to their streams, and takes streams away from them."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial

from sqlalchemy.exc import SQLAlchemyError

from .channel import Channel, Head
from .channels import Channels
from .connection import Connection
from .cursor import Cursor
from .delays import Delays
from .errors import Gone
from .list_channel import ListChannel
from .lists import Lists
from .repair import Repair
from .slices import batches, sliced
from .streams import Frame


class Readers:
    """Joins connections to ``channels`` and catches them up from ``source``, which it counts in ``figures``.

    ``greet(connections)`` may tell them more before they are live. ``delays`` times some of them.
    """

    def __init__(
        self,
        source,
        channels: Channels,
        lists: Lists,
        repair: Repair,
        figures: Counter[str],
        greet: Callable[[list[Connection]], None],
        delays: Delays,
    ):
        self.source, self.channels, self.lists, self.repair, self.figures = source, channels, lists, repair, figures
        self.greet, self.delays = greet, delays
        self._present: set[Connection] = set()  # from their beginning to ``disconnect``, or to their last stream's end

    def __len__(self) -> int:
        return len(self._present)

    def begin(self, connections: list[Connection]) -> dict[Connection, Exception]:
        """Start connections together, and catch up each of their streams from its cursor.

        Withdraws streams that do not exist or that their reader may not read. Returns the connections that did not
        begin, each with the reason: Gone if no stream is left, or what the database raised.
        """
        self._present.update(connections)
        failed: dict[Connection, Exception] = {}
        try:
            self._begin(connections, failed)
        except Exception as error:
            failed = {connection: failed.get(connection, error) for connection in connections if not connection.begun}
        except BaseException:
            for connection in connections:
                self.disconnect(connection)
            raise
        for connection in failed:
            self._forget(connection)
        return failed

    def disconnect(self, connection: Connection) -> None:
        """Forget a connection. Harmless to repeat."""
        connection.end()
        if connection.cut_off:
            self.figures["cut_off"] += 1
            connection.cut_off = False
        self._forget(connection)

    def _forget(self, connection: Connection) -> None:
        self.delays.forget(connection)
        with self.channels.lock:
            self._present.discard(connection)
            for cursor in connection.cursors.values():
                self.channels.leave(cursor)

    def withdraw(self, cursor: Cursor) -> None:
        """Take a stream away from its reader. Harmless to repeat."""
        with self.channels.lock:
            self.channels.leave(cursor)
            cursor.connection.withdraw(cursor.stream)
            if not cursor.connection.cursors:  # it ends, and a reader who takes nothing could keep its place for long
                self._present.discard(cursor.connection)

    def withdraw_all(self, stream: str) -> None:
        """Take a stream away from all its readers."""
        for cursor in self.cursors(stream):
            self.withdraw(cursor)

    def present(self) -> list[Connection]:
        """All connections of this process."""
        with self.channels.lock:
            return list(self._present)

    def check(self) -> None:
        """Withdraw the streams that their readers may no longer read."""
        for some in batches(self.cursors()):
            for cursor in self.source.withdrawn(some):
                self.withdraw(cursor)

    def cursors(self, stream: str | None = None) -> list[Cursor]:
        """The cursors of this process, all or those of one stream."""
        with self.channels.lock:
            return [cursor for found in self.channels if stream in (None, found.name) for cursor in found.cursors]

    def _begin(self, connections: list[Connection], failed: dict[Connection, Exception]) -> None:
        self._listen(connections, failed)
        # Only once they listen: a stream may have been withdrawn since the caller admitted its reader.
        for cursor in self.source.withdrawn(cursors_of(connections)):
            self.withdraw(cursor)
        read, heads = {}, self.lists.heads_for(self._in_lists(connections))
        for cursor in sliced(cursors_of(connections)):
            if cursor.connection not in failed:
                self._or_withdraw([cursor], partial(self._catch_up, cursor, read, heads), failed)
        for connection in connections:
            if not connection.cursors:
                failed.setdefault(connection, Gone())
        begun = [connection for connection in connections if connection not in failed]
        self.greet(begun)
        for connection in sliced(begun):
            with self.channels.lock:
                connection.begin()

    def _or_withdraw(self, cursors: Iterable[Cursor], do: Callable[[], None], failed: dict) -> None:
        """Call ``do()`` for these cursors. Withdraws them if it raises Gone; if it fails, their connections fail."""
        try:
            do()
        except SQLAlchemyError:
            raise  # it would fail for all the others as well, each after a timeout
        except Exception as error:
            self._fail(cursors, error, failed)

    def _fail(self, cursors: Iterable[Cursor], error: Exception, failed: dict) -> None:
        if isinstance(error, Gone):
            for cursor in cursors:
                self.withdraw(cursor)
        else:
            failed.update(dict.fromkeys((cursor.connection for cursor in cursors), error))

    def _listen(self, connections: list[Connection], failed: dict) -> None:
        """Join all channels, and find out where the new ones stand: one query for all those that are not lists."""
        joined: dict[str, list[Cursor]] = defaultdict(list)
        for cursor in sliced(cursors_of(connections)):
            self._or_withdraw([cursor], partial(self.channels.join, cursor), failed)
            joined[cursor.stream].append(cursor)
        self.lists.learn(self._in_lists(connections))
        found = [self.channels.get(name) for name in joined]
        new = [channel for channel in found if channel is not None and not channel.begun]
        if not new:
            return
        # Subscribe before reading: a change in between then comes over the subscription.
        self.channels.subscribe(*(channel.name for channel in new))
        self._find_out([channel for channel in new if not isinstance(channel, ListChannel)], joined)
        lists = [channel for channel in new if isinstance(channel, ListChannel)]
        for listing, error in self.lists.begin(lists).items():
            self._fail(joined[listing.name], error, failed)

    def _find_out(self, channels: list[Channel], joined: dict[str, list[Cursor]]) -> None:
        revisions = self.source.revisions([channel.name for channel in channels]) if channels else {}
        for channel in channels:
            if channel.name not in revisions:
                for cursor in joined[channel.name]:
                    self.withdraw(cursor)
                continue
            with self.channels.lock:
                channel.begin(revisions[channel.name])
            self.repair.look_at(channel)

    def _in_lists(self, connections: Iterable[Connection]) -> Iterator[tuple[Cursor, ListChannel]]:
        for cursor in cursors_of(connections):
            if isinstance(found := self.channels.get(cursor.stream), ListChannel):
                yield cursor, found

    def _catch_up(self, cursor: Cursor, read: dict[tuple[str, int], Frame], heads: Mapping[str, Head] | None) -> None:
        """Start a cursor. ``read`` has the catch-ups read since its batch began to listen, by stream and position, and
        ``heads`` what lists need."""
        found, position = self.channels.get(cursor.stream), cursor.position
        if found is None:
            return  # withdrawn while others were caught up
        if isinstance(found, ListChannel):
            return self.lists.catch_up(cursor, found, heads)
        with self.channels.lock:
            known = found.catch_up(position) or read.get((cursor.stream, position))
            if known or position == found.revision:
                return cursor.start(known)
        self.figures["catch_ups"] += 1
        frame = read[cursor.stream, position] = self.source.catch_up(cursor.stream, position)
        self.figures["full_replacements"] += frame.full
        with self.channels.lock:
            if found.begun:
                found.remember(position, frame)
            cursor.start(frame)


def cursors_of(connections: Iterable[Connection]) -> list[Cursor]:
    """The cursors of ``connections`` that were not withdrawn."""
    return [cursor for connection in connections for cursor in connection.cursors.values()]
