"""The chats of a person, and the chats that a person can join."""

from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import ColumnElement, Select, exists, or_, select
from sqlalchemy.orm import Mapped, mapped_column

from ..membership import Membership
from ..reach import Reachable
from .timestamps import UTCDateTime

if TYPE_CHECKING:
    from ..user import User


class Joinable(Reachable):
    """People reach a chat as its members. Everybody reaches an open one, and can join it. Nobody reaches a deleted one,
    whose rows a job removes (deletion.py)."""

    deleted_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    @classmethod
    def within_reach(cls, user_id: int | ColumnElement[int]) -> ColumnElement[bool]:
        return cls.deleted_at.is_(None) & or_(cls.kind == "open", cls.has_member(user_id))

    @classmethod
    def has_member(cls, user_id: int | ColumnElement[int]) -> ColumnElement[bool]:
        return exists().where(Membership.chat_id == cls.id, Membership.user_id == user_id)

    @classmethod
    def of(cls, user: "User") -> Select:
        """The chats that ``user`` is a member of, without archived ones."""
        return cls._with_archived_of(user).where(cls.archived_at.is_(None))

    @classmethod
    def archived_of(cls, user: "User") -> Select:
        return cls._with_archived_of(user).where(cls.archived_at.is_not(None))

    @classmethod
    def _with_archived_of(cls, user: "User") -> Select:
        return select(cls).join(Membership).where(Membership.user_id == user.id, cls.deleted_at.is_(None))

    @classmethod
    def offered_to(cls, user: "User") -> Select:
        """The open chats that ``user`` has not joined."""
        return select(cls).where(cls.kind == "open", cls.archived_at.is_(None), ~cls.has_member(user.id))
