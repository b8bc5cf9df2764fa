"""A message with files."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sqlalchemy import event
from sqlalchemy.orm import Mapped, declared_attr, mapped_column, relationship
from sqlalchemy.orm.attributes import set_committed_value

if TYPE_CHECKING:
    from ..attachment import Attachment


class Attachable:
    #: The number of files. A page of messages without files then asks for none.
    attachments_count: Mapped[int] = mapped_column(default=0, server_default="0")

    @declared_attr
    def attachments(cls) -> Mapped[list["Attachment"]]:
        return relationship(back_populates="message", order_by="Attachment.id", passive_deletes="all")

    def attach(self, attachments: Sequence["Attachment"]) -> None:
        """Send these files with the message, which is new."""
        for attachment in attachments:
            attachment.attach_to(self)
        self.attachments_count = len(attachments)

    def discard_attachments(self) -> None:
        for attachment in list(self.attachments if self.attachments_count else ()):
            attachment.discard()
        self.attachments_count = 0

    @property
    def file_words(self) -> str:
        """What a list shows of a message without text: ``"plan.pdf"`` or ``"2 pictures"``; empty without files."""
        return words_for([(file.name, file.media_type) for file in self.attachments]) if self.attachments_count else ""


def words_for(files: Sequence[tuple[str, str]]) -> str:
    """In words: ``files`` are names and media types."""
    if len(files) <= 1:
        return "".join(name for name, _ in files)
    pictures = all(media_type.startswith("image/") for _, media_type in files)
    return f"{len(files)} {'pictures' if pictures else 'files'}"


@event.listens_for(Attachable, "load", propagate=True)
def has_none(message: Attachable, context) -> None:
    """What is known to be empty is not asked for."""
    if message.__dict__.get("attachments_count") == 0:
        set_committed_value(message, "attachments", [])
