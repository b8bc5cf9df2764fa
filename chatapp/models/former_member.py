"""Who was a member of a chat, and at which of its revisions that ended."""

from typing import TYPE_CHECKING

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from chatapp.extensions import db

from .mixins.standing import Standing

if TYPE_CHECKING:
    from .chat import Chat


class FormerMember(Standing, db.Model):
    """What is left of a membership, so that a page which was away learns that it has ended. It gives no access.

    It stays when its person becomes a member again: the membership has the higher revision then.
    """

    __tablename__ = "former_members"
    __table_args__ = (UniqueConstraint("chat_id", "user_id"),)

    is_member = False

    id: Mapped[int] = mapped_column(primary_key=True)
    chat_id: Mapped[int] = mapped_column(ForeignKey("chats.id", ondelete="CASCADE"))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)

    chat: Mapped["Chat"] = relationship()
