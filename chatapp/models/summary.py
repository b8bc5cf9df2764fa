"""What was said in a chat while one person was away, summed up by the assistant for that person alone."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import (
    ForeignKey,
    Index,
    ScalarSelect,
    String,
    Text,
    UniqueConstraint,
    delete,
    func,
    literal_column,
    select,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from chatapp.extensions import db, queue
from chatapp.turbo import after_commit

from .mixins.timestamps import UTCDateTime, now

if TYPE_CHECKING:
    from .chat import Chat
    from .user import User

WRITE_JOB = "chatapp.jobs.summaries.write"
#: A job that has not ended by then has died or was lost.
OVERDUE = timedelta(minutes=5)
LOST = "The assistant did not get to it."


class Summary(db.Model):
    """One for each person and chat. ``state`` is ``waiting`` for a job, then ``writing``, and ends as ``done``,
    ``failed`` or ``dismissed``.

    Nothing announces it. The page that has asked looks again until it is done.
    """

    __tablename__ = "summaries"
    __table_args__ = (
        UniqueConstraint("user_id", "chat_id"),
        Index("ix_summaries_running", "asked_at", "user_id", sqlite_where=db.text("state IN ('waiting', 'writing')"),
              postgresql_where=db.text("state IN ('waiting', 'writing')")),
        Index("ix_summaries_chat_id", "chat_id"),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    chat_id: Mapped[int] = mapped_column(ForeignKey("chats.id", ondelete="CASCADE"))
    state: Mapped[str] = mapped_column(String(20))
    failure: Mapped[str | None] = mapped_column(String(300))
    #: Markdown, with links to the messages it rests on.
    content: Mapped[str] = mapped_column(Text, default="")
    #: What is summed up: the messages after ``after_id``, up to ``last_id``. How many of them the model got to read,
    #: and how many older ones it did not.
    after_id: Mapped[int] = mapped_column(default=0)
    last_id: Mapped[int] = mapped_column(default=0)
    read_count: Mapped[int] = mapped_column(default=0)
    left_out: Mapped[int] = mapped_column(default=0)
    #: Tells one job from the next.
    attempt: Mapped[int] = mapped_column(default=0)
    asked_at: Mapped[datetime] = mapped_column(UTCDateTime, default=now)

    user: Mapped["User"] = relationship()
    chat: Mapped["Chat"] = relationship()

    @classmethod
    def known(cls, user: "User", chat: "Chat") -> "Summary | None":
        return db.session.scalar(select(cls).filter_by(user_id=user.id, chat_id=chat.id))

    @classmethod
    def made(cls, user: "User", chat: "Chat") -> "Summary":
        """A new summary, which shows nothing yet."""
        made = cls(user=user, chat=chat, state="dismissed", after_id=0, last_id=0, attempt=0)
        db.session.add(made)
        return made

    @classmethod
    def current(cls, id: int, attempt: int) -> "Summary | None":
        """The summary as it stands, locked. None where it is gone, or another job has taken its place."""
        query = select(cls).where(cls.id == id, cls.attempt == attempt).with_for_update()
        return db.session.scalar(query.execution_options(populate_existing=True))

    @classmethod
    def running(cls, user: "User | None" = None) -> ScalarSelect[int]:
        """How many are being written, for ``user`` or for everybody: a part of a statement."""
        # A literal and no parameter, because databases match a partial index by the text of its condition.
        under_way = literal_column("state IN ('waiting', 'writing')")
        query = select(func.count()).select_from(cls).where(under_way, cls.asked_at > now() - OVERDUE)
        return (query.where(cls.user_id == user.id) if user else query).scalar_subquery()

    @classmethod
    def forget(cls, user_id: int, chat_id: int) -> None:
        """Delete the summary of a person who leaves the chat."""
        gone = delete(cls).where(cls.user_id == user_id, cls.chat_id == chat_id)
        db.session.execute(gone.execution_options(synchronize_session="fetch"))

    def begin(self, after_id: int) -> None:
        """Have what follows ``after_id`` summed up, in the background, once this is committed."""
        self._settle("waiting")
        self.after_id, self.asked_at, self.attempt = after_id, now(), self.attempt + 1
        db.session.flush()
        after_commit(db.session(), self._enqueue())

    def _enqueue(self) -> Callable[[], None]:
        id, attempt = self.id, self.attempt
        return lambda: queue.enqueue(WRITE_JOB, id, attempt)

    def refuse(self, after_id: int, reason: str) -> None:
        """Say why nothing is summed up now."""
        self.after_id = after_id
        self.fail(reason)

    def claim(self) -> bool:
        """Work on it. False where another job does, or where nobody wants it any more."""
        if self.state != "waiting":
            return False
        self.state = "writing"
        return True

    def finish(self, content: str) -> None:
        self._settle("done")
        self.content = content

    def fail(self, reason: str) -> None:
        self._settle("failed")
        self.failure = reason[:300]

    def dismiss(self, last_id: int) -> None:
        """Show it no more, and offer no other one for what was said up to ``last_id``."""
        self._settle("dismissed")
        self.last_id = last_id
        self.attempt += 1  # a job that still writes it has nothing to write into

    def _settle(self, state: str) -> None:
        self.state, self.content, self.failure = state, "", None

    @property
    def is_running(self) -> bool:
        return self.state in ("waiting", "writing") and not self.is_overdue

    @property
    def is_overdue(self) -> bool:
        return self.state in ("waiting", "writing") and self.asked_at < now() - OVERDUE

    @property
    def trouble(self) -> str | None:
        """Why the summary failed, in words for people; None where it did not."""
        return LOST if self.is_overdue else self.failure

    @property
    def words(self) -> str:
        """What was read: ``"Sums up 34 messages."``"""
        if not self.left_out:
            return f"Sums up {self.read_count} messages."
        return f"Sums up the newest {self.read_count} of {self.read_count + self.left_out} messages."
