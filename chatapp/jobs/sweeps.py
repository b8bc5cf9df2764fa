"""Queues the replies that were forgotten while Redis or a worker was away, completes the search, and deletes expired
sessions."""

from flask import current_app

from chatapp.extensions import db
from chatapp.models import Message, Session, search_text
from chatapp.models.mixins.generated import lease_for

from . import job


@job
def enqueue_forgotten_replies() -> None:
    """Queue the replies that nobody works on; one that is in the queue already is not queued twice."""
    lease = lease_for(current_app.config["ASSISTANT_TIMEOUT"])
    for question in db.session.scalars(Message.waiting(lease)):
        question.chat.enqueue_reply_to(question)


@job
def fill_search() -> int:
    """Write the words of a batch of messages that the search does not know, and return how many there were."""
    return search_text.fill()


@job
def delete_expired_sessions() -> None:
    Session.delete_expired()
