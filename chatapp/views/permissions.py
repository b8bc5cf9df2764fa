"""Allowing an assistant to use a tool, once."""

from flask import Blueprint, abort

from chatapp.authentication import viewer
from chatapp.edge import OnceCommitted
from chatapp.extensions import limiter
from chatapp.models import Message
from chatapp.models.mixins.tooled import NotTheirs

from .members import only_members
from .messages import sent
from .tool_uses import page, use_of

bp = Blueprint("permissions", __name__, url_prefix="/messages/<int:message_id>/uses/<int:use_id>/permissions")


@bp.get("")
def new(message_id: int, use_id: int):
    message = Message.find(message_id, viewer())
    return page(message, use_of(message, use_id))


@bp.post("")
@limiter.limit("30 per minute")
def create(message_id: int, use_id: int):
    return decided(message_id, use_id, allowed=True)


def decided(message_id: int, use_id: int, allowed: bool) -> OnceCommitted:
    """The answer to a decision, once it is made."""
    message = Message.find(message_id, viewer(), to_change=True)
    only_members(message.chat)
    try:
        message.decide(use_of(message, use_id), viewer(), allowed)
    except NotTheirs:
        abort(403, "Whoever asked the question decides about this, or a manager of the chat.")
    return OnceCommitted(sent, message, 201)
