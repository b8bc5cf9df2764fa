"""What becomes of files that were left behind: not sent, not prepared, not removed, or without a record."""

from collections.abc import Iterator
from datetime import timedelta
from itertools import islice

from sqlalchemy import Select, literal_column, or_, select

from chatapp.extensions import db, queue, storage

from .attachment import DAY, GIVEN_UP_AFTER, PREPARE_JOB, REMOVE_JOB, Attachment
from .message import Message
from .mixins.timestamps import now
from .place import Place
from .user import User

#: A job that has not run after this time was forgotten.
FORGOTTEN_AFTER = timedelta(seconds=10)
#: Files at a time.
MANY = 200


class AttachmentSweep:
    """Each step can be repeated without harm."""

    @classmethod
    def settle(cls) -> None:
        """Queue forgotten jobs again. Discard uploads that nobody has sent within a day."""
        recent = cls._unsettled("preparing", "discarded").where(Attachment.created_at < now() - FORGOTTEN_AFTER)
        for attachment in db.session.scalars(recent):
            cls._again(attachment)
        # After those, which may wait for a chat: whoever sends a file holds its chat and waits for the file.
        old = cls._unsettled("uploading", "waiting", "removed").where(Attachment.created_at < now() - DAY)
        # Locked, or one that is sent meanwhile would be discarded all the same. Who has locked one is sending it.
        locked = old.with_for_update(skip_locked=True).execution_options(populate_existing=True)
        for attachment in db.session.scalars(locked):
            if attachment.state == "removed":
                db.session.delete(attachment)
            else:
                attachment.discard()

    @staticmethod
    def _unsettled(*states: str) -> Select:
        """The oldest files in these states."""
        # A literal and no parameter, because databases match a partial index by the text of its condition.
        query = select(Attachment).where(literal_column("state <> 'ready'"), Attachment.state.in_(states))
        return query.order_by(Attachment.created_at).limit(MANY)

    @staticmethod
    def _again(attachment: Attachment) -> None:
        if attachment.state == "preparing" and attachment.created_at < now() - DAY - GIVEN_UP_AFTER:
            attachment.unprepared()
        else:
            queue.enqueue(PREPARE_JOB if attachment.state == "preparing" else REMOVE_JOB, attachment.id)

    @classmethod
    def compare(cls) -> None:
        """Remove files without a record. Discard files whose message is gone, as a process of an earlier release or a
        database that deletes in bulk may leave them."""
        for keys in batches(storage.keys(older_than=2 * DAY.total_seconds())):
            plain = {key.removesuffix("-thumbnail") for key in keys}
            columns = (Attachment.key, User.portrait_key, Place.picture_key)
            known = {key for column in columns for key in db.session.scalars(select(column).where(column.in_(plain)))}
            for key in keys:
                if key.removesuffix("-thumbnail") not in known:
                    storage.delete(key)
        sent = select(Attachment).where(Attachment.state.in_(["preparing", "ready"]))
        gone = sent.outerjoin(Attachment.message).where(or_(Message.id.is_(None), Message.deleted_at.is_not(None)))
        for attachment in db.session.scalars(gone.limit(MANY)):
            attachment.discard()


def batches(keys: Iterator[str]) -> Iterator[list[str]]:
    while some := list(islice(keys, MANY)):
        yield some
