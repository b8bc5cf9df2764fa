"""Removing the preview of a link from the viewer's own message."""

from flask import Blueprint, abort

from chatapp.authentication import viewer
from chatapp.edge import OnceCommitted
from chatapp.models import Message

from . import lead_to, member_routes
from .messages import sent

bp = Blueprint("link_previews", __name__)


@bp.get("/messages/<int:message_id>/preview")
def show(message_id: int):
    """Without scripts, the link to remove it leads here, and on to a button."""
    message = Message.find(message_id, viewer())
    return lead_to("actions.index", message_id=message.id)


def destroy(message_id: int):
    message = Message.find(message_id, viewer(), to_change=True)
    if message.author_id != viewer().id:
        abort(403, "Only its author can remove the preview from a message.")
    message.remove_link_preview()
    return OnceCommitted(sent, message, 200)


member_routes(bp, "/messages/<int:message_id>/preview", destroy=destroy)
