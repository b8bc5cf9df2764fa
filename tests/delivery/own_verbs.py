"""What the direct process does with pins, with the settings of a chat, and with what people keep for themselves. See
direct.py."""

import io

from sqlalchemy.orm.exc import StaleDataError

from chatapp.extensions import db
from chatapp.models import Chat, ListedChat, Message, User
from chatapp.models.bookmark import TooManyBookmarks
from chatapp.models.deletion import Deletion
from chatapp.models.mixins.pinnable import TooManyPins
from chatapp.models.reach import OutOfReach


def pin(message: int, email: str, wanted: bool) -> None:
    found, user = db.session.get(Message, message), User.with_email(email)
    try:
        found.pin(user) if wanted else found.unpin(user)
        db.session.commit()
    except TooManyPins:
        db.session.rollback()


def bookmark(message: int, email: str, wanted: bool) -> None:
    found, user = db.session.get(Message, message), User.with_email(email)
    listed = ListedChat.locked(user, found.chat)
    try:
        listed.keep(found) if wanted else listed.drop(found.id)
        db.session.commit()
    except (OutOfReach, TooManyBookmarks):
        db.session.rollback()


def favour(chat: int, email: str, wanted: bool) -> None:
    own(chat, email, lambda listed: listed.set_favourite(wanted))


def mute(chat: int, email: str, wanted: bool) -> None:
    own(chat, email, lambda listed: listed.mute(wanted))


def own(chat: int, email: str, verb) -> None:
    try:
        verb(ListedChat.locked(User.with_email(email), db.session.get(Chat, chat)))
        db.session.commit()
    except OutOfReach:
        db.session.rollback()


def promote(chat: int, email: str, wanted: bool) -> None:
    found = db.session.get(Chat, chat)
    membership = found.membership_of(User.with_email(email))
    if membership:
        found.promote(membership) if wanted else found.demote(membership)
    try:
        db.session.commit()
    except StaleDataError:  # somebody was removed just now
        db.session.rollback()


def let_write(chat: int, writers: str) -> None:
    found = db.session.get(Chat, chat)
    found.change(found.title, found.kind, found.assistant, writers)
    db.session.commit()


def describe(chat: int, description: str) -> None:
    db.session.get(Chat, chat).description = description
    db.session.commit()


def delete_chat(chat: int) -> None:
    Deletion(db.session.get(Chat, chat)).begin()
    db.session.commit()


def look_different(email: str, name: str, picture: int) -> None:
    """0 leaves the picture as it is, and 1 takes it away."""
    user = User.with_email(email)
    user.rename(name)
    if picture:
        user.portray(io.BytesIO(b"picture") if picture > 1 else None)
    db.session.commit()


VERBS = {
    verb.__name__: verb
    for verb in (pin, bookmark, favour, mute, promote, let_write, describe, delete_chat, look_different)
}
