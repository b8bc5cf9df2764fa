"""The Flask extension."""

from collections.abc import Callable

import redis
from flask import Flask, abort
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from . import announcements
from .cluster import Cluster
from .connection import Connection
from .endpoint import Endpoint, Known
from .errors import Gone
from .hub import Hub
from .limits import ConnectionLimit
from .openings import Openings, Reader
from .owners import Owners
from .publisher import Publisher
from .row_cache import RowCache
from .settings import DEFAULTS
from .signals import published
from .slices import sliced
from .source import DatabaseSource
from .streams import Frame
from .transactions import after_commit

#: Seconds that a commit waits for Redis.
TIMEOUT = 1.0
#: Seconds for which the page of a connection that gave way does without a stream.
REST = 60
#: Heartbeats for which an owner counts as being here after each ``Owners.note``.
BEATS_HERE = 2.5


class Turbo:
    """Publishes what models announce, and streams it to the readers of this process.

    Its settings, in ``app.config``, begin with TURBO_; settings.py has their defaults.
    """

    def __init__(self):
        self.readers_of: Callable[[list], list[Reader | Exception]] = lambda tickets: [Gone()] * len(tickets)
        self._withdrawn = lambda cursors: []
        self._watched, self._attendance = lambda cursors: {}, lambda here: ""
        self._reading = lambda ask: ask()

    def init_app(
        self, app: Flask, db, client: redis.Redis | None = None, carrier: redis.Redis | Cluster | None = None
    ) -> None:
        """Listen to the sessions of ``db``, a Flask-SQLAlchemy, and serve its streamables to the readers of ``app``.

        Requests talk to Redis through ``client``, by default one for ``TURBO_REDIS_URL``. ``carrier`` is the Redis or
        the cluster that carries the frames, if it is another one. The hub listens there on connections of its own.
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
        self.redis = client
        self.publisher = Publisher(client if carrier is None else carrier)
        self.owners = Owners(client, BEATS_HERE * config["TURBO_HEARTBEAT_SECONDS"])
        self.openings = Openings(app, self)
        self.hub = self._hub(app)
        self.limit = ConnectionLimit(client, config["TURBO_STREAMS_PER_READER"], config["TURBO_MAX_AGE_SECONDS"])
        self.endpoint = Endpoint(self)

    def _hub(self, app: Flask) -> Hub:
        config = app.config
        return Hub(
            self.publisher.redis,
            DatabaseSource(
                app,
                self.db,
                lambda cursors: self._withdrawn(cursors),
                lambda cursors: self._watched(cursors),
                lambda here: self._attendance(here),
                lambda ask: self._reading(ask),
            ),
            beat=config["TURBO_HEARTBEAT_SECONDS"],
            retry=config["TURBO_RETRY_MS"],
            ages=(config["TURBO_MIN_AGE_SECONDS"], config["TURBO_MAX_AGE_SECONDS"]),
            limit=config["TURBO_STREAMS_PER_PROCESS"],
            owners=self.owners,
            open=self.openings.begin_in_line,
        )

    def readers(self, function):
        """Register the function that turns tickets into readers. It gets the tickets of all requests that begin
        together, as given to ``answer`` and ``answer_page``, in an app context and without a request. It returns for
        each a Reader, ``Gone()`` for one without access, or ``Overloaded()`` for one who came too often."""
        self.readers_of = function
        return function

    def withdrawn(self, function):
        """Register the function that names, of the cursors it is given, those whose readers may no longer read."""
        self._withdrawn = function
        return function

    def watched(self, function):
        """Register the function that names, for each of the cursors it is given, the owners that its reader is told
        about: ``{cursor: frozenset({"user:3"})}``. It is asked once in each heartbeat, and after ``watch_anew``."""
        self._watched = function
        return function

    def attendance(self, function):
        """Register the function that makes the HTML to tell a page who is here. It gets the owners by the names of the
        page's streams, or None while Redis is away."""
        self._attendance = function
        return function

    def reading(self, function):
        """Register the function that calls ``ask()`` to read a catch-up or a list, and returns its result. It may have
        ``ask()`` read from a replica that has what the database had when the function was called."""
        self._reading = function
        return function

    def watch_anew(self, session: Session) -> None:
        """Once ``session`` commits, have every process ask the function of ``watched`` again, within seconds."""
        after_commit(session, self.publisher.watch)

    def answer(
        self,
        stream: str,
        reader: Known,
        refuse: Callable[[], ResponseReturnValue] = lambda: abort(404),
    ) -> ResponseReturnValue:
        """The answer to the current request: the stream named ``stream``, for the Reader that ``reader()`` returns.

        ``reader`` raises Gone for a reader without access. Where others wait to begin, it is called later, in another
        thread, with an app context and without the request; so it must have read everything it needs from the request.
        It may also be a ticket, anything hashable that is not a function. Then the function of ``readers`` is asked,
        once for all who come at the same time.
        ``refuse()`` answers a reader without access who asks for the first time; an EventSource that comes back gets
        204. In line the answer has begun by then, so it ends instead.
        """
        return self.endpoint.answer(stream, reader, refuse)

    def answer_page(
        self, reader: Known, refuse: Callable[[], ResponseReturnValue] = lambda: abort(404)
    ) -> ResponseReturnValue:
        """The answer to the current request: all the streams that its query names, in one connection.

        ``reader`` and ``refuse`` are those of ``answer``. ``reader`` says who reads, and ``withdrawn`` says which of
        the streams this reader may not read: the page is told so, and the connection carries the others.
        """
        return self.endpoint.answer_page(reader, refuse)

    def begin(self, connection: Connection, owner: str, tags=()) -> Connection:
        """``hub.begin`` for one of ``owner``'s connections. When the owner has too many, the oldest gives way.

        Raises Gone where the reader has access to no stream of the connection. The hub checks access once the
        connection listens, because the reader may have lost it since the caller's own check.
        Read the connection through an ``EventStream``, which disconnects it at the end.
        """
        connection.owner = owner
        connection.tag((owner, *tags))
        for error in self.begin_all([connection]).values():
            raise error
        return connection

    def begin_all(self, connections: list[Connection]) -> dict[Connection, Exception]:
        """``begin`` for connections that have their owners and tags. Returns those that did not begin, each with the
        reason."""
        failed = self.hub.begin_all(connections)
        begun = [connection for connection in connections if connection not in failed]
        if begun:
            self._admit(begun)
            self.owners.note({connection.owner for connection in begun})
        return failed

    def _admit(self, connections: list[Connection]) -> None:
        # An answer that ends at once does not count.
        for oldest in self.limit.admit(*((one.owner, one.id) for one in connections if one.wait != 0)):
            self.hub.figures["gave_way"] += 1
            # It must not come back at once: as the newest connection it would drive out the next one.
            self.publisher.end(f"connection:{oldest}", rest=REST)
        # The readers of these left while they began, so nothing else disconnects them.
        self.disconnect(*(connection for connection in connections if connection.ended))

    def disconnect(self, *connections: Connection) -> None:
        """Forget connections. Harmless to repeat, and for one that has not begun."""
        for connection in sliced(connections):
            self.hub.disconnect(connection)
        counted = [(one.owner, one.id) for one in connections if one.owner and one.wait != 0]
        if counted:
            self.limit.release(*counted)

    def publish(self, stream: str, frame: Frame) -> None:
        """Hand a committed frame to Redis."""
        self.publisher.frame(stream, frame)
        published.send(self, stream=stream, revision=frame.revision, html=frame.html)

    def broadcast(self, stream: str, html: str) -> None:
        """Send a passing state, such as who is typing. It has no revision and is never sent again."""
        self.publisher.ephemeral(stream, html)
        published.send(self, stream=stream, revision=None, html=html)

    def check(self, session: Session, stream: str) -> None:
        """Once ``session`` commits, have every process withdraw the streams that their readers may no longer read."""
        after_commit(session, lambda: self.publisher.check(stream))

    def end(self, session: Session, tag: str, stream: str | None = None) -> None:
        """Once ``session`` commits, end the connections that carry ``tag``, in every process.

        With ``stream`` they lose only that one, and end if they carry no other.
        """
        after_commit(session, lambda: self.publisher.end(tag, stream))
