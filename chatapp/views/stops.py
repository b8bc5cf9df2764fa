"""Stopping a reply that is being written."""

from flask import Blueprint, render_template

from chatapp.authentication import viewer
from chatapp.edge import OnceCommitted
from chatapp.models import Message

from .members import only_members
from .messages import sent

bp = Blueprint("stops", __name__, url_prefix="/messages/<int:message_id>/stops")


@bp.get("")
def new(message_id: int):
    return render_template("stops/new.html", message=Message.find(message_id, viewer()))


@bp.post("")
def create(message_id: int):
    message = Message.find(message_id, viewer(), to_change=True)
    only_members(message.chat)
    message.chat.must_let_write(viewer())
    message.stop()
    return OnceCommitted(sent, message, 201)
