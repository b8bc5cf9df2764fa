"""What an assistant has read for an answer."""

from flask import Blueprint, abort, render_template
from sqlalchemy import select

from chatapp.authentication import viewer
from chatapp.extensions import db
from chatapp.models import Message, Reading

bp = Blueprint("readings", __name__)


@bp.get("/messages/<int:message_id>/reading")
def show(message_id: int):
    message = Message.find(message_id, viewer())
    if message.question_id is None:
        abort(404)
    reading = Reading.of(message)
    return render_template("readings/show.html", message=message, reading=reading, first=first(reading))


def first(reading: Reading | None) -> Message | None:
    """The oldest message that the assistant has read, unless it was deleted meanwhile."""
    if reading is None:
        return None
    reached = select(Message).where(Message.id == reading.first_id, Message.within_reach(viewer().id))
    return db.session.scalar(reached)
