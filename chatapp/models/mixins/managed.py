"""The managers and the archive of a chat."""

from datetime import datetime

from sqlalchemy import ColumnElement, exists, or_, select
from sqlalchemy.orm import Mapped, mapped_column

from chatapp.extensions import db

from ..membership import Membership
from .timestamps import UTCDateTime, now


class LastManager(Exception):
    """Nobody would manage the chat any more."""


class Managed:
    """The managers of a chat, and its archive.

    Managers are members with a mark. Where no member has one, the creator manages the chat while a member, because the
    previous release made chats without marks.
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

    def promote(self, membership: Membership) -> None:
        """Make a member a manager, beside those whom the chat has."""
        self.lock()
        for id in self.manager_ids - {membership.user_id}:
            db.session.scalar(select(Membership).filter_by(chat_id=self.id, user_id=id)).manager = True
        membership.manager = True

    def demote(self, membership: Membership) -> None:
        """Make a manager a mere member; harmless to repeat. Raises LastManager."""
        self.lock()
        if self.manager_ids == {membership.user_id}:
            raise LastManager
        membership.manager = False

    @classmethod
    def is_orphan(cls) -> ColumnElement[bool]:
        """True for chats that nobody manages, though they should have a manager."""
        managed = exists().where(Membership.chat_id == cls.id, cls._may_manage(cls.creator_id))
        return ~managed & cls.deleted_at.is_(None) & cls.direct_key.is_(None)

    @staticmethod
    def _may_manage(creator_id) -> ColumnElement[bool]:
        return Membership.is_active() & or_(Membership.manager, Membership.user_id == creator_id)

    def archive(self) -> None:
        """Take it from the lists. People can still read it, but not write in it. Harmless to repeat."""
        self.archived_at = self.archived_at or now()

    def bring_back(self) -> None:
        self.archived_at = None
