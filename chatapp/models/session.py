"""Where people are logged in; deleting the row logs out there."""

import hashlib
import secrets
from datetime import datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING

from sqlalchemy import ColumnElement, ForeignKey, String, bindparam, delete, select
from sqlalchemy.orm import Mapped, mapped_column, relationship
from sqlalchemy.orm.attributes import set_committed_value

from chatapp.extensions import db, turbo
from chatapp.turbo import PreparedQuery

from .mixins.timestamps import Timestamps, UTCDateTime, now
from .place import ONLY_ID, Place, ShownPlace
from .reach import Reachable

if TYPE_CHECKING:
    from .user import User

#: How exactly ``last_seen_at`` is kept; more exactly would mean a write for each page.
SEEN_EVERY = timedelta(minutes=10)
#: A session not used for this long has ended, as its cookie has.
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
    #: The place, as it was when ``with_token`` found this.
    place = ShownPlace.of(None, None)

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
        """The session with its user and the place, in one statement, because every page needs all three."""
        row = _live().first(db.session(), {"digest": digest_of(token), "since": now() - LIFETIME})
        if row is None:
            return None
        found, user, *shown = row
        set_committed_value(found, "user", user)
        found.place = ShownPlace.of(*shown)
        return found

    @classmethod
    def lasts(cls) -> ColumnElement[bool]:
        """True for the sessions that have not expired. Parameter: ``since``, which is ``now() - LIFETIME``."""
        return cls.last_seen_at > bindparam("since", type_=UTCDateTime)

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


@cache  # every request asks this, and building the statement takes longer than running it
def _live() -> PreparedQuery:
    from .user import User

    return PreparedQuery(
        select(Session, User, Place.name, Place.picture_key)
        .join(Session.user)
        .outerjoin(Place, Place.id == ONLY_ID)
        .where(Session.lasts(), Session.token_digest == bindparam("digest"))
    )


def digest_of(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
