"""Quotes: a message with those that quote it, which people call its replies, and a form to write another one.

They are a page of their own, and a part of the chat's page where that has room for a panel beside the messages.
"""

from flask import Blueprint, render_template, request

from chatapp.authentication import viewer
from chatapp.extensions import db
from chatapp.forms import Composer
from chatapp.models import Message
from chatapp.models.message import PAGE_SIZE

from . import id_in_query

bp = Blueprint("quotes", __name__)


@bp.get("/messages/<int:message_id>/replies")
def index(message_id: int):
    message = Message.find_thread(message_id, viewer())
    if before := id_in_query("before"):
        return earlier(message, before)
    # By the query and not by a header, because some proxies remove headers that they do not know.
    template = "quotes/panel.html" if "panel" in request.args else "quotes/index.html"
    return thread(message, Composer(), template)


def earlier(message: Message, before: int) -> str:
    """Replies for the frame that asked, or on a page of their own without scripts."""
    replies, older = message.quoting(PAGE_SIZE, before)
    template = "quotes/_frame.html" if "Turbo-Frame" in request.headers else "quotes/earlier.html"
    return render_template(template, message=message, messages=replies, older=older, before=before)


def thread(message: Message, composer: Composer, template: str = "quotes/index.html") -> str:
    """One message and its replies."""
    # Before the rows: what changes in between is sent again, and nothing is missed.
    revision = message.chat.revision
    db.session.refresh(message)
    replies, older = message.quoting(PAGE_SIZE)
    shown = {"replies": replies, "older": older, "composer": composer}
    return render_template(template, message=message, revision=revision, **shown)
