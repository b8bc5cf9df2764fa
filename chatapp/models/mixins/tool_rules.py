"""Whether the assistants of a chat use their tools there."""

from sqlalchemy import String, select
from sqlalchemy.orm import Mapped, mapped_column

from chatapp.extensions import db


class ToolRules:
    """Assistants ask first, until a manager says otherwise: a page that one has read may have it send elsewhere what is
    said here. A direct chat has no settings, so there they always ask."""

    tools: Mapped[str] = mapped_column(String(20), default="ask", server_default="ask")  # use | ask | never

    @property
    def offers_tools(self) -> bool:
        """Whether one of its assistants has been given any tools."""
        from ..assistant import Assistant

        ids = [assistant.id for assistant in self.assistants]
        return any(own.has_tools for own in db.session.scalars(select(Assistant).where(Assistant.user_id.in_(ids))))
