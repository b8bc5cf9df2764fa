"""Bookmarks: messages that one person wants to find again. Nobody else learns of them."""

from typing import TYPE_CHECKING

from sqlalchemy import ForeignKey, UniqueConstraint, func, select
from sqlalchemy.orm import Mapped, joinedload, mapped_column, relationship

from chatapp.extensions import db

from .membership import Membership
from .message import PAGE_SIZE, Message
from .mixins.timestamps import Timestamps

if TYPE_CHECKING:
    from .user import User

#: The most bookmarks of one person. Each of that person's pages carries their ids.
BOOKMARKS = 500


class TooManyBookmarks(Exception):
    """The person has no room for another one. The text says what to do."""


class Bookmark(Timestamps, db.Model):
    """Its ListedChat shows it, and announces it on the stream of its person alone.

    It outlives the message: the page of bookmarks says that the message was deleted.
    """

    __tablename__ = "bookmarks"
    __table_args__ = (UniqueConstraint("user_id", "message_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    message_id: Mapped[int] = mapped_column(ForeignKey("messages.id", ondelete="CASCADE"), index=True)

    message: Mapped[Message] = relationship()

    @classmethod
    def add(cls, user: "User", message: Message) -> None:
        """Raises TooManyBookmarks."""
        if db.session.scalar(select(func.count(cls.id)).filter_by(user_id=user.id)) >= BOOKMARKS:
            raise TooManyBookmarks(f"You have {BOOKMARKS} bookmarks. Remove one on the page of your bookmarks first.")
        db.session.add(cls(user_id=user.id, message_id=message.id))

    @classmethod
    def known(cls, user: "User", message_id: int) -> "Bookmark | None":
        return db.session.scalar(select(cls).filter_by(user_id=user.id, message_id=message_id))

    @classmethod
    def message_ids(cls, user: "User", chat_id: int) -> list[int]:
        """The ids of the bookmarked messages of one chat."""
        query = select(Message.id).join(cls, cls.message_id == Message.id).order_by(Message.id)
        return list(db.session.scalars(query.where(cls.user_id == user.id, Message.chat_id == chat_id)))

    @classmethod
    def page_of(cls, user: "User", before: int | None = None) -> tuple[list["Bookmark"], bool]:
        """The newest bookmarks in chats that ``user`` is a member of, or those before an id; and whether there are
        older ones."""
        query = select(cls).join(cls.message).join(Membership, Membership.chat_id == Message.chat_id)
        query = query.where(cls.user_id == user.id, Membership.user_id == user.id, Message.chat.has(deleted_at=None))
        if before is not None:
            query = query.where(cls.id < before)
        shown = joinedload(cls.message)
        query = query.options(shown.joinedload(Message.author), shown.joinedload(Message.chat))
        found = list(db.session.scalars(query.order_by(cls.id.desc()).limit(PAGE_SIZE + 1)))
        return found[:PAGE_SIZE], len(found) > PAGE_SIZE
