"""Former members of a chat, each with the revision of the chat at which the membership ended."""

from typing import TYPE_CHECKING

from sqlalchemy import ForeignKey, UniqueConstraint, false, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from chatapp.extensions import db

from .mixins.standing import Standing

if TYPE_CHECKING:
    from .chat import Chat
    from .user import User


class FormerMember(Standing, db.Model):
    """The trace of a membership. It tells a page that was away that the membership has ended, and gives no access.

    It stays when the person becomes a member again: the new membership has the higher revision.
    """

    __tablename__ = "former_members"
    __table_args__ = (UniqueConstraint("chat_id", "user_id"),)

    is_member = False

    id: Mapped[int] = mapped_column(primary_key=True)
    chat_id: Mapped[int] = mapped_column(ForeignKey("chats.id", ondelete="CASCADE"))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)

    #: Whether somebody else ended the latest membership. The link of an invitation does not undo that.
    removed: Mapped[bool] = mapped_column(default=False, server_default=false())

    chat: Mapped["Chat"] = relationship()

    @classmethod
    def was_removed(cls, chat: "Chat", user: "User") -> bool:
        """Whether the latest membership of ``user`` that ended was ended by somebody else."""
        return bool(db.session.scalar(select(cls.removed).filter_by(chat_id=chat.id, user_id=user.id)))
