"""A message that an assistant writes while people watch, and the message that asked for it."""

from typing import TYPE_CHECKING

from sqlalchemy import ForeignKey, Select, String, select, text
from sqlalchemy.orm import Mapped, declared_attr, mapped_column, relationship

from chatapp.extensions import db

from .leased import UNBEGUN_AFTER, Leased
from .timestamps import now

if TYPE_CHECKING:
    from chatapp.models.message import Message
    from chatapp.models.user import User

#: Characters of a reply. A longer one is cut off, whatever limit the model was given.
REPLY_LIMIT = 20_000
NO_ASSISTANT = "No assistant answers in this chat. Its settings say so."


class Refused(Exception):
    """Nobody may ask now. The text says why, for the person who asked."""


class Generated(Leased):
    """``state`` is ``complete`` for messages of people. A reply begins as ``generating`` and ends as ``complete``,
    ``cut`` (at a limit of its length), ``failed`` (with a ``failure`` to show) or ``stopped``.

    Question and replies are made together, so that no question is lost when the queue is. Processes of the previous
    release leave the reply to the job, and mark the question with ``reply_wanted`` until then.
    """

    state: Mapped[str] = mapped_column(String(20), default="complete")
    #: Seconds that the model thought before its first word, 0 while it does; None where it sends no reasoning.
    thought_for: Mapped[int | None]
    failure: Mapped[str | None] = mapped_column(String(300))
    reply_wanted: Mapped[bool] = mapped_column(default=False)
    kept: Mapped[int] = mapped_column(default=0, server_default="0")  # characters

    @declared_attr
    def question_id(cls) -> Mapped[int | None]:
        return mapped_column(ForeignKey("messages.id"))

    @declared_attr
    def asker_id(cls) -> Mapped[int | None]:
        """The person who asked for it last, and pays for it. None where the previous release took the question."""
        return mapped_column(ForeignKey("users.id"))

    @declared_attr
    def question(cls) -> Mapped["Message | None"]:
        return relationship(remote_side="Message.id", foreign_keys="Message.question_id", back_populates="replies")

    #: One reply from each assistant asked.
    @declared_attr
    def replies(cls) -> Mapped[list["Message"]]:
        return relationship(foreign_keys="Message.question_id", back_populates="question", order_by="Message.id")

    @property
    def reply(self) -> "Message | None":
        """The first reply."""
        return self.replies[0] if self.replies else None

    def reply_of(self, assistant: "User") -> "Message | None":
        return next((reply for reply in self.replies if reply.author_id == assistant.id), None)

    def begin_reply(self, assistant: "User | None" = None) -> "Message":
        """The empty reply, of the built-in assistant where no other is given. It shows people that it will answer, even
        while every worker is busy."""
        from chatapp.models.user import User

        author = assistant or User.assistant()
        reply = type(self)(chat=self.chat, author=author, question=self, state="generating")
        reply.content, reply.attempts, reply.kept = "", 0, 0
        db.session.add(reply)
        return reply

    @property
    def generating(self) -> bool:
        return self.state == "generating"

    @classmethod
    def without_reply(cls) -> Select:
        """Questions of the previous release whose job was lost before it made the reply."""
        return select(cls).where(text("reply_wanted"), cls.created_at < now() - UNBEGUN_AFTER).limit(100)

    def write(self, content: str) -> None:
        """Show the text so far."""
        self.note_shown()
        self.content = content
        self.lease()

    def complete(self, content: str, cut_off: bool = False) -> None:
        """End with this text: all of it, or as much as the limits allow (``cut_off``)."""
        self.note_shown()
        self.content, self.state = content, "cut" if cut_off else "complete"

    def fail(self, reason: str, content: str | None = None) -> None:
        """End with a reason that people understand. ``content`` is the text so far."""
        self.note_shown()
        self.state, self.failure = "failed", reason[:300]
        if content is not None:
            self.content = content

    def hand_over(self, content: str) -> None:
        """Leave the rest to another job. What is written stays."""
        self.note_shown()
        self.content = content
        self.release()

    def wait_for_turn(self) -> None:
        """Say that the assistant writes another reply first. Harmless to repeat."""
        if not self.waits:
            self.note_shown()
            self.waits = True

    def stop(self) -> None:
        """End here, as somebody asked for; what is written stays. Harmless when it has ended already."""
        self.lock()
        if self.generating:
            self.note_shown()
            self.state = "stopped"

    @property
    def retriable(self) -> bool:
        """Whether the assistant can write it again: it failed or was stopped, and its question is still there."""
        return self.state in ("failed", "stopped") and self._is_asked

    @property
    def resumable(self) -> bool:
        """Whether the assistant can go on with it: it ended before its end and not at REPLY_LIMIT, with some text, and
        its question is still there."""
        ended_early = self.state in ("cut", "stopped", "failed") and self.content.strip()
        return bool(ended_early) and len(self.content) < REPLY_LIMIT and self._is_asked

    @property
    def wordless(self) -> bool:
        """Whether it ended before its first word, and has nothing else to show in a bubble."""
        shown = self.content.strip() or self.quoted or self.first_use_id or self.first_attachment_id
        return not (self.generating or shown or self.shown_preview) and self.thought_for is None

    @property
    def thought_words(self) -> str:
        """``"Thought for 12 seconds"``."""
        if not self.thought_for:
            return "Thinking …" if self.generating else "Reasoning"
        minutes, seconds = divmod(self.thought_for, 60)
        parts = [f"{n} {unit}{'' if n == 1 else 's'}" for n, unit in ((minutes, "minute"), (seconds, "second")) if n]
        return f"Thought for {' '.join(parts)}"

    @property
    def refusal(self) -> str | None:
        """Why its assistant may not write it now, in words for people."""
        if self.question.deleted_at:
            return "The question was deleted."
        if not self.author.active:
            return f"{self.author.name} is retired. Ask another assistant."
        return NO_ASSISTANT if self.chat.assistant == "never" else None

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
        """Say why nobody works on it now. A cut-off reply stays ``cut``, and somebody can continue it later.

        Raises Refused for a complete reply, which has no place for the reason.
        """
        if self.state == "complete":
            raise Refused(reason)
        self.failure = reason
        if self.state != "cut":
            self.state = "failed"

    def restart(self) -> None:
        """Begin again, from nothing or from the kept text."""
        self.state, self.failure, self.content = "generating", None, self.begun
        if not self.kept:
            self.forget_uses()
        self.line_up()


def words_of(excerpt: str, state: str) -> str:
    """What a list shows of a message: its excerpt, or the state of one that has no text."""
    return excerpt or {"failed": "No answer", "stopped": "Stopped"}.get(state, "…")
