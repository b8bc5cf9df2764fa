"""What the direct process does for the texts of texts.py. See direct.py."""

from sqlalchemy import select

from chatapp.extensions import db
from chatapp.models import Assistant, Chat, Message, User


def add_assistants(names: list[str]) -> None:
    """Each is told its name, so that the model knows who is asked."""
    for name in names:
        Assistant.add(name, instructions=f"You are {name}.", reply_tokens=100_000, context_tokens=1_000_000)
    db.session.commit()


def seat_assistants(chat: int, names: list[str]) -> None:
    found = db.session.get(Chat, chat)
    for assistant in db.session.scalars(select(User).where(User.added, User.name.in_(names))).all():
        found.admit(assistant)
    db.session.commit()


def answers(question: int) -> list[dict]:
    """The replies to it, by the name of who wrote them."""
    replies = db.session.get(Message, question).replies
    return [{"id": r.id, "by": r.author.name, "state": r.state, "failure": r.failure, "content": r.content}
            for r in replies]  # fmt: skip


def go_on(message: int, email: str) -> None:
    """Have a reply that ended too early written to its end."""
    reply, user = db.session.get(Message, message), User.with_email(email)
    if reply.resumable:
        reply.chat.resume(reply, user)
    else:
        reply.chat.retry(reply, user)
    db.session.commit()


VERBS = {verb.__name__: verb for verb in (add_assistants, seat_assistants, answers, go_on)}
