"""What a model has thought before it answered."""

from time import monotonic
from typing import TYPE_CHECKING

from sqlalchemy import ForeignKey, Text
from sqlalchemy.orm import Mapped, mapped_column

from chatapp.extensions import db
from chatapp.lib.llm import Thought, storable

if TYPE_CHECKING:
    from .message import Message

#: The most characters kept. A model may think for longer than anybody reads.
REASONING_LIMIT = 20_000
LEFT_OUT = "\n\n… The rest was left out."


class Reasoning(db.Model):
    """Stands beside the message, which only says that it exists. So a page of messages does not load it, the model
    never reads it again, and no search finds it."""

    __tablename__ = "reasonings"

    message_id: Mapped[int] = mapped_column(ForeignKey("messages.id", ondelete="CASCADE"), primary_key=True)
    #: The number of the reply's version.
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    content: Mapped[str] = mapped_column(Text)

    @classmethod
    def behind(cls, message: "Message", number: int) -> "Reasoning | None":
        return db.session.get(cls, (message.id, number), populate_existing=True)


class Thinking:
    """Collects what the model thinks while it writes ``message``, and for how long it thinks before its first word."""

    def __init__(self, message: "Message"):
        self.message, self.text = message, ""
        self._began: float | None = None
        self._before = self._seconds = 0
        self._saved = ""

    def begin(self, goes_on: bool) -> None:
        """Begin the reply. Earlier reasoning stays where the text goes on, and is deleted where it is written anew."""
        known = Reasoning.behind(self.message, self.message.version)
        if goes_on:
            self.text = self._saved = f"{known.content}\n\n" if known else ""
            self._before = self.message.thought_for or 0
            return
        self.message.thought_for = None
        if known:
            db.session.delete(known)

    def hear(self, piece: str) -> None:
        """Take in one piece of the answer."""
        if isinstance(piece, Thought) and not self.is_full:
            self.text = (self.text + piece.words).lstrip()
            if self.text:
                self._began = self._began or monotonic()
            if self.is_full:
                self.text = self.text[:REASONING_LIMIT] + LEFT_OUT
        elif piece.strip() and self._began and not self._seconds:
            self._seconds = max(1, round(monotonic() - self._began))

    def pause(self) -> None:
        """Put what the model thinks from here on into a new paragraph."""
        if self.text and not self.is_full:
            self.text += "\n\n"

    @property
    def is_full(self) -> bool:
        return len(self.text) >= REASONING_LIMIT

    def save(self) -> None:
        """Write down what is new. The chat is locked, and the reply is still ours."""
        if self.text == self._saved and not self._seconds:
            return
        if self.message.thought_for is None or self._seconds:
            self.message.thought_for = self._before + self._seconds
        if self.text != self._saved:
            self._saved = self.text
            db.session.merge(self._record())

    def _record(self) -> Reasoning:
        return Reasoning(message_id=self.message.id, number=self.message.version, content=storable(self.text).strip())
