"""A reply that was written more than once: its versions, of which it shows one."""

from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import delete, select
from sqlalchemy.orm import Mapped, mapped_column

from chatapp.extensions import db

from ..reasoning import Reasoning
from ..reply_version import ReplyVersion
from ..tool_use import ToolUse
from .timestamps import UTCDateTime

if TYPE_CHECKING:
    from ..user import User

#: The most versions of one reply, including the shown one. Each further version removes the oldest.
VERSIONS = 10


class Versioned:
    """Versions have numbers from 1 on, which never change. All who read the message see the same one.

    Choosing another is a change of the message for everybody, and takes the right to write (decision 0055).
    """

    #: The number of the shown version, and that of the newest.
    version: Mapped[int] = mapped_column(default=1, server_default="1")
    versions: Mapped[int] = mapped_column(default=1, server_default="1")
    #: When the model began the shown version. None for replies of an earlier release.
    begun_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    @property
    def first_version(self) -> int:
        return max(1, self.versions - VERSIONS + 1)

    @property
    def version_words(self) -> str:
        """``"2 of 3"``."""
        return f"{self.version - self.first_version + 1} of {self.versions - self.first_version + 1}"

    @property
    def version_numbers(self) -> range:
        return range(self.first_version, self.versions + 1)

    @property
    def has_versions(self) -> bool:
        """Whether there are others to choose. While one is being written, it is the one that everybody sees."""
        return self.versions > 1 and not self.generating

    @property
    def has_words(self) -> bool:
        """Whether any version says something."""
        return bool(self.content) or self.versions > 1

    @property
    def renewable(self) -> bool:
        """Whether the assistant can write another version: this one has ended, and its question is still there."""
        return not self.generating and self.deleted_at is None and self._is_asked

    @property
    def is_outdated(self) -> bool:
        """Whether the question was edited after the model was asked for this version."""
        if not self.renewable or self.question.edited_at is None:
            return False
        return self.question.edited_at > (self.begun_at or self.created_at)

    def other_version(self, number: int) -> ReplyVersion | None:
        """The version with this number, as long as it is kept and not the shown one."""
        return db.session.scalar(select(ReplyVersion).filter_by(message_id=self.id, number=number))

    def choose_version(self, number: int, user: "User") -> None:
        """Show another version to everybody; harmless for one that is shown or gone, and while one is being written.

        Raises Archived and ReadOnly.
        """
        self.lock()
        self.chat.must_take_writing_of(user)
        other = None if self.generating or self.deleted_at else self.other_version(number)
        if other:
            other.change_places(self)
            self.kept = 0

    def set_aside(self) -> None:
        """Keep the present text as an earlier version. The message is the newest version from here on."""
        db.session.add(ReplyVersion.of(self))
        self.version = self.versions = self.versions + 1
        self.thought_for = self.first_use_id = None
        db.session.flush()
        self._forget_versions_before(self.first_version)

    def forget_versions(self) -> None:
        """Forget all versions but the shown one, and everything that the model thought and used."""
        if self.question_id is not None:
            self.first_use_id = None
            self._forget_versions_before(self.versions + 1)

    def _forget_versions_before(self, number: int) -> None:
        for kind in (ReplyVersion, Reasoning, ToolUse):
            db.session.execute(delete(kind).where(kind.message_id == self.id, kind.number < number))
