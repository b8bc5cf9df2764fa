"""Files of messages: one is uploaded by its owner, then sent with a message, and removed with it."""

import secrets
from collections.abc import Iterable
from datetime import timedelta
from typing import TYPE_CHECKING, BinaryIO

from sqlalchemy import BigInteger, ColumnElement, ForeignKey, Index, String, func, select
from sqlalchemy.orm import Mapped, foreign, mapped_column, relationship, remote

from chatapp.extensions import db, queue, storage
from chatapp.lib import file_names, file_types, picture_sizes
from chatapp.lib.locks import lock_name
from chatapp.turbo import after_commit

from .attachment_limits import BOX, PIXELS, DoesNotFit, Limits, in_words
from .mixins.timestamps import Timestamps, now
from .reach import OutOfReach, Reachable

if TYPE_CHECKING:
    from .message import Message
    from .user import User

PREPARE_JOB = "chatapp.jobs.attachments.prepare"
REMOVE_JOB = "chatapp.jobs.attachments.remove"
DAY = timedelta(days=1)
#: A picture that could not be prepared in this time is a file like any other.
GIVEN_UP_AFTER = timedelta(hours=6)


class FilesGone(Exception):
    """Files that were to be sent are not there: not complete, sent already, or removed after a day."""


class Attachment(Reachable, Timestamps, db.Model):
    """``state`` is ``uploading`` until all of it is here, then ``waiting``. Sent with a message it is ``ready``, or
    ``preparing`` while a job cleans a picture and makes its thumbnail. ``discarded`` ends in ``removed``, which counts
    for the limit of its day and then goes.
    """

    __tablename__ = "attachments"
    __table_args__ = (
        Index("ix_attachments_user_id_created_at", "user_id", "created_at"),
        Index("ix_attachments_message_id", "message_id"),
        Index("ix_attachments_unsettled", "created_at", sqlite_where=db.text("state <> 'ready'"),
              postgresql_where=db.text("state <> 'ready'")),
        {"sqlite_autoincrement": True},  # an id is never given twice: pages and outboxes know files by it
    )  # fmt: skip

    broadcast_touches = ("message",)

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    message_id: Mapped[int | None] = mapped_column(ForeignKey("messages.id", ondelete="SET NULL"))
    key: Mapped[str] = mapped_column(String(32), default=lambda: secrets.token_hex(16))
    name: Mapped[str] = mapped_column(String(file_names.LENGTH))
    size: Mapped[int] = mapped_column(BigInteger)
    received: Mapped[int] = mapped_column(BigInteger, default=0)
    state: Mapped[str] = mapped_column(String(20), default="uploading")
    media_type: Mapped[str] = mapped_column(String(40), default=file_types.UNKNOWN)
    width: Mapped[int | None]
    height: Mapped[int | None]

    message: Mapped["Message | None"] = relationship()
    #: All files of its message, including this one.
    fellows: Mapped[list["Attachment"]] = relationship(
        primaryjoin=lambda: Attachment.message_id == foreign(remote(Attachment.message_id)),
        order_by=lambda: Attachment.id,
        viewonly=True,
    )
    user: Mapped["User"] = relationship()

    @classmethod
    def within_reach(cls, user_id: int | ColumnElement[int]) -> ColumnElement[bool]:
        """A file is within reach of the people who reach its message."""
        from .message import Message

        return cls.message.has(Message.within_reach(user_id)) & cls.state.in_(["preparing", "ready"])

    # Uploads

    @classmethod
    def begin(cls, user: "User", name: str, size: int, limits: Limits) -> "Attachment":
        """A file of ``size`` bytes that ``user`` is going to send. Raises DoesNotFit."""
        # Or many uploads at once would all find the same room. The row of the user stays free: this transaction may
        # store large files, and lock a chat afterwards.
        lock_name(db.session(), f"uploads of user {user.id}")
        limits.must_fit(size, cls.sent_lately(user))
        upload = cls(user_id=user.id, name=file_names.clean(name), size=size)
        db.session.add(upload)
        db.session.flush()
        return upload

    @classmethod
    def sent_lately(cls, user: "User") -> int:
        """The bytes of all files that ``user`` has begun to send within a day, whatever has become of them."""
        total = select(func.coalesce(func.sum(cls.size), 0)).where(cls.user_id == user.id, cls.created_at > now() - DAY)
        return int(db.session.scalar(total))

    @classmethod
    def must_fit_together(cls, user: "User", ids: Iterable[int], limits: Limits) -> None:
        """Raises DoesNotFit where the limits do not allow so many files, or such large ones, in one message."""
        sizes = db.session.scalars(select(cls.size).where(cls.id.in_(set(ids)), cls.user_id == user.id))
        limits.must_fit_together(list(sizes))

    @classmethod
    def keep(cls, user: "User", name: str, file: BinaryIO, limits: Limits) -> "Attachment":
        """A file that has arrived as a whole. Raises DoesNotFit."""
        upload = cls.begin(user, name, file.seek(0, 2), limits)
        file.seek(0)
        storage.put(upload.key, file)
        upload.received = upload.size
        upload._arrived()
        return upload

    @classmethod
    def upload_of(cls, user: "User", id: int, to_change: bool = False) -> "Attachment":
        """A file not sent yet, for the person who uploads it. Raises OutOfReach."""
        query = select(cls).where(cls.id == id, cls.user_id == user.id, cls.state.in_(["uploading", "waiting"]))
        if to_change:
            query = query.with_for_update().execution_options(populate_existing=True)
        found = db.session.scalar(query)
        if found is None:
            raise OutOfReach
        return found

    @classmethod
    def waiting(cls, user: "User", ids: Iterable[int]) -> list["Attachment"]:
        """These files of ``user``, for a message that is being sent; nobody else can send them. Raises FilesGone."""
        wanted = set(ids)
        if not wanted:
            return []
        query = select(cls).where(cls.id.in_(wanted), cls.user_id == user.id, cls.state == "waiting").order_by(cls.id)
        found = list(db.session.scalars(query.with_for_update().execution_options(populate_existing=True)))
        if len(found) < len(wanted):
            raise FilesGone
        return found

    def receive(self, offset: int, data: bytes) -> bool:
        """Take the next piece. False where ``offset`` is not where the file ends, or the piece is too long.

        Writing to the storage is not part of the transaction. The same piece may be written twice without harm.
        """
        if offset != self.received or offset + len(data) > self.size:
            return False
        if data:
            storage.append(self.key, offset, data)
            self.received += len(data)
            if self.received == self.size:
                self._arrived()
        return True

    def _arrived(self) -> None:
        """Find out what kind of file it is. Raises DoesNotFit for a picture with too many pixels."""
        self.state = "waiting"
        self.media_type = file_types.type_of(storage.head(self.key, file_types.HEAD))
        if self.media_type not in file_types.PICTURES:
            return
        size = picture_sizes.size_of(storage.head(self.key, picture_sizes.HEAD), self.media_type)
        if size is None:
            self.media_type = file_types.UNKNOWN
        elif size.width * size.height > PIXELS:
            raise DoesNotFit(f"{self.name} has too many pixels. Up to {PIXELS // 10**6} million are possible.")
        else:
            self.width, self.height = size

    # With a message

    def attach_to(self, message: "Message") -> None:
        self.message = message
        self.state = "preparing" if self.is_picture else "ready"
        if self.is_picture:
            after_commit(db.session(), self._enqueue(PREPARE_JOB))

    def prepared(self, size: int) -> None:
        """Note that a clean copy of ``size`` bytes and a thumbnail have taken its place."""
        self._settle(lambda: setattr(self, "size", size))

    def unprepared(self) -> None:
        """Make it a file like any other: it is not such a picture, whatever its header says."""
        self._settle(lambda: setattr(self, "media_type", file_types.UNKNOWN))

    def _settle(self, change) -> None:
        if self.message is None:
            return
        self.message.lock()
        db.session.refresh(self)
        if self.state == "preparing":
            change()
            self.state = "ready"

    def discard(self) -> None:
        """Forget it, and have a job remove its bytes once this is committed."""
        self.message, self.state, self.name = None, "discarded", ""
        db.session.flush()
        after_commit(db.session(), self._enqueue(REMOVE_JOB))

    def remove(self) -> None:
        """Remove the bytes of a discarded file; harmless to repeat."""
        storage.delete(self.key)
        storage.delete(self.thumbnail_key)
        self.state = "removed"

    def _enqueue(self, job: str):
        id = self.id
        return lambda: queue.enqueue(job, id)

    # What it looks like

    @property
    def is_picture(self) -> bool:
        return self.media_type in file_types.PICTURES

    @property
    def kind(self) -> str:
        """``picture``, ``audio``, ``video`` or ``file``."""
        kind = self.media_type.partition("/")[0]
        return {"image": "picture", "audio": "audio", "video": "video"}.get(kind, "file")

    @property
    def box(self) -> tuple[int, int]:
        """Width and height of the thumbnail on the page."""
        scale = min(1, BOX[0] / self.width, BOX[1] / self.height)
        return max(1, round(self.width * scale)), max(1, round(self.height * scale))

    @property
    def slug(self) -> str:
        """The name in its address, where "thumbnail" stands for something else."""
        return self.name if self.name != "thumbnail" else "thumbnail.file"

    @property
    def size_words(self) -> str:
        return in_words(self.size)

    @property
    def thumbnail_key(self) -> str:
        return f"{self.key}-thumbnail"
