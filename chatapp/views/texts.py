"""The text of a message as it was written, in Markdown: for copying."""

from flask import Blueprint, Response

from chatapp.authentication import viewer
from chatapp.models import Message

bp = Blueprint("texts", __name__)


@bp.get("/messages/<int:message_id>/text")
def show(message_id: int):
    message = Message.find(message_id, viewer())
    return Response(message.content, mimetype="text/plain", headers={"Cache-Control": "no-store"})
