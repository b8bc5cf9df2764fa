"""Limits the questions of one person to the assistant: all share one line, and each answer may cost money."""

from typing import TYPE_CHECKING

from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from chatapp.extensions import db, questions

from .message import Message

if TYPE_CHECKING:
    from .user import User

TOO_MANY = "The assistant still has other questions of yours to answer. Wait for one of them."
TOO_OFTEN = "That was too often in a short time. Wait a moment."


class Asking:
    """The questions of ``user``."""

    def __init__(self, user: "User"):
        self.user = user

    def refusal(self) -> str | None:
        """The reason, in words for people, why the user can't ask now. None where he can; that counts as a question."""
        if not questions.has_room(self._waiting()):
            return TOO_MANY
        return None if questions.take(self.user.id) else TOO_OFTEN

    def _waiting(self) -> int:
        question = aliased(Message)
        waiting = select(func.count()).select_from(Message).join(question, Message.question_id == question.id)
        return db.session.scalar(waiting.where(Message.is_generating(), question.author_id == self.user.id))
