"""Begins streams, many at a time: finds out who reads each, and deals with those that can't begin."""

import logging
from collections.abc import Callable, Hashable
from typing import NamedTuple

from flask import Flask
from sqlalchemy.exc import SQLAlchemyError

from .connection import Connection
from .errors import Closing, Gone, Overloaded, Refused

log = logging.getLogger(__name__)

#: Milliseconds until an overloaded server is asked again.
OVERLOADED_RETRY = 10_000
#: The server is busy or the database away: the reader may come back later.
BUSY = (Overloaded, SQLAlchemyError, TimeoutError)


class Reader(NamedTuple):
    """The reader of a connection.

    Connections are counted by ``owner``, such as ``"user:3"``. ``Turbo.end`` also finds the connection by its ``tags``,
    such as ``("session:8",)``.
    """

    owner: str
    tags: tuple[str, ...] = ()


class Opening:
    """A connection about to begin, and who reads it.

    ``reader`` is a function that returns a Reader, or raises Gone; or a ticket for the function of ``Turbo.readers``.
    """

    __slots__ = ("connection", "reader")

    def __init__(self, connection: Connection, reader: Callable[[], Reader] | Hashable):
        self.connection, self.reader = connection, reader


Failures = dict[Opening, Exception]


class Openings:
    """Begins the streams of ``turbo`` for the readers of ``app``."""

    def __init__(self, app: Flask, turbo):
        self.app, self.turbo = app, turbo

    def begin(self, openings: list[Opening]) -> Failures:
        """Begin these together. Returns those that did not begin, each with the reason: Refused for a reader without
        any access, Gone if nothing is left to read, Closing, or one of ``BUSY``.

        Any other exception is a mistake in the code.
        """
        failed: Failures = {}
        self._find_readers(openings, failed)
        known = {opening.connection: opening for opening in openings if opening not in failed}
        for connection, error in self.turbo.begin_all(list(known)).items():
            failed[known[connection]] = error
        for error in {id(error): error for error in failed.values() if isinstance(error, BUSY)}.values():
            concerned = [str(opening.connection) for opening in failed if failed[opening] is error]
            self.turbo.hub.figures["put_off"] += len(concerned)
            log.warning("%d streams put off, such as %s: %r", len(concerned), concerned[0], error)
        return failed

    def begin_in_line(self, openings: list[Opening]) -> None:
        """Begin these together. Their answers have begun already, so those that can't begin end."""
        for opening, error in self.begin(openings).items():
            if isinstance(error, BUSY):
                opening.connection.end(OVERLOADED_RETRY)
            elif isinstance(error, Closing | Gone):
                opening.connection.end(self.turbo.hub.retry_ms)
            else:
                opening.connection.end()
                log.error("turbo: %s did not begin", opening.connection, exc_info=error)

    def _find_readers(self, openings: list[Opening], failed: Failures) -> None:
        """Give each connection its owner and its tags."""
        by_ticket = [opening for opening in openings if not callable(opening.reader)]
        found = dict(zip(by_ticket, self._by_tickets([opening.reader for opening in by_ticket]), strict=True))
        for opening in openings:
            reader = found[opening] if opening in found else self._by_function(opening.reader)
            if isinstance(reader, Exception):
                failed[opening] = Refused() if isinstance(reader, Gone) else reader
            else:
                opening.connection.owner = reader.owner
                opening.connection.tag((reader.owner, *reader.tags))

    def _by_tickets(self, tickets: list[Hashable]) -> list[Reader | Exception]:
        if not tickets:
            return []
        try:
            with self.app.app_context():
                return self.turbo.readers_of(tickets)
        except Exception as error:
            return [error] * len(tickets)

    def _by_function(self, reader: Callable[[], Reader]) -> Reader | Exception:
        try:
            with self.app.app_context():
                return reader()
        except Exception as error:
            return error
