"""The readers of a process: how a connection comes to its streams, and how it loses them."""

from collections import Counter
from collections.abc import Callable

from .channel import Channel
from .channels import Channels
from .connection import Connection
from .cursor import Cursor
from .errors import Gone
from .list_channel import ListChannel
from .lists import Lists
from .repair import Repair


class Readers:
    """Joins connections to ``channels`` and catches them up from ``source``, which it counts in ``figures``.

    ``greet(connection)`` may tell it more before it is live.
    """

    def __init__(
        self,
        source,
        channels: Channels,
        lists: Lists,
        repair: Repair,
        figures: Counter[str],
        greet: Callable[[Connection], None],
    ):
        self.source, self.channels, self.lists, self.repair, self.figures = source, channels, lists, repair, figures
        self.greet = greet

    def begin(self, connection: Connection) -> Connection:
        """Start a connection, each of its streams caught up from its cursor.

        What its reader may not read, or what does not exist, is withdrawn. Raises Gone where nothing is left.
        """
        try:
            self._begin(connection)
        except BaseException:
            self.disconnect(connection)
            raise
        return connection

    def disconnect(self, connection: Connection) -> None:
        """Forget a connection. Harmless to repeat."""
        connection.end()
        with self.channels.lock:
            for cursor in connection.cursors.values():
                self.channels.leave(cursor)

    def withdraw(self, cursor: Cursor) -> None:
        """Take a stream away from its reader. Harmless to repeat."""
        with self.channels.lock:
            self.channels.leave(cursor)
            cursor.connection.withdraw(cursor.stream)

    def cursors(self, stream: str | None = None) -> list[Cursor]:
        """The cursors of this process, all or those of one stream."""
        with self.channels.lock:
            return [cursor for found in self.channels if stream in (None, found.name) for cursor in found.cursors]

    def _begin(self, connection: Connection) -> None:
        for cursor in connection.cursors.values():
            self._or_withdraw(self._join, cursor)
        # Behind the listening: whoever admitted the reader may have missed a withdrawal since.
        for cursor in self.source.withdrawn(list(connection.cursors.values())):
            self.withdraw(cursor)
        for cursor in connection.cursors.values():
            self._or_withdraw(self._catch_up, cursor)
        if not connection.cursors:
            raise Gone
        self.greet(connection)
        with self.channels.lock:
            connection.begin()

    def _or_withdraw(self, do: Callable[[Cursor], None], cursor: Cursor) -> None:
        try:
            do(cursor)
        except Gone:
            self.withdraw(cursor)

    def _join(self, cursor: Cursor) -> None:
        found = self.channels.join(cursor)
        with found.reading:
            if not found.begun:
                self._find_out(found)

    def _find_out(self, found: Channel) -> None:
        # Acknowledged first, read then: a change in between comes over the subscription.
        self.channels.subscribe(found.name)
        if isinstance(found, ListChannel):
            return self.lists.begin(found)
        revisions = self.source.revisions([found.name])
        if found.name not in revisions:
            raise Gone(found.name)
        with self.channels.lock:
            found.begin(revisions[found.name])
        self.repair.look_at(found)

    def _catch_up(self, cursor: Cursor) -> None:
        found = self.channels.get(cursor.stream)
        if isinstance(found, ListChannel):
            return self.lists.catch_up(cursor, found)
        position = cursor.position
        with self.channels.lock:
            known = found.catch_up(position)
            if known or position == found.revision:
                return cursor.start(known)
        self.figures["catch_ups"] += 1
        frame = self.source.catch_up(cursor.stream, position)
        self.figures["full_replacements"] += frame.full
        with self.channels.lock:
            if found.begun:
                found.remember(position, frame)
            cursor.start(frame)
