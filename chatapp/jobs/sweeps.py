"""Queues what was forgotten while Redis or a worker was away, completes the search, and deletes what has expired."""

from chatapp.extensions import db
from chatapp.models import LinkPreview, Message, Session, User, search_text
from chatapp.models.attachment_sweep import AttachmentSweep
from chatapp.models.deletion import Deletion

from . import job


@job
def enqueue_forgotten_replies() -> None:
    """Queue the replies that nobody works on, and those whose questions to people have run out of time.

    A reply that is in the queue already is not queued twice.
    """
    for reply in db.session.scalars(Message.abandoned()):
        reply.chat.enqueue(reply)
    for question in db.session.scalars(Message.without_reply()):
        question.chat.enqueue_reply_to(question)


@job
def enqueue_unfinished_deletions() -> None:
    """Queue the jobs that delete the rows of deleted chats. None is queued twice."""
    for deletion in Deletion.unfinished():
        deletion.enqueue()


@job
def enqueue_untold_looks() -> None:
    """Queue the jobs that tell chats of a new name or picture. None is queued twice."""
    for user in User.with_untold_look():
        user.announce_later()


@job
def fill_search() -> int:
    """Write the words of a batch of messages that the search does not know, and return how many there were."""
    return search_text.fill()


@job
def delete_expired_sessions() -> None:
    Session.delete_expired()


@job
def settle_attachments() -> None:
    """Queue pictures and removals that were forgotten, and discard uploads that nobody has sent within a day."""
    AttachmentSweep.settle()


@job
def settle_link_previews() -> None:
    """Queue previews whose job was lost, and end those whose job has died."""
    LinkPreview.settle()


@job
def forget_link_previews() -> None:
    """Delete old previews that no message shows."""
    LinkPreview.forget()


@job
def compare_storage() -> None:
    """Remove files that no record knows, and discard those whose message is gone."""
    AttachmentSweep.compare()
