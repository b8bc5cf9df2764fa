"""The Flask extension."""

import redis
from flask import Flask
from sqlalchemy.orm import Session

from . import announcements
from .connection import Connection
from .errors import Gone
from .hub import Hub
from .limits import ConnectionLimit
from .publisher import Publisher
from .row_cache import RowCache
from .signals import published
from .source import DatabaseSource
from .streams import Frame
from .transactions import after_commit

#: Bytes of HTML that each process keeps, of the rows that it rendered last.
ROW_CACHE_BYTES = 16 * 2**20
#: Seconds for which the page of a connection that gave way does without a stream.
REST = 60


class Turbo:
    """Publishes what models announce, and streams it to the readers of this process.

    Settings, from ``app.config``: REDIS_URL, HEARTBEAT_SECONDS, STREAM_RETRY_MS, STREAM_MIN_AGE_SECONDS,
    STREAM_MAX_AGE_SECONDS, STREAMS_PER_PROCESS, STREAMS_PER_USER.
    """

    def __init__(self):
        self._withdrawn = lambda connections: []

    def init_app(self, app: Flask, db, client: redis.Redis) -> None:
        """``client`` is what requests speak to Redis with; the hub listens on a connection of its own."""
        config = app.config
        announcements.listen(db.session)
        app.extensions["turbo"] = self
        app.extensions["turbo.rows"] = RowCache(ROW_CACHE_BYTES)
        self.publisher = Publisher(client)
        self.hub = Hub(
            config["REDIS_URL"],
            DatabaseSource(app, db, lambda connections: self._withdrawn(connections)),
            beat=config["HEARTBEAT_SECONDS"],
            retry=config["STREAM_RETRY_MS"],
            ages=(config["STREAM_MIN_AGE_SECONDS"], config["STREAM_MAX_AGE_SECONDS"]),
            limit=config["STREAMS_PER_PROCESS"],
        )
        longest = config["STREAM_MAX_AGE_SECONDS"]
        self.limit = ConnectionLimit(client, config["STREAMS_PER_USER"], longest)

    def withdrawn(self, function):
        """Register the function that names, of the connections it is given, those who may no longer read."""
        self._withdrawn = function
        return function

    def begin(self, connection: Connection, owner: str, tags=()) -> Connection:
        """``hub.begin`` for one of ``owner``'s connections. When the owner has too many, the oldest gives way.

        Raises Gone for a reader who may no longer read, too. It checks that again after the connection has begun to
        listen, because it may have missed a withdrawal since the caller's own check.
        Read the connection through an ``EventStream``, which gives it back.
        """
        connection.owner = owner
        connection.tag((owner, *tags))
        self.hub.begin(connection)
        try:
            if self.hub.source.withdrawn([connection]):
                raise Gone(connection.stream)
        except BaseException:
            self.hub.disconnect(connection)
            raise
        self._admit(connection)
        return connection

    def _admit(self, connection: Connection) -> None:
        if connection.wait != 0:  # an answer that ends at once does not count
            for oldest in self.limit.admit(connection.owner, connection.id):
                # It may not come back at once: it would be the newest then, and drive out the next.
                self.publisher.end(f"connection:{oldest}", rest=REST)
        if connection.ended:  # its reader left while it began, so nobody else gives it back
            self.disconnect(connection)

    def disconnect(self, connection: Connection) -> None:
        """Forget a connection. Harmless to repeat, and for one that has not begun."""
        self.hub.disconnect(connection)
        if connection.owner and connection.wait != 0:
            self.limit.release(connection.owner, connection.id)

    def publish(self, stream: str, frame: Frame) -> None:
        """Hand a committed frame to Redis."""
        self.publisher.frame(stream, frame)
        published.send(self, stream=stream, revision=frame.revision, html=frame.html)

    def broadcast(self, stream: str, html: str) -> None:
        """Send a passing state, such as who is typing. It has no revision and is never sent again."""
        self.publisher.ephemeral(stream, html)
        published.send(self, stream=stream, revision=None, html=html)

    def check(self, session: Session, stream: str) -> None:
        """Once ``session`` commits, have every process end the connections of those who may no longer read."""
        after_commit(session, lambda: self.publisher.check(stream))

    def end(self, session: Session, tag: str, stream: str | None = None) -> None:
        """Once ``session`` commits, end the connections that carry ``tag``, in every process."""
        after_commit(session, lambda: self.publisher.end(tag, stream))
