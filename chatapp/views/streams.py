"""The event streams of the live parts of a page, and of one chat. A crowd does not come here; see door.py."""

from flask import Blueprint, abort, current_app
from flask.typing import ResponseReturnValue

from chatapp.authentication import acting, ask_to_log_in, login_token, public
from chatapp.extensions import limiter, log_in_key, turbo
from chatapp.models import access
from chatapp.turbo import put_off, refused

bp = Blueprint("streams", __name__)

# Counts without the database, whose connections are for the readers whose turn it is.
limited = limiter.limit(
    lambda: current_app.config["STREAM_RATE"],
    key_func=log_in_key,
    on_breach=lambda limit: put_off(),
)


@bp.get("/stream")
@public
@limited
def index():
    """All that a page shows live, on one connection. A stream that the viewer may not read is withdrawn."""
    token = login_token()
    if token is None:
        return refused(ask_to_log_in)
    return turbo.answer_page(access.Ticket(token), refuse)


@bp.get("/chats/<int:chat_id>/stream")
@public
@limited
def show(chat_id: int):
    """Where nobody waits in line, the status says at once whether the viewer may read. Otherwise the stream begins
    first, and its events say so later."""
    token = login_token()
    if token is None:
        return refused(ask_to_log_in)
    return turbo.answer(f"chat:{chat_id}", access.Ticket(token, chat_id), refuse)


def refuse() -> ResponseReturnValue:
    return abort(404) if acting() else ask_to_log_in()
