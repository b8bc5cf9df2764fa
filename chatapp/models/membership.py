"""The membership of a person in a chat."""

from functools import cache
from typing import TYPE_CHECKING

from sqlalchemy import ColumnElement, ForeignKey, Select, UniqueConstraint, bindparam, false, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from chatapp.extensions import db

from .former_member import FormerMember
from .mixins.standing import Standing
from .mixins.timestamps import Timestamps

if TYPE_CHECKING:
    from .chat import Chat
    from .user import User


class Membership(Standing, Timestamps, db.Model):
    __tablename__ = "memberships"
    __table_args__ = (UniqueConstraint("chat_id", "user_id"),)

    is_member = True
    #: Whether somebody else ends it; set before the row is deleted, and kept by ``bury``.
    removed = False

    id: Mapped[int] = mapped_column(primary_key=True)
    chat_id: Mapped[int] = mapped_column(ForeignKey("chats.id", ondelete="CASCADE"))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    #: Managers may open and close the chat, remove others and archive it.
    manager: Mapped[bool] = mapped_column(default=False, server_default=false())

    chat: Mapped["Chat"] = relationship(back_populates="memberships")
    user: Mapped["User"] = relationship(back_populates="memberships")

    @classmethod
    def is_active(cls) -> ColumnElement[bool]:
        """True for people who can log in."""
        return cls.user.has(active=True, kind="person")

    @classmethod
    def between(cls, chat_id: int, user_id: int) -> "Membership | None":
        return db.session.scalar(_one(), {"of_chat": chat_id, "of_user": user_id})

    @property
    def manages(self) -> bool:
        """By the mark, or as the creator where no member has it. Costs a query only for a creator without the mark."""
        return self.manager or (self.user_id == self.chat.creator_id and self.user_id in self.chat.manager_ids)

    @classmethod
    def begin(cls, chat: "Chat", user: "User", manager: bool = False) -> None:
        """A new membership, which brings the chat into the person's list."""
        from .listed_chat import ListedChat

        db.session.add(cls(chat=chat, user=user, manager=manager))
        ListedChat.of(user, chat).list_anew()

    def bury(self) -> FormerMember:
        """Deletes the row, because it gives access: a query could forget to leave out a tombstone."""
        from .listed_chat import ListedChat
        from .summary import Summary

        ListedChat.of(self.user, self.chat).list_anew()
        Summary.forget(self.user_id, self.chat_id)
        known = select(FormerMember).filter_by(chat_id=self.chat_id, user_id=self.user_id)
        former = db.session.scalar(known) or FormerMember(chat=self.chat, user_id=self.user_id)
        former.removed = self.removed
        db.session.add(former)
        former.touch()
        return former


@cache  # building the statement takes longer than running it
def _one() -> Select:
    chat_id, user_id = bindparam("of_chat"), bindparam("of_user")
    return select(Membership).where(Membership.chat_id == chat_id, Membership.user_id == user_id)
