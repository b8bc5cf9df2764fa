"""What others see of a person: the name, and the picture."""

from typing import BinaryIO

from sqlalchemy import String, literal_column, select
from sqlalchemy.orm import Mapped, mapped_column

from chatapp.extensions import db, queue
from chatapp.turbo import after_commit, lock_pages

from .portraits import keep, remove_once_committed, version_of

ANNOUNCE_JOB = "chatapp.jobs.faces.announce"


class Looks:
    """Messages show their authors as they look now, so a new look changes many pages. Each page is told of it once,
    however many messages it has (``Face``, decision 0048)."""

    #: Counts the changes of name and picture.
    look: Mapped[int] = mapped_column(default=0, server_default="0")
    #: The look that all chats were told of.
    told_look: Mapped[int] = mapped_column(default=0, server_default="0")
    #: The key of the picture in the storage. A new picture has a new key.
    portrait_key: Mapped[str | None] = mapped_column(String(32))

    @property
    def portrait_version(self) -> str | None:
        """Stands in the address of the picture; None for people without one."""
        return version_of(self.portrait_key)

    def rename(self, name: str) -> None:
        """Change the name, wherever it is shown."""
        self._change_look(name=name)

    def portray(self, picture: BinaryIO | None) -> None:
        """Show this square picture, or none any more. The bytes of the old one go once this is committed."""
        self._change_look(portrait_key=keep(picture))

    def _change_look(self, **values: str | None) -> None:
        from ..face import Face, latest_chats_of

        chats = latest_chats_of(self)
        lock_pages(db.session(), [*chats, self])
        db.session.refresh(self)
        old = self.portrait_key
        if all(getattr(self, name) == value for name, value in values.items()):
            return
        for name, value in values.items():
            setattr(self, name, value)
        self.look += 1
        Face.show(self, [None, *chats])
        if not Face.settle(self):
            self.announce_later()
        if old != self.portrait_key:
            remove_once_committed(old)

    def announce_later(self) -> None:
        """Have a job announce the look in the other chats, once this is committed."""
        id = self.id
        after_commit(db.session(), lambda: queue.enqueue(ANNOUNCE_JOB, id))

    @classmethod
    def with_untold_look(cls) -> "list[Looks]":
        """People whose job was lost, or is under way."""
        # A literal and no parameter, because databases match a partial index by the text of its condition.
        return list(db.session.scalars(select(cls).where(literal_column("told_look <> look")).limit(100)))
