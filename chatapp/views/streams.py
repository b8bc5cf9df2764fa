"""The event stream of a chat."""

import re
from functools import partial

from flask import Blueprint, Flask, Response, current_app, request
from flask_login import current_user
from sqlalchemy.exc import SQLAlchemyError

from chatapp.authentication import ask_to_log_in, load_user, login_token, public, viewer
from chatapp.extensions import db, limiter, log_in_key, turbo
from chatapp.models import User, access
from chatapp.turbo import Closing, Connection, EventStream, Gone, Overloaded, jittered, retry

bp = Blueprint("streams", __name__)

HEADERS = {"Cache-Control": "no-cache, no-transform", "X-Accel-Buffering": "no"}
LONGEST_WAIT = 50  # seconds; below what routers allow an answer that is silent
SHORTEST_BEAT = 2  # seconds that a page may ask for between two heartbeats; each costs a packet
#: Milliseconds until an overloaded server is asked again, and until the next of the answers that end.
OVERLOADED_RETRY, POLL_RETRY, NEXT_RETRY = 10_000, 1500, 100
# A cursor that no page of ours has sent: the reader gets the whole page.
NOWHERE = -1
REVISION, REVISION_LIMIT = re.compile(r"[0-9]{1,10}"), 2**31


# Counts without the database, because its connections are for the readers whose turn it is.
@bp.get("/chats/<int:chat_id>/stream")
@public
@limiter.limit(
    lambda: current_app.config["STREAM_RATE"],
    key_func=log_in_key,
    on_breach=lambda limit: put_off(OVERLOADED_RETRY),
)
def show(chat_id: int):
    """Where nobody waits in line, the status says at once whether the viewer may read. Otherwise the stream begins
    first, and its events say so later."""
    try:
        with turbo.hub.line.turn() as mine:
            return (authorized(chat_id) or stream(chat_id)) if mine else in_line(chat_id)
    except (Overloaded, SQLAlchemyError, TimeoutError) as error:
        current_app.logger.warning("stream of chat %s put off: %r", chat_id, error)
        return put_off(OVERLOADED_RETRY)
    except Closing:
        return put_off(current_app.config["STREAM_RETRY_MS"])
    except Gone:
        return "", 204


def put_off(milliseconds: int) -> Response:
    """Never an error: EventSource would not come back after one."""
    return Response(retry(jittered(milliseconds)), mimetype="text/event-stream", headers=HEADERS)


def authorized(chat_id: int) -> Response | tuple[str, int] | None:
    """None for a user who may read. A page that comes back without the right gets 204, which ends its EventSource."""
    returning = "Last-Event-ID" in request.headers
    if not current_user.is_authenticated:
        return ("", 204) if returning else ask_to_log_in()
    if returning and not viewer().can_reach(chat_id):
        return "", 204
    viewer().find_chat(chat_id)
    return None


def stream(chat_id: int) -> Response:
    connection = new_connection(chat_id)
    begin(connection, viewer())
    return answer(connection)


def in_line(chat_id: int) -> Response:
    """An answer that begins at once, before asking the database. The news follows when it is this reader's turn."""
    token = login_token()
    if token is None:
        return authorized(chat_id)  # asks nobody
    connection, app = new_connection(chat_id), current_app._get_current_object()
    turbo.hub.stand_in_line(connection, lambda: begin_later(app, connection, chat_id, token))
    return answer(connection)


def begin_later(app: Flask, connection: Connection, chat_id: int, token: str) -> None:
    with app.app_context():
        try:
            user = load_user(token)
            if user is None or not user.can_reach(chat_id):
                raise Gone
            begin(connection, user)
        except (Overloaded, SQLAlchemyError, TimeoutError) as error:
            app.logger.warning("stream of chat %s put off: %r", chat_id, error)
            connection.end(OVERLOADED_RETRY)
        except (Closing, Gone):
            connection.end(app.config["STREAM_RETRY_MS"])


def new_connection(chat_id: int) -> Connection:
    return Connection(f"chat:{chat_id}", cursor(), wait=longest_wait(), interval=interval())


def begin(connection: Connection, user: User) -> None:
    owner, session = access.tags(user)
    # A stream lives for an hour; it may not keep a database connection for so long.
    db.session.remove()
    turbo.begin(connection, owner, [session])


def answer(connection: Connection) -> Response:
    preamble = connection.preamble(retry_after(connection.wait), connection.interval)
    body = EventStream(
        connection, preamble, partial(turbo.disconnect, connection), request.environ.get("gunicorn.socket")
    )
    return Response(body, mimetype="text/event-stream", headers=HEADERS)


def cursor() -> int:
    """The revision that the page shows. The header wins: it is newer than the address of the page."""
    text = request.headers.get("Last-Event-ID") or request.args.get("revision", "")
    # Digits without end are no number to Python either: it refuses to read them.
    return int(text) if REVISION.fullmatch(text) and int(text) < REVISION_LIMIT else NOWHERE


def interval() -> float:
    """Seconds between two heartbeats, as the page asks for them on a network that cuts short silences."""
    usual = current_app.config["HEARTBEAT_SECONDS"]
    wanted = request.args.get("beat", usual, type=float)
    return min(max(wanted, SHORTEST_BEAT), usual) if wanted == wanted else usual


def longest_wait() -> float | None:
    """Seconds after which the answer shall end, for networks that hold a stream back; None for a stream."""
    wait = request.args.get("wait", type=float)
    return None if wait is None or wait != wait else min(max(wait, 0.0), LONGEST_WAIT)


def retry_after(wait: float | None) -> int:
    if wait is None:
        return current_app.config["STREAM_RETRY_MS"]
    return NEXT_RETRY if wait else POLL_RETRY
