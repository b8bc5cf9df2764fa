"""A message that shows a preview of the page that it links."""

from typing import TYPE_CHECKING

from sqlalchemy.orm import Mapped, declared_attr, foreign, mapped_column, relationship, remote

from chatapp.lib import markdown
from chatapp.lib.safe_addresses import plain

if TYPE_CHECKING:
    from ..link_preview import LinkPreview


class Previewing:
    """A preview belongs to the address, and all messages with this first link share it. A page of messages reads it in
    the query of the messages."""

    #: Without a foreign key: a preview may go before its messages do.
    link_preview_id: Mapped[int | None] = mapped_column()

    @declared_attr
    def link_preview(cls) -> Mapped["LinkPreview | None"]:
        from ..link_preview import LinkPreview

        return relationship(
            LinkPreview, primaryjoin=lambda: foreign(cls.link_preview_id) == remote(LinkPreview.id), viewonly=True
        )

    @property
    def shown_preview(self) -> "LinkPreview | None":
        """The preview to show. Not that of an earlier text, which the previous release leaves there after an edit."""
        preview = self.link_preview if self.link_preview_id else None
        return preview if preview and preview.is_fetched and preview.url == link_of(self.content) else None

    def settle_link_preview(self, before: str = "") -> None:
        """Have the first link show its preview, unless it was the first in ``before``: a preview that the author has
        removed stays away. The chat is locked."""
        from ..link_preview import LinkPreview

        url = link_of(self.content)
        if url == link_of(before):
            return
        shown = url and self.chat.has_link_previews
        preview = LinkPreview.wanted(url, self.author) if shown else None
        self.link_preview_id = preview.id if preview else None

    def remove_link_preview(self) -> None:
        """Harmless to repeat."""
        self.lock()
        self.link_preview_id = None


def link_of(text: str) -> str | None:
    """The address of the first link in ``text``, if it can have a preview."""
    link = markdown.first_link(text)
    return plain(link) if link else None
