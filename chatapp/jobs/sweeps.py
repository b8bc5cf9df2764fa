"""What was forgotten while Redis or a worker was away."""

from chatapp.extensions import db
from chatapp.models import Message

from . import job


@job
def enqueue_forgotten_replies() -> None:
    """Queue the replies that nobody works on; one that is in the queue already is not queued twice."""
    for question in db.session.scalars(Message.waiting()):
        question.chat.enqueue_reply_to(question)
    db.session.commit()
