"""What an assistant has read before it wrote a reply."""

from typing import TYPE_CHECKING

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from chatapp.extensions import db

from .conversation import COUNTED, Conversation

if TYPE_CHECKING:
    from .message import Message


class Reading(db.Model):
    """The messages that the model was given for ``message`` when it was last asked. A table of its own, because pages
    show it only on request."""

    __tablename__ = "readings"

    message_id: Mapped[int] = mapped_column(ForeignKey("messages.id", ondelete="CASCADE"), primary_key=True)
    #: The id of the oldest message that it has read.
    first_id: Mapped[int]
    read_count: Mapped[int]
    #: Older messages, COUNTED at most.
    left_out: Mapped[int]
    #: Files and pictures of these messages that it was given, and not only named.
    files: Mapped[int] = mapped_column(default=0, server_default="0")
    pictures: Mapped[int] = mapped_column(default=0, server_default="0")

    message: Mapped["Message"] = relationship()

    @classmethod
    def note(cls, reply: "Message", conversation: Conversation) -> None:
        """Note what was just taken out of ``conversation``."""
        reading = db.session.get(cls, reply.id) or cls(message_id=reply.id)
        reading.first_id, reading.read_count = conversation.first_id, conversation.read_count
        reading.left_out = conversation.left_out
        reading.files, reading.pictures = conversation.files, conversation.pictures
        db.session.add(reading)

    @classmethod
    def of(cls, reply: "Message") -> "Reading | None":
        return db.session.get(cls, reply.id)

    @property
    def words(self) -> str:
        """``"Read the last 14 messages. The 20 before them were left out."``"""
        read = "the question" if self.read_count == 1 else f"the last {self.read_count} messages"
        if not self.left_out:
            return f"Read {read}. There was nothing before that."
        if self.left_out >= COUNTED:
            return f"Read {read}. {COUNTED:,} or more before that were left out."
        before = "The one" if self.left_out == 1 else f"The {self.left_out}"
        return f"Read {read}. {before} before that {'was' if self.left_out == 1 else 'were'} left out."

    @property
    def file_words(self) -> str:
        """``"It was given 1 file and 2 pictures with them."``; empty without any."""
        counts = ((self.files, "text file"), (self.pictures, "picture"))
        given = [f"{count} {noun}{'' if count == 1 else 's'}" for count, noun in counts if count]
        return f"It was given {' and '.join(given)} with {'it' if self.read_count == 1 else 'them'}." if given else ""
