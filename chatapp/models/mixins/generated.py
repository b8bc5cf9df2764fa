"""A message that the assistant writes while people watch, and the message that asked for it."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import ForeignKey, Select, String, and_, exists, or_, select
from sqlalchemy.orm import Mapped, aliased, declared_attr, mapped_column, relationship

from .timestamps import UTCDateTime, now

if TYPE_CHECKING:
    from chatapp.models.message import Message

#: A reply that was not worked on for so long belongs to a job that is dead. Longer than ASSISTANT_TIMEOUT, for
#: which a job that lives may hear nothing from the model.
LEASE = timedelta(seconds=75)
#: A question that is older and has no reply has lost its job.
PATIENCE = timedelta(seconds=10)
#: Dead jobs after which a reply counts as failed.
ATTEMPTS = 3


class Generated:
    """``state`` is ``complete`` for what people write; a reply is ``generating`` first, then ``complete``, ``failed``
    (with a ``failure`` to show) or ``stopped``.

    A question carries ``reply_wanted`` until it has a reply, so that it is not forgotten when a queue is.
    """

    state: Mapped[str] = mapped_column(String(20), default="complete")
    failure: Mapped[str | None] = mapped_column(String(300))
    reply_wanted: Mapped[bool] = mapped_column(default=False)
    attempts: Mapped[int] = mapped_column(default=0)
    leased_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    @declared_attr
    def question_id(cls) -> Mapped[int | None]:
        return mapped_column(ForeignKey("messages.id"), unique=True)

    @declared_attr
    def question(cls) -> Mapped["Message | None"]:
        return relationship(remote_side="Message.id", back_populates="reply")

    @declared_attr
    def reply(cls) -> Mapped["Message | None"]:
        return relationship(back_populates="question", uselist=False)

    @property
    def generating(self) -> bool:
        return self.state == "generating"

    @classmethod
    def waiting(cls) -> Select:
        """Questions whose reply nobody works on: their job was never queued, or died."""
        reply = aliased(cls)
        lost = and_(cls.reply_wanted, cls.created_at < now() - PATIENCE)
        abandoned = exists().where(reply.question_id == cls.id, reply.state == "generating", reply.abandoned())
        return select(cls).where(or_(lost, abandoned)).order_by(cls.id).limit(100)

    @classmethod
    def abandoned(cls):
        return or_(cls.leased_at.is_(None), cls.leased_at < now() - LEASE)

    def lease(self) -> None:
        """Work on it: others keep off for a while."""
        self.leased_at = now()

    def write(self, content: str) -> None:
        """Show what there is so far."""
        self.content = content
        self.lease()

    def complete(self, content: str) -> None:
        self.content, self.state = content, "complete"

    def fail(self, reason: str) -> None:
        """End with a reason that people understand."""
        self.state, self.failure = "failed", reason[:300]

    def stop(self) -> None:
        """End here, as somebody asked for; what is written stays. Harmless when it has ended already."""
        if self.generating:
            self.state = "stopped"

    def restart(self) -> None:
        """Begin again from nothing."""
        self.state, self.failure, self.content, self.attempts = "generating", None, "", 0
        self.leased_at = None
