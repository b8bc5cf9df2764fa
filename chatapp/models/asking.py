"""Limits the questions of one person to assistants: all share one line, and each answer may cost money."""

from typing import TYPE_CHECKING

from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from chatapp.extensions import db, questions
from chatapp.lib.locks import lock_name

from .budget import Budget
from .message import Message
from .summary import Summary

if TYPE_CHECKING:
    from .user import User

TOO_MANY = "Other questions of yours still wait for answers. Wait for one of them."
TOO_OFTEN = "That was too often in a short time. Wait a moment."


class Asking:
    """The questions of ``user``."""

    def __init__(self, user: "User"):
        self.user = user

    def refusal(self) -> str | None:
        """Why the user can't ask now, in words for people. None lets the user ask, and counts as a question."""
        # Or questions in several chats at once would all find the same room. Each holds the lock of its own chat only.
        lock_name(db.session(), f"questions of user {self.user.id}")
        if not questions.has_room(self._waiting()):
            return TOO_MANY
        if refusal := Budget.now().refusal(self.user):
            return refusal
        return None if questions.take(self.user.id) else TOO_OFTEN

    def _waiting(self) -> int:
        question = aliased(Message)
        waiting = select(func.count()).select_from(Message).join(question, Message.question_id == question.id)
        asker_id = func.coalesce(Message.asker_id, question.author_id)  # who asks again need not have asked first
        replies = waiting.where(Message.is_generating(), asker_id == self.user.id).scalar_subquery()
        return db.session.scalar(select(replies + Summary.running(self.user)))
