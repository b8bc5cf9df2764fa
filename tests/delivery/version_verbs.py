"""What the direct process does with the versions of an answer, and with what the model thinks. See direct.py."""

from chatapp.extensions import db
from chatapp.models import Message, Reasoning, User
from chatapp.models.mixins.generated import Refused
from chatapp.models.reach import ReadOnly


def answer_again(message: int, email: str) -> None:
    found = db.session.get(Message, message)
    tried(lambda: found.chat.renew(found, User.with_email(email)))


def choose_version(message: int, number: int, email: str) -> None:
    found = db.session.get(Message, message)
    tried(lambda: found.choose_version(number, User.with_email(email)))


def tried(do) -> None:
    try:
        do()
        db.session.commit()
    except (ReadOnly, Refused):
        db.session.rollback()


def think(message: int, content: str, seconds: int) -> None:
    found = db.session.get(Message, message)
    if found.generating and not found.deleted_at:
        found.write(found.content)
        found.thought_for = seconds
        db.session.merge(Reasoning(message_id=found.id, number=found.version, content=content))
    db.session.commit()


VERBS = {verb.__name__: verb for verb in (answer_again, choose_version, think)}
