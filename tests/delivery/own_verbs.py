"""What the direct process does with pins, and with what people keep for themselves. See direct.py."""

from chatapp.extensions import db
from chatapp.models import Chat, ListedChat, Message, User
from chatapp.models.bookmark import TooManyBookmarks
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


VERBS = {verb.__name__: verb for verb in (pin, bookmark, favour, mute)}
