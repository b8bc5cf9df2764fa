"""Asking again for a reply that failed."""

from flask import Blueprint, render_template

from chatapp.authentication import viewer
from chatapp.edge import OnceCommitted
from chatapp.extensions import limiter
from chatapp.models import Message

from .members import only_members
from .messages import sent

bp = Blueprint("retries", __name__, url_prefix="/messages/<int:message_id>/retries")


@bp.get("")
def new(message_id: int):
    return render_template("retries/new.html", message=Message.find(message_id, viewer()))


@bp.post("")
@limiter.limit("30 per minute")
def create(message_id: int):
    message = Message.find(message_id, viewer(), to_change=True)
    only_members(message.chat)
    message.chat.retry(message, viewer())
    return OnceCommitted(sent, message, 201)
