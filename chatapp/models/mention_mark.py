"""The message up to which a person has seen the mentions on their page."""

from typing import TYPE_CHECKING

from sqlalchemy import ForeignKey, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from chatapp.extensions import db
from chatapp.turbo import Broadcastable

from .message import Message

if TYPE_CHECKING:
    from .user import User

LARGEST_ID = 2**31 - 1


class MentionMark(Broadcastable, db.Model):
    """A dot beside the list of chats says that there is a newer mention. So the mark belongs to the list's page."""

    __tablename__ = "mention_marks"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), unique=True)
    seen_id: Mapped[int] = mapped_column(default=0, server_default="0")

    user: Mapped["User"] = relationship()

    @classmethod
    def locked(cls, user: "User") -> "MentionMark":
        """The mark of ``user``. Of two tabs the second finds what the first made."""
        user.lock()
        if known := db.session.scalar(select(cls).filter_by(user_id=user.id)):
            return known
        made = cls(user=user, seen_id=0)
        db.session.add(made)
        return made

    @classmethod
    def seen_by(cls, user: "User") -> int:
        """The message up to which ``user`` has looked, or 0."""
        return db.session.scalar(select(cls.seen_id).filter_by(user_id=user.id)) or 0

    def see(self, message_id: int) -> None:
        """Move the mark forward, but never beyond the newest message."""
        self.lock()
        written = select(Message.id).where(Message.id <= min(message_id, LARGEST_ID))
        self.seen_id = max(self.seen_id, db.session.scalar(written.order_by(Message.id.desc()).limit(1)) or 0)

    # What it announces

    @property
    def broadcast_to(self) -> "User":
        return self.user

    def stamp(self, revision: int, created: bool) -> None:
        """Does nothing: the list itself carries the mark."""

    def fragment(self, since: int) -> None:
        """None: the page gets the whole list. That is rare, because only a look at something new moves the mark."""
        return None
