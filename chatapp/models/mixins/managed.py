"""The managers and the archive of a chat."""

from datetime import datetime

from sqlalchemy import ColumnElement, exists, or_, select
from sqlalchemy.orm import Mapped, mapped_column

from chatapp.extensions import db

from ..membership import Membership
from .timestamps import UTCDateTime, now


class Managed:
    """The managers of a chat, and its archive.

    Managers are members with a mark. Where no member has one, the creator manages the chat as long as he is a member,
    because the previous release made chats without marks.
    """

    archived_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    @property
    def manager_ids(self) -> set[int]:
        """The ids of the managers who can log in. A direct chat has none."""
        if self.is_direct:
            return set()
        columns = select(Membership.user_id, Membership.manager).where(Membership.chat_id == self.id)
        found = db.session.execute(columns.where(self._may_manage(self.creator_id))).all()
        return {row.user_id for row in found if row.manager} or {row.user_id for row in found}

    @classmethod
    def is_orphan(cls) -> ColumnElement[bool]:
        """True for chats that nobody manages, though they should have a manager."""
        return cls.direct_key.is_(None) & ~exists().where(Membership.chat_id == cls.id, cls._may_manage(cls.creator_id))

    @staticmethod
    def _may_manage(creator_id) -> ColumnElement[bool]:
        return Membership.is_active() & or_(Membership.manager, Membership.user_id == creator_id)

    def archive(self) -> None:
        """Take it from the lists. People can still read it, but not write in it. Harmless to repeat."""
        self.archived_at = self.archived_at or now()

    def bring_back(self) -> None:
        self.archived_at = None
