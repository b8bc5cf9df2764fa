"""Asks for the rest of a reply that was cut off."""

from flask import Blueprint, render_template

from chatapp.authentication import viewer
from chatapp.extensions import db, limiter

from .members import only_members
from .messages import sent

bp = Blueprint("continuations", __name__, url_prefix="/messages/<int:message_id>/continuations")


@bp.get("")
def new(message_id: int):
    return render_template("continuations/new.html", message=viewer().find_message(message_id))


@bp.post("")
@limiter.limit("30 per minute")
def create(message_id: int):
    message = viewer().find_message(message_id, to_change=True)
    only_members(message.chat)
    message.chat.resume(message, viewer())
    db.session.commit()
    return sent(message, 201)
