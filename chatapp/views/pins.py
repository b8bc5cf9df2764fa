"""The pinned messages of a chat, pinning one and unpinning it."""

from flask import Blueprint, Response, abort, render_template, request

from chatapp.authentication import viewer
from chatapp.edge import OnceCommitted
from chatapp.models import Chat, Message
from chatapp.models.mixins.pinnable import TooManyPins

from . import lead_to, member_routes
from .members import only_members
from .messages import TURBO_STREAM, sent

bp = Blueprint("pins", __name__)


@bp.get("/chats/<int:chat_id>/pins")
def index(chat_id: int):
    chat = Chat.find(chat_id, viewer())
    # Before the rows: what changes in between is sent again, and nothing is missed.
    revision = chat.revision
    can_pin = viewer().can_write(chat)
    messages = Message.pinned_in(chat)
    return render_template("pins/index.html", chat=chat, revision=revision, messages=messages, can_pin=can_pin)


@bp.post("/messages/<int:message_id>/pins")
def create(message_id: int):
    message = pinnable(message_id)
    try:
        message.pin(viewer())
    except TooManyPins as refusal:
        abort(422, str(refusal))
    return OnceCommitted(sent, message, 201)


def destroy(message_id: int):
    message = pinnable(message_id)
    message.unpin(viewer())
    return OnceCommitted(unpinned, message)


def pinnable(id: int) -> Message:
    message = Message.find(id, viewer(), to_change=True)
    only_members(message.chat)
    return message


def unpinned(message: Message) -> Response:
    """Answers with the message; leads plain forms to the pins, where most people without scripts unpin one."""
    if TURBO_STREAM in request.headers.get("Accept", ""):
        return sent(message, 200)
    return lead_to("pins.index", chat_id=message.chat_id)


member_routes(bp, "/messages/<int:message_id>/pin", destroy=destroy)
