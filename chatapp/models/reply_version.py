"""Earlier and later versions of a reply, beside the one that its message shows."""

from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from chatapp.extensions import db

from .mixins.timestamps import UTCDateTime

if TYPE_CHECKING:
    from .message import Message

#: The columns of a version, in the row of the message and here.
PARTS = ("content", "state", "failure", "thought_for", "begun_at", "first_use_id")


class ReplyVersion(db.Model):
    """A version not shown. The shown one is the message itself, so whatever reads messages (the model, the search,
    quotes, lists) knows what people see and nothing else."""

    __tablename__ = "reply_versions"
    __table_args__ = (UniqueConstraint("message_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    message_id: Mapped[int] = mapped_column(ForeignKey("messages.id", ondelete="CASCADE"))
    number: Mapped[int]
    content: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(20))
    failure: Mapped[str | None] = mapped_column(String(300))
    thought_for: Mapped[int | None]
    begun_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    first_use_id: Mapped[int | None]

    @classmethod
    def of(cls, message: "Message") -> "ReplyVersion":
        """A copy of the version that ``message`` shows."""
        parts = {name: getattr(message, name) for name in PARTS}
        return cls(message_id=message.id, number=message.version, **parts)

    def change_places(self, message: "Message") -> None:
        """Have ``message`` show this version, and keep here the one that it has shown."""
        for here, there in (("number", "version"), *zip(PARTS, PARTS, strict=True)):
            mine, its = getattr(self, here), getattr(message, there)
            setattr(self, here, its)
            setattr(message, there, mine)
