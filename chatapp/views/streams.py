"""The event streams of the live parts of a page, and of one chat."""

from functools import partial

from flask import Blueprint, abort, current_app
from flask.typing import ResponseReturnValue

from chatapp.authentication import acting, ask_to_log_in, login_token, proven, public
from chatapp.extensions import limiter, log_in_key, turbo
from chatapp.models import Chat, access
from chatapp.turbo import Gone, Reader, put_off, refused

bp = Blueprint("streams", __name__)

# Counts without the database, because its connections are for the readers whose turn it is.
limited = limiter.limit(
    lambda: current_app.config["STREAM_RATE"],
    key_func=log_in_key,
    on_breach=lambda limit: put_off(),
)


@bp.get("/stream")
@public
@limited
def index():
    """All that a page shows live, on one connection. A stream that its reader may not read is withdrawn."""
    token = login_token()
    if token is None:
        return refused(ask_to_log_in)
    return turbo.answer_page(partial(reader_of_page, token), refuse)


def reader_of_page(token: str) -> Reader:
    found = proven(token)
    if found is None:
        raise Gone
    owner, *tags = access.tags(*found)
    return Reader(owner, tuple(tags))


@bp.get("/chats/<int:chat_id>/stream")
@public
@limited
def show(chat_id: int):
    """Where nobody waits in line, the status says at once whether the viewer may read. Otherwise the stream begins
    first, and its events say so later."""
    token = login_token()
    if token is None:
        return refused(ask_to_log_in)
    return turbo.answer(f"chat:{chat_id}", partial(reader, token, chat_id), refuse)


def reader(token: str, chat_id: int) -> Reader:
    found = proven(token)
    if found is None or not Chat.is_within_reach(chat_id, found.user):
        raise Gone
    owner, *tags = access.tags(*found)
    return Reader(owner, tuple(tags))


def refuse() -> ResponseReturnValue:
    return abort(404) if acting() else ask_to_log_in()
