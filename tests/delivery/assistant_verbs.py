"""What the direct process does with assistants. See direct.py."""

from sqlalchemy.orm.exc import StaleDataError

from chatapp.extensions import db
from chatapp.models import Assistant, Chat, User


def scribe() -> User:
    """The second assistant, made when it is first needed. There is one direct process."""
    found = db.session.scalar(User.assistants().where(User.added))
    return found or Assistant.add("Scribe").user


def seat_assistant(chat: int, wanted: bool) -> None:
    """The first one comes too, and stays: without it nobody could ask it beside the second one."""
    found, second = db.session.get(Chat, chat), scribe()
    if wanted:
        for assistant in (User.assistant(), second):
            found.admit(assistant)
    elif membership := found.membership_of(second):
        found.dismiss(membership)
    try:
        db.session.commit()
    except StaleDataError:
        db.session.rollback()


def rename_assistant(name: str) -> None:
    scribe().rename(name)
    db.session.commit()


VERBS = {verb.__name__: verb for verb in (seat_assistant, rename_assistant)}
