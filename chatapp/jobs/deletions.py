"""Deletes the rows of deleted chats, in the background."""

from chatapp.edge import commit_each
from chatapp.extensions import db
from chatapp.models import Chat
from chatapp.models.deletion import Deletion

from . import job


@job
def finish(chat_id: int) -> None:
    chat = db.session.get(Chat, chat_id)
    if chat is None or chat.deleted_at is None:
        return
    for _ in commit_each(Deletion(chat).steps()):
        pass
