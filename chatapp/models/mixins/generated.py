"""A message that the assistant writes while people watch, and the message that asked for it."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import ColumnElement, ForeignKey, Select, String, and_, literal_column, or_, select, text
from sqlalchemy.orm import Mapped, declared_attr, mapped_column, relationship

from .timestamps import UTCDateTime, now

if TYPE_CHECKING:
    from chatapp.models.message import Message

#: A lease lasts this much longer than the model may be silent, because a living job also connects, tries a second time
#: and commits.
LEASE_MARGIN = timedelta(seconds=30)
#: A reply that no job has begun after this time has lost its job.
UNBEGUN_AFTER = timedelta(seconds=10)
#: Dead jobs after which a reply counts as failed.
ATTEMPTS = 3
ROUND = ATTEMPTS + 1
#: Characters of a reply. A longer one is cut off, whatever limit the model was given.
REPLY_LIMIT = 20_000


class Generated:
    """``state`` is ``complete`` for messages of people. A reply begins as ``generating`` and ends as ``complete``,
    ``cut`` (at a limit of its length), ``failed`` (with a ``failure`` to show) or ``stopped``.

    Question and reply are made together, so that no question is lost when the queue is. Processes of the previous
    release leave the reply to the job, and mark the question with ``reply_wanted`` until then.
    """

    state: Mapped[str] = mapped_column(String(20), default="complete")
    failure: Mapped[str | None] = mapped_column(String(300))
    reply_wanted: Mapped[bool] = mapped_column(default=False)
    attempts: Mapped[int] = mapped_column(default=0)
    kept: Mapped[int] = mapped_column(default=0, server_default="0")  # characters
    leased_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    @declared_attr
    def question_id(cls) -> Mapped[int | None]:
        return mapped_column(ForeignKey("messages.id"), unique=True)

    @declared_attr
    def question(cls) -> Mapped["Message | None"]:
        return relationship(remote_side="Message.id", foreign_keys="Message.question_id", back_populates="reply")

    @declared_attr
    def reply(cls) -> Mapped["Message | None"]:
        return relationship(foreign_keys="Message.question_id", back_populates="question", uselist=False)

    @property
    def generating(self) -> bool:
        return self.state == "generating"

    @classmethod
    def waiting(cls, lease: timedelta) -> Select:
        """Questions with a reply that no job works on: the job was never queued, or died."""
        # Two halves, each with a small partial index: an `OR` makes the databases read all messages.
        abandoned = select(cls.question_id).where(cls.is_generating(), cls.is_abandoned(lease))
        lost = select(cls.id).where(text("reply_wanted"), cls.created_at < now() - UNBEGUN_AFTER)
        return select(cls).where(cls.id.in_(abandoned.union_all(lost))).order_by(cls.id).limit(100)

    @classmethod
    def is_generating(cls) -> ColumnElement[bool]:
        # A literal and no parameter, because databases match a partial index by the text of its condition.
        return cls.state == literal_column("'generating'")

    @classmethod
    def is_abandoned(cls, lease: timedelta) -> ColumnElement[bool]:
        never_begun = and_(cls.leased_at.is_(None), cls.created_at < now() - UNBEGUN_AFTER)
        return or_(never_begun, cls.leased_at < now() - lease)

    def is_leased(self, lease: timedelta) -> bool:
        """Whether a job works on it."""
        return self.leased_at is not None and self.leased_at > now() - lease

    def lease(self) -> None:
        """Work on it: others keep off for a while."""
        self.leased_at = now()

    def write(self, content: str) -> None:
        """Show what there is so far."""
        self.note_shown()
        self.content = content
        self.lease()

    def complete(self, content: str, cut_off: bool = False) -> None:
        """End with this text: all of it, or as much as the limits allow (``cut_off``)."""
        self.note_shown()
        self.content, self.state = content, "cut" if cut_off else "complete"

    def fail(self, reason: str) -> None:
        """End with a reason that people understand."""
        self.note_shown()
        self.state, self.failure = "failed", reason[:300]

    def stop(self) -> None:
        """End here, as somebody asked for; what is written stays. Harmless when it has ended already."""
        self.lock()
        if self.generating:
            self.note_shown()
            self.state = "stopped"

    def attempt(self) -> bool:
        """Count one more job; False if too many have died while writing this."""
        self.attempts += 1
        return self.attempts % ROUND != 0

    @property
    def retriable(self) -> bool:
        """Whether the assistant can write it again: it failed or was stopped, and its question is still there."""
        return self.state in ("failed", "stopped") and self._is_asked

    @property
    def resumable(self) -> bool:
        """Whether the assistant can go on with it: it ended at the model's limit and not at REPLY_LIMIT, and its
        question is still there."""
        return self.state == "cut" and len(self.content) < REPLY_LIMIT and self._is_asked

    @property
    def _is_asked(self) -> bool:
        return self.question is not None and self.question.deleted_at is None

    def keep(self) -> None:
        """Keep the text so far, whatever becomes of the rest."""
        self.kept = len(self.content)

    @property
    def begun(self) -> str:
        """The kept text, with which a job begins."""
        return self.content[: self.kept]

    def refuse(self, reason: str) -> None:
        """Say why nobody works on it now. A cut-off reply stays ``cut``, and somebody can continue it later."""
        self.failure = reason
        if self.state != "cut":
            self.state = "failed"

    def restart(self) -> None:
        """Begin again, from nothing or from the kept text."""
        self.state, self.failure, self.content, self.leased_at = "generating", None, self.begun, None
        # Counts on instead of from 0: the earlier job may still run, and the queue takes each attempt only once.
        self.attempts += -self.attempts % ROUND


def words_of(excerpt: str, state: str) -> str:
    """What a list shows of a message: its excerpt, or the state of one that has no text."""
    return excerpt or {"failed": "No answer", "stopped": "Stopped"}.get(state, "…")


def lease_for(silence: float) -> timedelta:
    """The time without a sign of life after which a job counts as dead, when the model may be silent for ``silence``
    seconds."""
    return timedelta(seconds=silence) + LEASE_MARGIN
