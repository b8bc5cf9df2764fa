"""Tells chats of new names and pictures of people, and removes pictures of people and the place that nobody shows any
more."""

from sqlalchemy import or_, select

from chatapp.edge import commit_each
from chatapp.extensions import db, storage
from chatapp.models import Attachment, Place, User
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
    """Remove a file, but only one that no record knows, whatever the queue says."""
    known = or_(
        select(User.id).where(User.portrait_key == key).exists(),
        select(Place.id).where(Place.picture_key == key).exists(),
        select(Attachment.id).where(Attachment.key == key).exists(),
    )
    if not db.session.scalar(select(known)):
        storage.delete(key)
