"""Has the messages summed up that came while one person was away, or dismisses the offer to do so."""

from typing import TYPE_CHECKING

from sqlalchemy import select

from chatapp.extensions import db

from .asking import Asking
from .message import Message
from .opening import FEW
from .summary import Summary

if TYPE_CHECKING:
    from .chat import Chat
    from .user import User


class CatchUp:
    """The choices of ``user``, a member of ``chat``, which is locked."""

    def __init__(self, chat: "Chat", user: "User"):
        self.chat, self.user = chat, user

    def ask(self, after_id: int) -> None:
        """Have the messages after ``after_id`` summed up. Where ``user`` asks for too much, the summary says so.

        Does nothing while one is being written, where there are few messages, and where the chat is for people only.
        """
        known = Summary.known(self.user, self.chat)
        if known and known.is_running or self.chat.assistant == "never" or not self._are_many(after_id):
            return
        refusal = Asking(self.user).refusal()
        summary = known or Summary.made(self.user, self.chat)
        if refusal:
            summary.refuse(after_id, refusal)
        else:
            summary.begin(after_id)

    def dismiss(self) -> None:
        """Show no summary, and offer none for what was said so far."""
        shown = select(Message.id).where(Message.chat_id == self.chat.id, Message.deleted_at.is_(None))
        newest_id = db.session.scalar(shown.order_by(Message.id.desc()).limit(1)) or 0
        summary = Summary.known(self.user, self.chat) or Summary.made(self.user, self.chat)
        summary.dismiss(newest_id)

    def _are_many(self, after_id: int) -> bool:
        later = select(Message.id).where(Message.chat_id == self.chat.id, Message.deleted_at.is_(None))
        later = later.where(Message.id > after_id, Message.author_id != self.user.id)
        return len(db.session.scalars(later.limit(FEW + 1)).all()) > FEW
