"""Mentions: whom a message means by name."""

from typing import TYPE_CHECKING

from sqlalchemy import ForeignKey, Index, Select, String, UniqueConstraint, select, union
from sqlalchemy.orm import Mapped, joinedload, mapped_column, relationship

from chatapp.extensions import db

from .membership import Membership
from .message import PAGE_SIZE, Message
from .mixins.timestamps import Timestamps

if TYPE_CHECKING:
    from .user import User

#: Characters of a name with an id behind it, "Bob#7".
WRITTEN_LIMIT = 80


class Mention(Timestamps, db.Model):
    """One person in one message. ``name`` is what the text has after its @, whatever the person is called now.

    It is empty for the author of the message that this one quotes, where the text names nobody.
    """

    __tablename__ = "mentions"
    __table_args__ = (
        UniqueConstraint("message_id", "user_id"),
        Index("ix_mentions_user_id_message_id", "user_id", "message_id"),
    )

    broadcast_touches = ("message",)

    id: Mapped[int] = mapped_column(primary_key=True)
    message_id: Mapped[int] = mapped_column(ForeignKey("messages.id", ondelete="CASCADE"))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(WRITTEN_LIMIT))

    message: Mapped[Message] = relationship(back_populates="mentions")
    user: Mapped["User"] = relationship()

    @classmethod
    def messages_for(cls, user: "User", before: int | None = None) -> tuple[list[Message], bool]:
        """The newest messages that concern ``user``, or those before a message id; and whether there are older ones.

        They mention the person, or everybody in the chat, and others wrote them. One statement: each half finds its
        newest rows by an index, and is cut off before the two are joined.
        """
        named = _readable(user, before).join(cls, cls.message_id == Message.id).where(cls.user_id == user.id)
        halves = (_newest(named, cls.message_id), _newest(_readable(user, before).where(Message.mentions_all)))
        ids = union(*(select(half.subquery().c.id) for half in halves)).subquery()
        query = select(Message).where(Message.id.in_(select(ids.c.id))).order_by(Message.id.desc()).limit(PAGE_SIZE + 1)
        found = list(db.session.scalars(query.options(joinedload(Message.author), joinedload(Message.chat))))
        return found[:PAGE_SIZE], len(found) > PAGE_SIZE


def _readable(user: "User", before: int | None) -> Select:
    """The ids of messages in chats that ``user`` is a member of.

    Everybody reaches an open chat. But a mention concerns members: a person who has left is told of nothing there, and
    a person's pages hear of each membership that begins or ends.
    """
    query = select(Message.id).join(Membership, Membership.chat_id == Message.chat_id)
    query = query.where(Membership.user_id == user.id, Message.deleted_at.is_(None), Message.author_id != user.id)
    query = query.where(Message.chat.has(deleted_at=None))
    return query if before is None else query.where(Message.id < before)


def _newest(ids: Select, order=Message.id) -> Select:
    return ids.order_by(order.desc()).limit(PAGE_SIZE + 1)
