"""The people who may write into a chat."""

from typing import TYPE_CHECKING

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from ..reach import Archived, ReadOnly

if TYPE_CHECKING:
    from ..user import User


class Writable:
    """Everyone writes into a chat, or only its managers, who announce things there. Nobody writes into an archive."""

    writers: Mapped[str] = mapped_column(
        String(20), default="everyone", server_default="everyone"
    )  # everyone | managers

    @property
    def is_read_only(self) -> bool:
        return self.writers == "managers"

    def must_take_writing_of(self, user: "User") -> None:
        """Raises Archived in an archived chat, and ReadOnly where only others may write."""
        if self.archived_at:
            raise Archived
        self.must_let_write(user)

    def must_let_write(self, user: "User") -> None:
        """Raises ReadOnly."""
        if not self.lets_write(user):
            raise ReadOnly

    def lets_write(self, user: "User") -> bool:
        """Whether this person is among the writers; being a member is another question."""
        return not self.is_read_only or user.can_manage(self)
