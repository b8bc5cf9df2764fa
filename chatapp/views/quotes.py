"""Quotes: a message with those that quote it, which people call its replies, and a form to write another one."""

from flask import Blueprint, render_template

from chatapp.authentication import viewer
from chatapp.extensions import db
from chatapp.forms import NewMessageForm
from chatapp.models import Message
from chatapp.models.message import PAGE_SIZE

bp = Blueprint("quotes", __name__)


@bp.get("/messages/<int:message_id>/replies")
def index(message_id: int):
    message = Message.find(message_id, viewer())
    return thread(message, NewMessageForm(message.chat))


def thread(message: Message, form: NewMessageForm) -> str:
    """The page of one message and its replies, with what was typed into ``form``."""
    # Before the rows: what changes in between is sent again, and nothing is missed.
    revision = message.chat.revision
    db.session.refresh(message)
    replies, older = message.quoting(PAGE_SIZE)
    shown = [] if message.deleted_at else [message]
    return render_template(
        "quotes/index.html",
        message=message,
        revision=revision,
        messages=[*shown, *replies],
        older=older,
        form=form,
    )
