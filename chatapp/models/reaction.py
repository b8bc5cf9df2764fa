"""Reactions to messages: one emoji of one person."""

from typing import TYPE_CHECKING

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from chatapp.extensions import db

from .mixins.timestamps import Timestamps

if TYPE_CHECKING:
    from .message import Message
    from .user import User

EMOJI_LIMIT = 32  # characters; the longest emoji has ten


class Reaction(Timestamps, db.Model):
    """A part of its message. It is really deleted, and the message announces that."""

    __tablename__ = "reactions"
    __table_args__ = (UniqueConstraint("message_id", "user_id", "emoji"),)

    broadcast_touches = ("message",)

    id: Mapped[int] = mapped_column(primary_key=True)
    message_id: Mapped[int] = mapped_column(ForeignKey("messages.id", ondelete="CASCADE"))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    emoji: Mapped[str] = mapped_column(String(EMOJI_LIMIT))

    message: Mapped["Message"] = relationship(back_populates="reactions")
    user: Mapped["User"] = relationship(
        lazy="joined", innerjoin=True
    )  # wherever they are shown, their people are named
