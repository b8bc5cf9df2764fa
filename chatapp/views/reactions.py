"""Reacting to messages with emoji, and taking a reaction back."""

from flask import Blueprint, Response, render_template, request

from chatapp.authentication import viewer
from chatapp.edge import OnceCommitted
from chatapp.extensions import emoji_list
from chatapp.forms import ReactionForm
from chatapp.models import Message
from chatapp.models.mixins.reactable import TooManyReactions

from . import member_routes
from .members import only_members
from .messages import TURBO_STREAM, sent

bp = Blueprint("reactions", __name__, url_prefix="/messages/<int:message_id>/reactions")


@bp.get("/new")
def new(message_id: int):
    return page(reactable(message_id))


@bp.post("")
def create(message_id: int):
    form = ReactionForm()
    if not form.validate():
        return refused(reactable(message_id), form.emoji.errors[0])
    message = reactable(message_id, to_change=True)
    try:
        message.react(viewer(), form.emoji.data)
    except TooManyReactions as refusal:
        return refused(message, str(refusal))
    return OnceCommitted(sent, message, 201)


def destroy(message_id: int, emoji: str):
    message = reactable(message_id, to_change=True)
    message.withdraw(viewer(), emoji_list.spelled(emoji))
    return OnceCommitted(sent, message, 200)


def reactable(id: int, to_change: bool = False) -> Message:
    message = Message.find(id, viewer(), to_change)
    only_members(message.chat)
    message.must_take_reactions()
    return message


def refused(message: Message, reason: str):
    """The reason in one line for a script; for a plain form, the page again."""
    if TURBO_STREAM in request.headers.get("Accept", ""):
        return Response(reason, 422, mimetype="text/plain")
    return page(message, reason), 422


def page(message: Message, reason: str = "") -> str:
    return render_template("reactions/new.html", message=message, reason=reason)


member_routes(bp, "/<emoji>", destroy=destroy)
