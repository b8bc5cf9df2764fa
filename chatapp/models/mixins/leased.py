"""Which job writes a reply, and whose turn it is."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import (
    ColumnElement,
    Select,
    Update,
    and_,
    exists,
    false,
    func,
    literal_column,
    or_,
    select,
    tuple_,
    update,
)
from sqlalchemy.orm import Mapped, aliased, mapped_column

from chatapp.extensions import db

from .timestamps import UTCDateTime, now

#: A job whose process gives no sign of life for this long is dead.
LEASE = timedelta(seconds=8)
#: A worker of the previous release renews its lease only when there is new text.
EARLIER_LEASE = timedelta(seconds=90)
#: A reply that no job has begun after this time has lost its job.
UNBEGUN_AFTER = timedelta(seconds=10)
#: A reply fails after this many jobs in a row have died without writing anything.
ATTEMPTS = 3
ROUND = ATTEMPTS + 1


class Leased:
    """One job at a time writes a reply. It raises ``attempts``, and owns the reply until another job raises it again.
    Its process renews ``leased_until``, also while the model is silent. ``leased_at`` is for workers of the previous
    release.

    In one chat each assistant writes one reply at a time. The others wait, in the order in which they were asked for.
    """

    attempts: Mapped[int] = mapped_column(default=0)
    leased_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    leased_until: Mapped[datetime | None] = mapped_column(UTCDateTime)
    #: Characters that were there when the last job began.
    claimed_length: Mapped[int] = mapped_column(default=0, server_default="0")
    #: NULL for replies that the previous release asked for.
    asked_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    #: While people are asked whether it may go on, the time at which that ends; see Tooled.
    asks_until: Mapped[datetime | None] = mapped_column(UTCDateTime)
    #: Whether the page says that it waits for its turn.
    waits: Mapped[bool] = mapped_column(default=False, server_default=false())

    @classmethod
    def is_generating(cls) -> ColumnElement[bool]:
        # A literal and no parameter, because databases match a partial index by the text of its condition.
        return cls.state == literal_column("'generating'")

    @classmethod
    def abandoned(cls) -> Select:
        """Replies that no job works on although it is their turn: the job was never queued, or died."""
        query = select(cls).where(cls.is_generating(), is_abandoned(cls), ~is_held_up(cls))
        return query.order_by(asked(cls), cls.id).limit(100)

    @classmethod
    def next_of(cls, reply: "Leased") -> Select:
        """The reply in the same line whose turn it is, unless one is being written."""
        same = (cls.chat_id == reply.chat_id, cls.author_id == reply.author_id)
        return select(cls).where(*same, cls.is_generating(), ~is_leased(cls), ~is_held_up(cls)).limit(1)

    @classmethod
    def renewal(cls, claims: Iterable[tuple[int, int]]) -> Update:
        """Renews the leases of these claims: ids with the number of their attempt. Changes nothing that pages show."""
        mine = and_(cls.is_generating(), tuple_(cls.id, cls.attempts).in_(list(claims)))
        fresh = {"leased_at": now(), "leased_until": now() + LEASE}
        return update(cls).where(mine).values(fresh).execution_options(synchronize_session=False)

    @property
    def is_leased(self) -> bool:
        """Whether a job works on it."""
        if self.leased_until is not None:
            return self.leased_until > now()
        return self.leased_at is not None and self.leased_at > now() - EARLIER_LEASE

    def is_held_up(self) -> bool:
        """Whether the assistant first has to write another reply in this chat."""
        return db.session.scalar(select(is_held_up(type(self))).where(type(self).id == self.id))

    def lease(self) -> None:
        """Claim it for a while, so that other jobs keep off."""
        self.leased_at, self.leased_until = now(), now() + LEASE

    def release(self) -> None:
        """Leave it to another job. This job has not died, so it does not count as an attempt."""
        self.leased_at = self.leased_until = self.asks_until = None
        self.attempts += -self.attempts % ROUND

    def attempt(self) -> bool:
        """Count one more job; False if too many have died before they wrote anything."""
        if len(self.content) > self.claimed_length:
            self.attempts += -self.attempts % ROUND
        self.claimed_length = len(self.content)
        self.attempts += 1
        return self.attempts % ROUND != 0

    def line_up(self) -> None:
        """Put it at the end of the line."""
        # Counts on instead of from 0: the earlier job may still run, and the queue takes each attempt only once.
        self.release()
        self.asked_at, self.claimed_length = now(), len(self.content)
        db.session.flush()  # it may be new
        self.waits = self.is_held_up()


def asked(reply) -> ColumnElement[datetime]:
    return func.coalesce(reply.asked_at, reply.created_at)


def is_leased(reply) -> ColumnElement[bool]:
    earlier = and_(reply.leased_until.is_(None), reply.leased_at > now() - EARLIER_LEASE)
    return or_(func.coalesce(reply.leased_until > now(), false()), func.coalesce(earlier, false()))


def is_abandoned(reply) -> ColumnElement[bool]:
    never_begun = and_(reply.leased_at.is_(None), asked(reply) < now() - UNBEGUN_AFTER)
    earlier = and_(reply.leased_until.is_(None), reply.leased_at < now() - EARLIER_LEASE)
    return or_(never_begun, reply.leased_until < now(), earlier)


def is_held_up(reply) -> ColumnElement[bool]:
    other = aliased(reply)
    same = (other.chat_id == reply.chat_id, other.author_id == reply.author_id, other.id != reply.id)
    comes_first = tuple_(asked(other), other.id) < tuple_(asked(reply), reply.id)
    generating = other.state == literal_column("'generating'")
    # Nobody writes a reply while people have to decide about it.
    return exists().where(*same, generating, other.asks_until.is_(None), or_(is_leased(other), comes_first))
