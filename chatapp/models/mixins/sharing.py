"""Whether answers of a chat may be shared with people who have no account."""

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column


class Sharing:
    """Off until a manager allows it. A direct chat has no managers and no settings, so nothing is shared from it."""

    sharing: Mapped[str] = mapped_column(String(20), default="off", server_default="off")  # off | on

    @property
    def lets_share(self) -> bool:
        return self.sharing == "on" and not self.is_direct and self.deleted_at is None
