"""Refusing an assistant the use of a tool."""

from flask import Blueprint

from chatapp.authentication import viewer
from chatapp.extensions import limiter
from chatapp.models import Message

from .permissions import decided
from .tool_uses import page, use_of

bp = Blueprint("refusals", __name__, url_prefix="/messages/<int:message_id>/uses/<int:use_id>/refusals")


@bp.get("")
def new(message_id: int, use_id: int):
    message = Message.find(message_id, viewer())
    return page(message, use_of(message, use_id))


@bp.post("")
@limiter.limit("30 per minute")
def create(message_id: int, use_id: int):
    return decided(message_id, use_id, allowed=False)
