"""Who is a member of which chat."""

from typing import TYPE_CHECKING

from sqlalchemy import ColumnElement, ForeignKey, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from chatapp.extensions import db

from .mixins.timestamps import Timestamps

if TYPE_CHECKING:
    from .chat import Chat
    from .user import User


class Membership(Timestamps, db.Model):
    __tablename__ = "memberships"
    __table_args__ = (UniqueConstraint("chat_id", "user_id"),)

    #: The chat's header says who they are.
    broadcast_touches = ("chat",)

    id: Mapped[int] = mapped_column(primary_key=True)
    chat_id: Mapped[int] = mapped_column(ForeignKey("chats.id", ondelete="CASCADE"))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    #: May change who reads the chat, remove others and archive it.
    manager: Mapped[bool] = mapped_column(default=False, server_default=false())

    chat: Mapped["Chat"] = relationship(back_populates="memberships")
    user: Mapped["User"] = relationship(back_populates="memberships")

    @classmethod
    def is_active(cls) -> ColumnElement[bool]:
        """True for people who can log in."""
        return cls.user.has(active=True, kind="person")
