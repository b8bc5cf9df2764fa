"""Tells chats of people who look different by now, and removes pictures that nobody shows any more."""

from sqlalchemy import or_, select

from chatapp.edge import commit_each
from chatapp.extensions import db, storage
from chatapp.models import Attachment, User
from chatapp.models.face import Face

from . import job


@job
def announce(user_id: int) -> None:
    user = db.session.get(User, user_id)
    if user is None:
        return
    for _ in commit_each(Face.steps(user)):
        pass


@job
def remove_portrait(key: str) -> None:
    """Whatever the queue says: only a file that no record knows."""
    known = or_(
        select(User.id).where(User.portrait_key == key).exists(),
        select(Attachment.id).where(Attachment.key == key).exists(),
    )
    if not db.session.scalar(select(known)):
        storage.delete(key)
