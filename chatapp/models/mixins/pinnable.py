"""What the members of a chat can pin, so that everybody there finds it again."""

from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import ForeignKey, Select, func, select
from sqlalchemy.orm import Mapped, declared_attr, joinedload, mapped_column, relationship

from chatapp.extensions import db

from .timestamps import UTCDateTime, now

if TYPE_CHECKING:
    from ..chat import Chat
    from ..user import User

#: The most pinned messages of one chat. They fill one page, and nobody reads a longer list to its end.
PINS = 50


class TooManyPins(Exception):
    """The chat takes no more. The text says what to do, for the person who tried."""


class Pinnable:
    """Two columns and no table: the page of a chat shows what is pinned without another query."""

    pinned_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    @declared_attr
    def pinned_by_id(cls) -> Mapped[int | None]:
        return mapped_column(ForeignKey("users.id"))

    @declared_attr
    def pinned_by(cls) -> Mapped["User | None"]:
        return relationship(foreign_keys="Message.pinned_by_id")

    @classmethod
    def pinned_in(cls, chat: "Chat") -> "list[Pinnable]":
        """The pinned messages of ``chat`` with their people, the one pinned last first."""
        query = cls._pins(select(cls), chat).options(joinedload(cls.author), joinedload(cls.pinned_by))
        return list(db.session.scalars(query.order_by(cls.pinned_at.desc(), cls.id.desc())))

    @classmethod
    def pins_of(cls, chat: "Chat") -> Select:
        """Counts the pinned messages of ``chat``."""
        return cls._pins(select(func.count()).select_from(cls), chat)

    @classmethod
    def _pins(cls, query: Select, chat: "Chat") -> Select:
        # Also not deleted: the previous release deletes a message and leaves it pinned.
        return query.where(cls.chat_id == chat.id, cls.pinned_at.is_not(None), cls.deleted_at.is_(None))

    def pin(self, user: "User") -> None:
        """Pin it; harmless when it is pinned, or was deleted just now. Raises TooManyPins and Archived."""
        self.lock()
        self.chat.must_take_writing_of(user)
        if self.pinned_at or self.deleted_at:
            return
        if db.session.scalar(self.pins_of(self.chat)) >= PINS:
            raise TooManyPins(f"This chat has {PINS} pinned messages. Unpin one of them first.")
        self.pinned_at, self.pinned_by_id = now(), user.id
        self.chat.touch()  # its header counts the pins

    def unpin(self, user: "User") -> None:
        """Unpin it; harmless when it is not pinned. Raises Archived."""
        self.lock()
        self.chat.must_take_writing_of(user)
        self.take_off()

    def take_off(self) -> None:
        if self.pinned_at:
            self.pinned_at = self.pinned_by_id = None
            self.chat.touch()
