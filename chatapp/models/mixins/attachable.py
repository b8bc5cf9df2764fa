"""A message with files."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sqlalchemy.orm import Mapped, declared_attr, foreign, mapped_column, object_session, relationship, remote
from sqlalchemy.orm.attributes import set_committed_value

if TYPE_CHECKING:
    from ..attachment import Attachment


class Attachable:
    """A message knows its first file, and that one knows the others. So a page of messages without files asks for none,
    and a page of messages with files asks once.
    """

    #: Without a foreign key, because files already refer to their message by one.
    first_attachment_id: Mapped[int | None] = mapped_column()

    @declared_attr
    def first_attachment(cls) -> Mapped["Attachment | None"]:
        from ..attachment import Attachment

        return relationship(
            Attachment, primaryjoin=lambda: foreign(cls.first_attachment_id) == remote(Attachment.id), viewonly=True
        )

    @property
    def attachments(self) -> list["Attachment"]:
        return self.first_attachment.fellows if self.first_attachment_id and self.first_attachment else []

    def attach(self, attachments: Sequence["Attachment"]) -> None:
        """Send these files with the message, which is new."""
        if not attachments:
            return
        for attachment in attachments:
            attachment.attach_to(self)
        object_session(self).flush()  # the first one finds the others, and the search their names, by their message
        self.first_attachment_id = attachments[0].id
        set_committed_value(self, "first_attachment", attachments[0])

    def discard_attachments(self) -> None:
        for attachment in list(self.attachments):
            attachment.discard()
        self.first_attachment_id = None

    @property
    def file_words(self) -> str:
        """What a list shows of a message without text: ``"plan.pdf"`` or ``"2 pictures"``; empty without files."""
        return words_for([(file.name, file.media_type) for file in self.attachments])


def words_for(files: Sequence[tuple[str, str]]) -> str:
    """Describes ``files``, which are names and media types."""
    if len(files) <= 1:
        return "".join(name for name, _ in files)
    pictures = all(media_type.startswith("image/") for _, media_type in files)
    return f"{len(files)} {'pictures' if pictures else 'files'}"
