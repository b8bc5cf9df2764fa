"""What others see of a person: the name, and the picture."""

import secrets
from typing import BinaryIO

from sqlalchemy import String, literal_column, select
from sqlalchemy.orm import Mapped, mapped_column

from chatapp.extensions import db, queue, storage
from chatapp.turbo import after_commit, lock_pages

ANNOUNCE_JOB = "chatapp.jobs.faces.announce"
REMOVE_JOB = "chatapp.jobs.faces.remove_portrait"
#: Digits of the key that stand in the picture's address.
VERSION = 16


class Looks:
    """Messages show their authors as these look now, so a change is one of many pages. Each page is told of it once,
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
        return self.portrait_key and self.portrait_key[:VERSION]

    def rename(self, name: str) -> None:
        """Change the name, wherever it is shown."""
        self._change_look(name=name)

    def portray(self, picture: BinaryIO | None) -> None:
        """Show this square picture, or none any more. The bytes of the old one go once this is committed.

        Writing to the storage is no part of the transaction. A picture whose transaction fails has no record, and goes
        with other files that have none (``AttachmentSweep``).
        """
        key = None
        if picture is not None:
            key = secrets.token_hex(16)
            storage.put(key, picture)
        self._change_look(portrait_key=key)

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
        if old and old != self.portrait_key:
            after_commit(db.session(), lambda: queue.enqueue(REMOVE_JOB, old))

    def announce_later(self) -> None:
        """Have a job announce the look in the other chats, once this is committed."""
        id = self.id
        after_commit(db.session(), lambda: queue.enqueue(ANNOUNCE_JOB, id))

    @classmethod
    def with_untold_look(cls) -> "list[Looks]":
        """People whose job was lost, or is under way."""
        # A literal and no parameter, because databases match a partial index by the text of its condition.
        return list(db.session.scalars(select(cls).where(literal_column("told_look <> look")).limit(100)))
