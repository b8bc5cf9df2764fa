"""Former members of a chat, each with the revision of the chat at which the membership ended."""

from typing import TYPE_CHECKING

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from chatapp.extensions import db

from .mixins.standing import Standing

if TYPE_CHECKING:
    from .chat import Chat


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

    chat: Mapped["Chat"] = relationship()
