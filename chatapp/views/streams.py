"""The event stream of a chat."""

from flask import Blueprint, Response, current_app, request
from flask_login import current_user
from sqlalchemy.exc import SQLAlchemyError

from chatapp.authentication import ask_to_log_in, public, viewer
from chatapp.extensions import db, turbo
from chatapp.turbo import EventStream, Gone, Overloaded, jittered, retry

bp = Blueprint("streams", __name__)

HEADERS = {"Cache-Control": "no-cache, no-transform", "X-Accel-Buffering": "no"}
LONGEST_WAIT = 50  # seconds; below what routers allow an answer that is silent
#: Milliseconds until an overloaded server is asked again, and until the next of the answers that end.
OVERLOADED_RETRY, POLL_RETRY, NEXT_RETRY = 10_000, 1500, 100
# A browser cursor that is none of ours: it gets the whole page.
NOWHERE = -1
REVISION_LIMIT = 2**31


@bp.get("/chats/<int:chat_id>/stream")
@public
def show(chat_id: int):
    try:
        return authorized(chat_id) or stream(chat_id)
    except (Overloaded, SQLAlchemyError, TimeoutError):
        # Never an error: EventSource would not come back after one.
        current_app.logger.warning("stream of chat %s put off", chat_id, exc_info=True)
        return Response(retry(jittered(OVERLOADED_RETRY)), mimetype="text/event-stream", headers=HEADERS)
    except Gone:
        return "", 204


def authorized(chat_id: int) -> Response | tuple[str, int] | None:
    """None for who may read. Who comes back to a stream he may read no longer gets 204, which ends EventSource."""
    returning = "Last-Event-ID" in request.headers
    if not current_user.is_authenticated:
        return ("", 204) if returning else ask_to_log_in()
    if returning and not viewer().can_reach(chat_id):
        return "", 204
    viewer().find_chat(chat_id)
    return None


def stream(chat_id: int) -> Response:
    user, session = viewer(), viewer().current_session
    tags = (f"user:{user.id}", f"session:{session.id}")
    wait = request.args.get("wait", type=float)
    # A stream lives for an hour; it may not keep a database connection for so long.
    db.session.remove()
    wait = None if wait is None else min(max(wait, 0.0), LONGEST_WAIT)
    connection = turbo.hub.connect(f"chat:{chat_id}", cursor(), tags, wait)
    return Response(
        EventStream(turbo.hub, connection, retry_after(wait), request.environ.get("gunicorn.socket")),
        mimetype="text/event-stream",
        headers=HEADERS,
    )


def cursor() -> int:
    """The revision that the page shows. The header wins: it is newer than the address of the page."""
    text = request.headers.get("Last-Event-ID") or request.args.get("revision", "")
    return int(text) if text.isascii() and text.isdigit() and int(text) < REVISION_LIMIT else NOWHERE


def retry_after(wait: float | None) -> int:
    if wait is None:
        return current_app.config["STREAM_RETRY_MS"]
    return NEXT_RETRY if wait else POLL_RETRY
