"""Stands in front of the app: puts a crowd that asks for streams into the line, without an app request for each reader.

Where nobody waits, the app answers, and its status says whether the reader may read. While others wait, the answer
begins with 200 in any case. So the door needs to know only which streams a request wants, and who sent it.
"""

import re
from collections.abc import Callable, Hashable, Iterable, Mapping
from typing import NamedTuple

from .connection import Connection
from .endpoint import TURN, come_back
from .errors import Closing
from .openings import BUSY


class Wanted(NamedTuple):
    """What a request wants: its connection, the ticket of its reader (see ``Turbo.readers``), and the headers of the
    answer."""

    connection: Connection
    ticket: Hashable
    headers: list[tuple[str, str]]


class Door:
    """A WSGI app around ``app``, for the addresses that match ``paths``.

    ``knock(environ)`` returns what a GET request wants, or None if the app must answer it. So everything unusual is
    refused in one place, the app.
    """

    def __init__(self, turbo, app: Callable, paths: re.Pattern, knock: Callable[[Mapping], Wanted | None]):
        self.turbo, self.app, self.paths, self.knock = turbo, app, paths, knock

    def __call__(self, environ: dict, start_response: Callable) -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] != "GET" or not self.paths.fullmatch(environ["PATH_INFO"]):
            return self.app(environ, start_response)
        with self.turbo.hub.line.turn() as mine:
            if mine:
                environ[TURN] = True
                return self.app(environ, start_response)
        wanted = self.knock(environ)
        if wanted is None:
            return self.app(environ, start_response)
        body = self._in_line(wanted, environ)
        start_response("200 OK", wanted.headers)
        return body

    def _in_line(self, wanted: Wanted, environ: Mapping) -> Iterable[bytes]:
        try:
            return self.turbo.endpoint.stand_in_line(wanted.connection, wanted.ticket, environ)
        except BUSY:
            return [come_back()]
        except Closing:
            return [come_back(self.turbo.hub.retry_ms)]
