"""Shared answers: a question and its answer behind a link, for people without an account."""

import secrets
from typing import TYPE_CHECKING

from markupsafe import Markup
from sqlalchemy import ColumnElement, ForeignKey, String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, joinedload, mapped_column, relationship

from chatapp.extensions import db
from chatapp.lib import markdown
from chatapp.lib.markdown_mentions import Mentioned

from .message import Message
from .mixins.timestamps import Timestamps
from .reach import Reachable
from .user import User

if TYPE_CHECKING:
    from .chat import Chat

#: The most links in a list: the newest.
LISTED = 100
#: In place of the names of people.
SOMEBODY = "somebody"


class SharingOff(RuntimeError):
    """The chat does not let its answers be shared."""


class NothingToShare(RuntimeError):
    """The message is not a finished answer with its question."""


class Share(Reachable, Timestamps, db.Model):
    """Its link is derived from ``id``, ``nonce`` and a key that is not in the database, like that of an invitation.

    It holds no words. Its page shows question and answer as they are now (decision 0056).
    """

    __tablename__ = "shares"
    __table_args__ = (UniqueConstraint("message_id", "creator_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    nonce: Mapped[str] = mapped_column(String(32), default=lambda: secrets.token_hex(16))
    #: The answer.
    message_id: Mapped[int] = mapped_column(ForeignKey("messages.id", ondelete="CASCADE"))
    creator_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)

    message: Mapped[Message] = relationship()
    creator: Mapped[User] = relationship()

    @classmethod
    def within_reach(cls, user_id: int | ColumnElement[int]) -> ColumnElement[bool]:
        """A share is within reach of the people who reach its answer."""
        return cls.message.has(Message.within_reach(user_id))

    @classmethod
    def begin(cls, message: Message, user: User) -> "Share":
        """The link of this person to an answer, made now or earlier.

        Raises SharingOff, NothingToShare, Archived and ReadOnly.
        """
        message.lock()
        message.chat.must_take_writing_of(user)
        if not message.chat.lets_share:
            raise SharingOff
        if not is_sharable(message):
            raise NothingToShare
        known = db.session.scalar(select(cls).filter_by(message_id=message.id, creator_id=user.id))
        if known is None:
            known = cls(message=message, creator=user)
            db.session.add(known)
        return known

    @classmethod
    def of(cls, chat: "Chat") -> "list[Share]":
        """The working links of this chat, the newest first."""
        query = select(cls).options(joinedload(cls.creator), joinedload(cls.message).joinedload(Message.question))
        newest = query.where(cls.message.has(Message.chat_id == chat.id)).order_by(cls.id.desc()).limit(LISTED)
        return [share for share in db.session.scalars(newest) if share.works]

    @property
    def works(self) -> bool:
        """Whether the link shows anything: as long as the chat allows it, and the person who made it is a member.

        Nobody answers for the link of a person who left, or whose account is closed.
        """
        chat = self.message.chat
        stays = self.creator.active and chat.membership_of(self.creator) is not None
        return stays and chat.lets_share and self.message.deleted_at is None and _has_question(self.message)

    def can_be_taken_back_by(self, user: User) -> bool:
        return self.creator_id == user.id or user.can_manage(self.message.chat)

    def take_back(self) -> None:
        """Have its link work no more. A new one gets another address."""
        db.session.delete(self)

    @property
    def question_html(self) -> Markup:
        """The question, without the names of the people it mentions."""
        question = self.message.question
        return markdown.to_html(question.content, [_nameless(mention) for mention in question.mentions if mention.name])


def is_sharable(message: Message) -> bool:
    return message.renewable and bool(message.content.strip())


def _has_question(message: Message) -> bool:
    return message.question is not None and message.question.deleted_at is None


def _nameless(mention) -> Mentioned:
    name = SOMEBODY if mention.user.kind == "person" else mention.user.name
    return Mentioned(mention.name, str(mention.user_id), name, hidden=True)
