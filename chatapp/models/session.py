"""Where somebody is logged in; deleting the row logs out there."""

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import ColumnElement, ForeignKey, String, delete, select
from sqlalchemy.orm import Mapped, joinedload, mapped_column, relationship

from chatapp.extensions import db, turbo

from .mixins.timestamps import Timestamps, UTCDateTime, now
from .reach import Reachable

if TYPE_CHECKING:
    from .user import User

#: How exactly ``last_seen_at`` is kept; more would mean a write for each page.
SEEN_EVERY = timedelta(minutes=10)
#: A session that was not used for so long has ended, as its cookie has.
LIFETIME = timedelta(days=30)


class Session(Reachable, Timestamps, db.Model):
    __tablename__ = "sessions"
    # An id is never given twice: open streams know their session by it.
    __table_args__ = {"sqlite_autoincrement": True}

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    token_digest: Mapped[str] = mapped_column(String(64), unique=True)
    user_agent: Mapped[str] = mapped_column(String(300), default="")
    ip_address: Mapped[str] = mapped_column(String(45), default="")
    last_seen_at: Mapped[datetime] = mapped_column(UTCDateTime, default=now, index=True)

    user: Mapped["User"] = relationship(back_populates="sessions")

    @classmethod
    def start(cls, user: "User", user_agent: str, ip_address: str) -> str:
        """Log ``user`` in. Returns the token that proves it; the database holds only its hash."""
        token = secrets.token_urlsafe(32)
        digest = digest_of(token)
        db.session.add(cls(user=user, token_digest=digest, user_agent=user_agent[:300], ip_address=ip_address[:45]))
        return token

    @classmethod
    def within_reach(cls, user_id: int | ColumnElement[int]) -> ColumnElement[bool]:
        return cls.user_id == user_id

    @classmethod
    def with_token(cls, token: str) -> "Session | None":
        live = select(cls).where(cls.last_seen_at > now() - LIFETIME).options(joinedload(cls.user))
        return db.session.scalar(live.where(cls.token_digest == digest_of(token)))

    @classmethod
    def delete_expired(cls) -> None:
        """Delete the sessions that have expired, and with them the addresses they came from."""
        db.session.execute(delete(cls).where(cls.last_seen_at <= now() - LIFETIME))

    @property
    def was_seen_lately(self) -> bool:
        return now() - self.last_seen_at < SEEN_EVERY

    def see(self) -> None:
        """Note that it was used just now."""
        self.last_seen_at = now()

    def end(self) -> None:
        """Log out there, and end the streams that are open there."""
        # The id first: after a rollback it is read again, and finds no row once the deletion is under way.
        turbo.end(db.session(), f"session:{self.id}")
        db.session.delete(self)


def digest_of(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
