"""Invitations: links by which people sign up, or come into a chat."""

import secrets
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import ColumnElement, ForeignKey, String, exists, or_, select, update
from sqlalchemy.orm import Mapped, mapped_column, relationship

from chatapp.extensions import db

from .admission import Admission
from .former_member import FormerMember
from .mixins.timestamps import Timestamps, UTCDateTime, now
from .reach import Reachable
from .user import User

if TYPE_CHECKING:
    from .chat import Chat

#: The most invitations in a list: the newest.
LISTED = 100
#: The most uses of one invitation.
USES_LIMIT = 1_000


class Spent(RuntimeError):
    """The invitation has ended: its time is over, all its uses are taken, or somebody took it back. Or it has ended for
    this person, whom somebody has removed from the chat."""


class Invitation(Reachable, Timestamps, db.Model):
    """Its link is derived from ``id``, ``nonce`` and a key that is not in the database, so it can be shown again, and a
    copy of the database invites nobody."""

    __tablename__ = "invitations"

    id: Mapped[int] = mapped_column(primary_key=True)
    nonce: Mapped[str] = mapped_column(String(32), default=lambda: secrets.token_hex(16))
    creator_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    #: Where people land; None for the list of open chats.
    chat_id: Mapped[int | None] = mapped_column(ForeignKey("chats.id", ondelete="SET NULL"))
    uses_limit: Mapped[int]
    uses: Mapped[int] = mapped_column(default=0, server_default="0")
    ends_at: Mapped[datetime] = mapped_column(UTCDateTime)

    creator: Mapped[User] = relationship()
    chat: Mapped["Chat | None"] = relationship()

    @classmethod
    def begin(cls, creator: User, uses_limit: int, lasts: timedelta, chat: "Chat | None" = None) -> "Invitation":
        invitation = cls(creator=creator, chat=chat, uses_limit=uses_limit, uses=0, ends_at=now() + lasts)
        db.session.add(invitation)
        return invitation

    @classmethod
    def within_reach(cls, user_id: int | ColumnElement[int]) -> ColumnElement[bool]:
        """An invitation is within reach of its creator and of administrators."""
        return or_(cls.creator_id == user_id, exists().where(User.id == user_id, User.admin))

    @classmethod
    def made_by(cls, user: User) -> "list[Invitation]":
        """The invitations that still work and that this person may take back, the newest first."""
        query = select(cls).where(cls.within_reach(user.id), cls._lasts()).order_by(cls.id.desc()).limit(LISTED)
        return [found for found in db.session.scalars(query) if found.works]

    @classmethod
    def _lasts(cls) -> ColumnElement[bool]:
        return (cls.ends_at > now()) & (cls.uses < cls.uses_limit)

    @property
    def works(self) -> bool:
        """Whether somebody can still use it. It ends with the right of its creator to invite."""
        lasts = self.ends_at > now() and self.uses < self.uses_limit
        return lasts and self.creator.active and Admission.now().lets_invite(self.creator)

    @property
    def leads_to(self) -> "Chat | None":
        """The chat that it leads into, as long as its creator is a member there."""
        chat = self.chat
        return chat if chat and chat.archived_at is None and chat.membership_of(self.creator) else None

    def bars(self, user: User) -> bool:
        """Whether it leads into a closed chat from which somebody else has removed ``user``. The link may be the one
        with which they came, so only a member can let them in again."""
        chat = self.leads_to
        if chat is None or chat.kind != "closed" or chat.membership_of(user):
            return False
        return FormerMember.was_removed(chat, user)

    def take_back(self) -> None:
        self.ends_at = now()

    def accept(self, user: User, is_new: bool = False) -> "Chat | None":
        """Let ``user`` into the chat, and return it. Raises Spent.

        A new account takes a use, and so does a person who comes into the chat. Nobody else does.
        """
        chat = self.leads_to
        if chat is not None and chat.membership_of(user) is None:
            chat.lock()  # before the row of the invitation, as everywhere
            chat = self.leads_to  # its creator may have been removed just now
        if self.bars(user):
            raise Spent
        comes_in = chat is not None and chat.membership_of(user) is None
        if is_new or comes_in:
            self.spend()
        if comes_in:
            chat.admit(user)
        return chat

    def spend(self) -> None:
        """Take one use. The statement asks and counts behind the lock of the row, so two never take the last one."""
        taken = update(Invitation).where(Invitation.id == self.id, Invitation._lasts())
        if not self.works or db.session.execute(taken.values(uses=Invitation.uses + 1)).rowcount == 0:
            raise Spent
