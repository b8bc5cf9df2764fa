"""Blocks: two people who get no direct messages from each other, and do not see when the other is here."""

from collections import defaultdict
from collections.abc import Iterable
from contextlib import suppress
from typing import TYPE_CHECKING

from sqlalchemy import ForeignKey, UniqueConstraint, delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, mapped_column

from chatapp.extensions import db, turbo

from .mixins.timestamps import Timestamps

if TYPE_CHECKING:
    from .user import User


class Blocked(RuntimeError):
    """A block stands between two people. The text says which of the two can do what about it."""


class Block(Timestamps, db.Model):
    """It stops direct messages in both directions, and neither sees that the other is here. Nothing else changes. Only
    the person who made it can see it."""

    __tablename__ = "blocks"
    __table_args__ = (UniqueConstraint("blocker_id", "blocked_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    blocker_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    blocked_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)

    @classmethod
    def begin(cls, blocker: "User", blocked: "User") -> None:
        """Harmless to repeat."""
        with suppress(IntegrityError), db.session.begin_nested():
            db.session.add(cls(blocker_id=blocker.id, blocked_id=blocked.id))
        turbo.watch_anew(db.session())

    @classmethod
    def end(cls, blocker: "User", blocked: "User") -> None:
        """Harmless to repeat."""
        db.session.execute(delete(cls).where(cls.blocker_id == blocker.id, cls.blocked_id == blocked.id))
        turbo.watch_anew(db.session())

    @classmethod
    def exists(cls, blocker: "User", blocked: "User") -> bool:
        return (blocker.id, blocked.id) in cls._between(blocker, [blocked])

    @classmethod
    def apart_from(cls, ids: set[int]) -> dict[int, set[int]]:
        """Maps each of these people to those from whom a block keeps them apart, whoever made it."""
        rows = select(cls.blocker_id, cls.blocked_id)
        both = rows.where(cls.blocker_id.in_(ids)).union_all(rows.where(cls.blocked_id.in_(ids)))  # an index for each
        found = defaultdict(set)
        for blocker_id, blocked_id in db.session.execute(both) if ids else ():
            found[blocker_id].add(blocked_id)
            found[blocked_id].add(blocker_id)
        return found

    @classmethod
    def must_not_stand_between(cls, author: "User", others: Iterable["User"]) -> None:
        """Raises Blocked where ``author`` and one of ``others`` exchange no direct messages."""
        others = list(others)
        blocks = cls._between(author, others)
        for other in others:
            if (author.id, other.id) in blocks:
                raise Blocked(f"You have blocked {other.name}. Unblock {other.name} to write to each other.")
            if (other.id, author.id) in blocks:
                raise Blocked(f"{other.name} does not take direct messages from you.")

    @classmethod
    def _between(cls, author: "User", others: Iterable["User"]) -> set[tuple[int, int]]:
        ids = [other.id for other in others]
        if not ids:
            return set()
        own = (cls.blocker_id == author.id) & cls.blocked_id.in_(ids)
        theirs = cls.blocker_id.in_(ids) & (cls.blocked_id == author.id)
        return {
            (row[0], row[1]) for row in db.session.execute(select(cls.blocker_id, cls.blocked_id).where(own | theirs))
        }
