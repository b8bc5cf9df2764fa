"""The door of the streams, see turbo/door.py: who is in a crowd, which streams they want, and how often they came.

It proves nothing itself. The cookie is read by the same code as for views. The log-in and the right to read are checked
when the streams begin. Any request but a plain one for a stream goes to the view.
"""

import re
from collections.abc import Mapping
from functools import partial

from flask import Flask, Request, current_app
from limits import parse_many
from werkzeug.exceptions import SecurityError
from werkzeug.wsgi import get_host

from . import logs, measuring, security
from .extensions import limiter, log_in_key_of, turbo
from .models import access
from .turbo import Gone, Overloaded, Reader
from .turbo.door import Door, Wanted
from .turbo.endpoint import HEADERS

#: The addresses of views/streams.py, and their endpoints.
PATHS = re.compile(r"/stream|/chats/([1-9][0-9]{0,9})/stream")
INDEX, SHOW = "streams.index", "streams.show"


def init_app(app: Flask) -> None:
    app.wsgi_app = Door(turbo, app.wsgi_app, PATHS, partial(knock, app))
    turbo.readers(readers)


def knock(app: Flask, environ: Mapping) -> Wanted | None:
    request = app.request_class(environ, populate_request=False)
    chat_id = PATHS.fullmatch(request.path)[1]
    token = token_of(app, request)
    if token is None or (chat_id and int(chat_id) >= 2**31) or has_body(environ):
        return None
    connection = turbo.endpoint.wanted(request, chat_id and f"chat:{chat_id}")
    if not connection.cursors:
        return None
    measuring.note_stream_in_line(app)
    ticket = access.Ticket(token, chat_id and int(chat_id), counts_for=SHOW if chat_id else INDEX)
    return Wanted(connection, ticket, headers(app, request))


def token_of(app: Flask, request: Request) -> str | None:
    """Returns what the cookie holds, as ``authentication.login_token`` does. Also None for a host that is not ours."""
    try:
        get_host(request.environ, app.config["TRUSTED_HOSTS"])
    except SecurityError:
        return None
    session = app.session_interface.open_session(app, request)
    return session.get("_user_id") if session else None


def has_body(environ: Mapping) -> bool:
    return environ.get("CONTENT_LENGTH", "0") not in ("", "0") or "HTTP_TRANSFER_ENCODING" in environ


def headers(app: Flask, request: Request) -> list[tuple[str, str]]:
    """Returns the headers that a view's answer would have."""
    id = logs.id_for(request.environ.get("HTTP_X_REQUEST_ID", ""))
    kind = {"Content-Type": "text/event-stream; charset=utf-8", **HEADERS}
    return [*kind.items(), *security.headers(app).items(), ("Vary", "Accept-Encoding, Cookie"), (logs.HEADER, id)]


def readers(tickets: list[access.Ticket]) -> list[Reader | Gone | Overloaded]:
    """Returns the reader of each ticket, or why it has none. Counts the tickets that no view has counted yet."""
    uncounted = [ticket for ticket in tickets if ticket.counts_for]
    too_often = {ticket for ticket, count in zip(uncounted, within_rate(uncounted), strict=True) if not count}
    found = access.readers({ticket for ticket in tickets if ticket not in too_often})
    return [Overloaded("too often") if ticket in too_often else found.get(ticket) or Gone() for ticket in tickets]


def within_rate(tickets: list[access.Ticket]) -> list[bool]:
    """Says for each ticket whether its log-in may begin another stream now; counts as Flask-Limiter does."""
    limits = sorted(parse_many(current_app.config["STREAM_RATE"]))
    prefix = current_app.config["RATELIMIT_KEY_PREFIX"]
    asked = [
        (limit, limit.key_for(prefix, log_in_key_of(ticket.token), ticket.counts_for))
        for ticket in tickets
        for limit in limits
    ]
    counts = limiter.storage.incr_all([(key, limit.get_expiry()) for limit, key in asked]) if limiter.enabled else []
    within = [count <= limit.amount for (limit, _), count in zip(asked, counts, strict=False)]
    return [all(within[place * len(limits) :][: len(limits)]) for place in range(len(tickets))]
