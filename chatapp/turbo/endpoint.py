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

from collections.abc import Callable, Hashable, Iterable, Mapping
from contextlib import nullcontext
from functools import partial

from flask import Request, Response, request
from flask.typing import ResponseReturnValue

from . import wishes
from .connection import Connection, jittered
from .errors import Closing, Gone, Refused
from .event_stream import EventStream
from .openings import BUSY, OVERLOADED_RETRY, Opening, Reader
from .sockets import Sockets
from .streams import retry

Refuse = Callable[[], ResponseReturnValue]
Known = Callable[[], Reader] | Hashable

HEADERS = {"Cache-Control": "no-cache, no-transform", "X-Accel-Buffering": "no"}
#: Milliseconds until a page asks again, after an answer that ended at once and after one that waited for news.
POLL_RETRY, NEXT_RETRY = 1500, 100
#: The key in the environment of a request whose turn has come already; see door.py.
TURN = "turbo.turn"


class Endpoint:
    """Serves the streams of ``turbo``."""

    def __init__(self, turbo):
        self.turbo, self.hub = turbo, turbo.hub
        self.sockets = Sockets(lambda connections: turbo.disconnect(*connections))

    def answer(self, stream: str, reader: Known, refuse: Refuse) -> ResponseReturnValue:
        """The answer to the current request, for ``stream``; see ``Turbo.answer``."""
        return self._answer(self.wanted(request, stream), reader, refuse)

    def answer_page(self, reader: Known, refuse: Refuse) -> ResponseReturnValue:
        """The answer to the current request, for the streams that it names; see ``Turbo.answer_page``."""
        connection = self.wanted(request)
        return self._answer(connection, reader, refuse) if connection.cursors else refused(refuse)

    def wanted(self, request: Request, stream: str | None = None) -> Connection:
        """The connection that a request asks for: to ``stream``, or to all streams that its query names."""
        positions = wishes.cursors(request) if stream is None else {stream: wishes.cursor(request)}
        interval = wishes.interval(request, self.hub.beat_seconds)
        return Connection(positions, wait=wishes.wait(request), interval=interval, named=stream is None)

    def stand_in_line(self, connection: Connection, reader: Known, environ: Mapping) -> EventStream:
        """The body of an answer that begins at once, before asking the database. The news follows when it is this
        reader's turn. Raises Overloaded or Closing."""
        self.hub.stand_in_line(Opening(connection, reader))
        return self._body(connection, environ)

    def _answer(self, connection: Connection, reader: Known, refuse: Refuse) -> ResponseReturnValue:
        try:
            with nullcontext(True) if TURN in request.environ else self.hub.line.turn() as mine:
                if mine:
                    self._begin(Opening(connection, reader))
                    return event_stream(self._body(connection, request.environ))
            return event_stream(self.stand_in_line(connection, reader, request.environ))
        except BUSY:
            return put_off()
        except Closing:
            return put_off(self.hub.retry_ms)
        except Refused:
            return refused(refuse)
        except Gone:
            return refused(refuse) if connection.named else ("", 204)

    def _begin(self, opening: Opening) -> None:
        # A stream lives for up to an hour, and must not hold a database connection meanwhile.
        self.turbo.db.session.remove()
        for error in self.turbo.openings.begin([opening]).values():
            raise error

    def _body(self, connection: Connection, environ: Mapping) -> EventStream:
        preamble = connection.preamble(self._retry_after(connection.wait), connection.interval)
        return EventStream(connection, preamble, partial(self.turbo.disconnect, connection), environ, self.sockets)

    def _retry_after(self, wait: float | None) -> int:
        if wait is None:
            return self.hub.retry_ms
        return NEXT_RETRY if wait else POLL_RETRY


def event_stream(body: Iterable[bytes] | bytes) -> Response:
    """An answer of server-sent events, with the headers that forbid every layer on its way to hold it back."""
    return Response(body, mimetype="text/event-stream", headers=HEADERS)


def put_off(milliseconds: int = OVERLOADED_RETRY) -> Response:
    """Have a reader come back after about ``milliseconds``: ``retry: 10000`` and the end. Never an error, after which
    an EventSource would not come back."""
    return event_stream(come_back(milliseconds))


def come_back(milliseconds: int = OVERLOADED_RETRY) -> bytes:
    """The bytes of ``put_off``."""
    return retry(jittered(milliseconds))


def refused(answer: Callable[[], ResponseReturnValue]) -> ResponseReturnValue:
    """``answer()`` for a reader without access. An EventSource that comes back gets 204, which ends it for good."""
    return ("", 204) if "Last-Event-ID" in request.headers else answer()
