"""The Flask extension."""

from collections.abc import Callable

import redis
from flask import Flask, abort
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from . import announcements
from .connection import Connection
from .endpoint import Endpoint, Reader
from .hub import Hub
from .limits import ConnectionLimit
from .owners import Owners
from .publisher import Publisher
from .row_cache import RowCache
from .settings import DEFAULTS
from .signals import published
from .source import DatabaseSource
from .streams import Frame
from .transactions import after_commit

#: Seconds that a commit waits for Redis.
TIMEOUT = 1.0
#: Seconds for which the page of a connection that gave way does without a stream.
REST = 60
#: Heartbeats for which an owner counts as being here after each note of it.
BEATS_HERE = 2.5


class Turbo:
    """Publishes what models announce, and streams it to the readers of this process.

    Its settings, in ``app.config``, begin with TURBO_; settings.py has their defaults.
    """

    def __init__(self):
        self._withdrawn = lambda cursors: []
        self._watched, self._attendance = lambda cursors: {}, lambda here: ""

    def init_app(self, app: Flask, db, client: redis.Redis | None = None) -> None:
        """Listen to the sessions of ``db``, a Flask-SQLAlchemy, and serve its streamables to the readers of ``app``.

        Requests speak to Redis by ``client``; without one they get a client of their own. The hub listens on a
        connection of its own.
        """
        for name, value in DEFAULTS.items():
            app.config.setdefault(name, value)
        config, self.db = app.config, db
        announcements.listen(db.session)
        client = client or redis.Redis.from_url(
            config["TURBO_REDIS_URL"], socket_timeout=TIMEOUT, socket_connect_timeout=TIMEOUT
        )
        app.extensions["turbo"] = self
        app.extensions["turbo.rows"] = RowCache(config["TURBO_ROW_CACHE_BYTES"])
        self.publisher = Publisher(client)
        self.owners = Owners(client, BEATS_HERE * config["TURBO_HEARTBEAT_SECONDS"])
        self.hub = self._hub(app)
        self.limit = ConnectionLimit(client, config["TURBO_STREAMS_PER_READER"], config["TURBO_MAX_AGE_SECONDS"])
        self._endpoint = Endpoint(app, self)

    def _hub(self, app: Flask) -> Hub:
        config = app.config
        return Hub(
            config["TURBO_REDIS_URL"],
            DatabaseSource(
                app,
                self.db,
                lambda cursors: self._withdrawn(cursors),
                lambda cursors: self._watched(cursors),
                lambda here: self._attendance(here),
            ),
            beat=config["TURBO_HEARTBEAT_SECONDS"],
            retry=config["TURBO_RETRY_MS"],
            ages=(config["TURBO_MIN_AGE_SECONDS"], config["TURBO_MAX_AGE_SECONDS"]),
            limit=config["TURBO_STREAMS_PER_PROCESS"],
            owners=self.owners,
        )

    def withdrawn(self, function):
        """Register the function that names, of the cursors it is given, those whose readers may no longer read."""
        self._withdrawn = function
        return function

    def watched(self, function):
        """Register the function that names, for each of the cursors it is given, the owners of whom its reader is told:
        ``{cursor: frozenset({"user:3"})}``. It is asked once in each heartbeat, and after ``watch_anew``."""
        self._watched = function
        return function

    def attendance(self, function):
        """Register the function that makes the HTML which tells a page who is here. It gets the owners by the names of
        the page's streams, or None where nobody knows, because Redis is away."""
        self._attendance = function
        return function

    def watch_anew(self, session: Session) -> None:
        """Once ``session`` commits, have every process ask the function of ``watched`` again, within seconds."""
        after_commit(session, self.publisher.watch)

    def answer(
        self,
        stream: str,
        reader: Callable[[], Reader],
        refuse: Callable[[], ResponseReturnValue] = lambda: abort(404),
    ) -> ResponseReturnValue:
        """The answer to the current request: the stream of that name, to whoever ``reader()`` says is reading.

        ``reader`` raises Gone for somebody who may not read. Where others wait to begin, it is called later, in another
        thread, with an app context and without the request; so it must have read everything it needs from the request.
        ``refuse()`` answers somebody who may not read and asks for the first time; an EventSource that comes back gets
        204. In line the answer has begun by then, so it ends instead.
        """
        return self._endpoint.answer(stream, reader, refuse)

    def answer_page(
        self, reader: Callable[[], Reader], refuse: Callable[[], ResponseReturnValue] = lambda: abort(404)
    ) -> ResponseReturnValue:
        """The answer to the current request: all the streams that its query names, in one connection.

        ``reader`` and ``refuse`` are those of ``answer``. ``reader`` says who reads, and ``withdrawn`` says which of
        the streams this reader may not read: the page is told so, and the connection carries the others.
        """
        return self._endpoint.answer_page(reader, refuse)

    def begin(self, connection: Connection, owner: str, tags=()) -> Connection:
        """``hub.begin`` for one of ``owner``'s connections. When the owner has too many, the oldest gives way.

        Raises Gone where the reader may read none of its streams. The hub checks that once the connection listens,
        because the reader may have lost access since the caller's own check.
        Read the connection through an ``EventStream``, which gives it back.
        """
        connection.owner = owner
        connection.tag((owner, *tags))
        self.hub.begin(connection)
        self._admit(connection)
        self.owners.note({owner})
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
        """Once ``session`` commits, end the connections that carry ``tag``, in every process.

        With ``stream`` they only lose that one, and end where they carry no other.
        """
        after_commit(session, lambda: self.publisher.end(tag, stream))
