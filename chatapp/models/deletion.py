"""The deletion of a chat for good."""

from collections.abc import Iterator
from datetime import timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.orm import joinedload

from chatapp.extensions import db, queue, turbo
from chatapp.turbo import after_commit

from .attachment import Attachment
from .chat import Chat
from .figure import Figure
from .former_member import FormerMember
from .listed_chat import ListedChat
from .membership import Membership
from .message import Message
from .mixins.timestamps import now

FINISH_JOB = "chatapp.jobs.deletions.finish"
#: Rows deleted in one transaction, which locks the lists of MEMBERS people at once.
MEMBERS, MESSAGES = 50, 500
#: After this time the job has finished, or was lost.
FINISHED_AFTER = timedelta(minutes=5)


class Deletion:
    """``chat`` goes in two parts. One short transaction takes it out of everybody's reach and out of the lists, however
    many members and messages it has. Then a job deletes its rows, some at a time."""

    def __init__(self, chat: Chat):
        self.chat = chat

    @property
    def messages_count(self) -> int:
        shown = select(func.count()).where(Message.chat_id == self.chat.id, Message.deleted_at.is_(None))
        return db.session.scalar(shown)

    @property
    def people_count(self) -> int:
        return self.chat.people_count

    def begin(self) -> None:
        """Delete the chat for everybody. Nobody can bring it back from here on. Harmless to repeat."""
        self.chat.lock()
        if self.chat.deleted_at:
            return
        self.chat.deleted_at = now()
        # For the lists, which hide archived chats; and for the previous release, which knows of no deletion.
        self.chat.archived_at, self.chat.kind = self.chat.archived_at or now(), "closed"
        generating = select(Message).where(Message.chat_id == self.chat.id, Message.is_generating())
        for message in db.session.scalars(generating).all():
            message.stop()
        turbo.check(db.session(), self.chat.stream_name)
        self.enqueue()

    def enqueue(self) -> None:
        """Have the rest done in the background, once this is committed."""
        after_commit(db.session(), lambda: queue.enqueue(FINISH_JOB, self.chat.id))

    @classmethod
    def unfinished(cls) -> "list[Deletion]":
        """The deletions whose job was lost, or died."""
        begun = select(Chat).where(Chat.deleted_at.is_not(None), Chat.deleted_at < now() - FINISHED_AFTER)
        return [cls(chat) for chat in db.session.scalars(begun.limit(100))]

    def steps(self) -> Iterator[None]:
        """Deletes all rows. The caller commits after each step. A second run goes on where the first one ended."""
        yield from self._dismiss_members()
        yield from self._discard_files()
        yield from self._leave_figures()
        yield from self._delete_messages()
        for kind in (ListedChat, FormerMember):
            db.session.execute(_of(kind, kind.chat_id == self.chat.id))
        db.session.execute(_of(Chat, Chat.id == self.chat.id))
        yield

    def _dismiss_members(self) -> Iterator[None]:
        # Through the records and not by one statement, so that each list is told of its change.
        some = select(Membership).filter_by(chat_id=self.chat.id).options(joinedload(Membership.user))
        while memberships := db.session.scalars(some.order_by(Membership.id).limit(MEMBERS)).all():
            for membership in memberships:
                db.session.delete(membership)
            yield

    def _discard_files(self) -> Iterator[None]:
        some = select(Attachment).where(Attachment.message.has(chat_id=self.chat.id)).limit(MESSAGES)
        while attachments := db.session.scalars(some).all():
            for attachment in attachments:
                attachment.discard()
            yield

    def _leave_figures(self) -> Iterator[None]:
        while Figure.leave(self.chat.id, MESSAGES):
            yield

    def _delete_messages(self) -> Iterator[None]:
        # The newest first: answers and quotes are newer than what they refer to. The rest goes by foreign keys.
        newest = select(Message.id).where(Message.chat_id == self.chat.id).order_by(Message.id.desc()).limit(MESSAGES)
        while ids := db.session.scalars(newest).all():
            db.session.execute(_of(Message, Message.id.in_(ids)))
            yield


def _of(kind: type, condition):
    return delete(kind).where(condition).execution_options(synchronize_session=False)
