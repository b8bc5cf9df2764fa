"""Whether links in a chat show previews."""

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column


class Previewed:
    """Fetching a page tells its server that somebody has its address. So a closed chat has to allow it, and a direct
    chat, which has no settings, has no previews."""

    link_previews: Mapped[str] = mapped_column(
        String(20), default="open", server_default="open"
    )  # open: while the chat is open | always | never

    @property
    def has_link_previews(self) -> bool:
        if self.is_direct:
            return False
        return self.link_previews == "always" or (self.link_previews == "open" and self.kind == "open")
