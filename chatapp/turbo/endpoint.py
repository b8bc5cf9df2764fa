"""Answers requests for a stream: at once where nobody waits, else with a place in line, and never with an error.

GET /posts/7/stream?revision=43      Last-Event-ID: 44 (from browsers that come back; it wins)
GET /stream?post:7=43&reader:4=118   Last-Event-ID: post:7=44&reader:4=118
    &wait=25                         end after the first news, or after 25 seconds
    &beat=5                          send a heartbeat every 5 seconds

HTTP/1.1 200 OK
Content-Type: text/event-stream; charset=utf-8
Cache-Control: no-cache, no-transform
X-Accel-Buffering: no
"""

import logging
from collections.abc import Callable, Iterable
from functools import partial
from typing import NamedTuple

from flask import Flask, Response, request
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import SQLAlchemyError

from . import wishes
from .connection import Connection, jittered
from .errors import Closing, Gone, Overloaded
from .event_stream import EventStream
from .streams import retry

log = logging.getLogger(__name__)

Refuse = Callable[[], ResponseReturnValue]

HEADERS = {"Cache-Control": "no-cache, no-transform", "X-Accel-Buffering": "no"}
#: Milliseconds until an overloaded server is asked again, and until the next of the answers that end.
OVERLOADED_RETRY, POLL_RETRY, NEXT_RETRY = 10_000, 1500, 100
#: The server is busy or the database away: the reader may come back later.
BUSY = (Overloaded, SQLAlchemyError, TimeoutError)


class Reader(NamedTuple):
    """The reader of a connection.

    Connections are counted by ``owner``, such as ``"user:3"``. ``Turbo.end`` also finds the connection by its ``tags``,
    such as ``("session:8",)``.
    """

    owner: str
    tags: tuple[str, ...] = ()


class Endpoint:
    """Serves the streams of ``turbo`` to the readers of ``app``."""

    def __init__(self, app: Flask, turbo):
        self.app, self.turbo, self.hub = app, turbo, turbo.hub

    def answer(self, stream: str, reader: Callable[[], Reader], refuse: Refuse) -> ResponseReturnValue:
        """The answer to the current request, for ``stream``; see ``Turbo.answer``."""
        return self._answer(self._wanted({stream: wishes.cursor(request)}, named=False), reader, refuse)

    def answer_page(self, reader: Callable[[], Reader], refuse: Refuse) -> ResponseReturnValue:
        """The answer to the current request, for the streams that it names; see ``Turbo.answer_page``."""
        positions = wishes.cursors(request)
        if not positions:
            return refused(refuse)
        return self._answer(self._wanted(positions, named=True), reader, refuse)

    def _answer(self, connection: Connection, reader, refuse: Refuse) -> ResponseReturnValue:
        try:
            with self.hub.line.turn() as mine:
                return self._at_once(connection, reader, refuse) if mine else self._in_line(connection, reader)
        except BUSY as error:
            log.warning("stream %s put off: %r", connection, error)
            return put_off()
        except Closing:
            return put_off(self.hub.retry_ms)
        except Gone:
            return refused(refuse) if connection.named else ("", 204)

    def _at_once(self, connection: Connection, reader, refuse: Refuse) -> ResponseReturnValue:
        try:
            found = reader()
        except Gone:
            return refused(refuse)
        self._begin(connection, found)
        return self._serve(connection)

    def _in_line(self, connection: Connection, reader) -> Response:
        """An answer that begins at once, before asking the database. The news follows when it is this reader's turn."""
        self.hub.stand_in_line(connection, lambda: self._begin_later(connection, reader))
        return self._serve(connection)

    def _begin_later(self, connection: Connection, reader) -> None:
        with self.app.app_context():
            try:
                self._begin(connection, reader())
            except BUSY as error:
                log.warning("stream %s put off: %r", connection, error)
                connection.end(OVERLOADED_RETRY)
            except (Closing, Gone):
                connection.end(self.hub.retry_ms)

    def _begin(self, connection: Connection, reader: Reader) -> None:
        # A stream lives for an hour; it may not keep a database connection for so long.
        self.turbo.db.session.remove()
        self.turbo.begin(connection, reader.owner, reader.tags)

    def _wanted(self, positions: dict[str, int], named: bool) -> Connection:
        interval = wishes.interval(request, self.hub.beat_seconds)
        return Connection(positions, wait=wishes.wait(request), interval=interval, named=named)

    def _serve(self, connection: Connection) -> Response:
        preamble = connection.preamble(self._retry_after(connection.wait), connection.interval)
        return event_stream(
            EventStream(connection, preamble, partial(self.turbo.disconnect, connection), request.environ)
        )

    def _retry_after(self, wait: float | None) -> int:
        if wait is None:
            return self.hub.retry_ms
        return NEXT_RETRY if wait else POLL_RETRY


def event_stream(body: Iterable[bytes] | bytes) -> Response:
    """An answer of server-sent events, with the headers that forbid every layer on its way to hold it back."""
    return Response(body, mimetype="text/event-stream", headers=HEADERS)


def put_off(milliseconds: int = OVERLOADED_RETRY) -> Response:
    """Have a reader come back after about so long: ``retry: 10000`` and the end. Never an error, after which an
    EventSource would not come back."""
    return event_stream(retry(jittered(milliseconds)))


def refused(answer: Callable[[], ResponseReturnValue]) -> ResponseReturnValue:
    """``answer()`` for somebody who may not read. An EventSource that comes back gets 204, which ends it for good."""
    return ("", 204) if "Last-Event-ID" in request.headers else answer()
