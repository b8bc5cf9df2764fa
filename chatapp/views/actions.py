"""What people can do with a message, as a page without scripts."""

from flask import Blueprint, render_template

from chatapp.authentication import viewer
from chatapp.models import Bookmark, Message

bp = Blueprint("actions", __name__)


@bp.get("/messages/<int:message_id>/actions")
def index(message_id: int):
    message = Message.find(message_id, viewer())
    bookmarked = Bookmark.known(viewer(), message.id) is not None
    return render_template("actions/index.html", message=message, bookmarked=bookmarked)
