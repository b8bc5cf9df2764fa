"""Which assistants answer in a chat, and when."""

from typing import TYPE_CHECKING

from sqlalchemy import and_, or_

from chatapp.extensions import db, queue
from chatapp.turbo import after_publication

from ..asking import Asking
from ..membership import Membership
from ..message import Message
from .generated import NO_ASSISTANT

if TYPE_CHECKING:
    from ..user import User

#: The job that writes one reply; and the job, named by its question, that processes of the previous release queue.
WRITE_JOB, ANSWER_JOB = "chatapp.jobs.replies.write", "chatapp.jobs.replies.answer"


class Answering:
    """Every question has one reply from each assistant asked. It is written in the background, and can be asked for
    again. No assistant answers what an assistant writes."""

    @property
    def assistants(self) -> "list[User]":
        """The assistants among the members, in the order in which they joined; without any, the built-in one.

        Retired ones don't count. In a direct chat, nobody takes the place of a retired one.
        """
        from ..user import User

        here = and_(Membership.user_id == User.id, Membership.chat_id == self.id)
        known = User.assistants().add_columns(Membership.id).outerjoin(Membership, here)
        rows = db.session.execute(known.where(or_(Membership.id.is_not(None), ~User.added)).order_by(Membership.id))
        found = {assistant: membership_id for assistant, membership_id in rows}
        members = [assistant for assistant, membership_id in found.items() if membership_id]
        active = [assistant for assistant in members if assistant.active]
        if active or (members and self.is_direct):
            return active
        return [assistant for assistant in found if not assistant.added] or [User.assistant()]

    def asked_by(self, message: Message) -> "list[User]":
        """The assistants that answer this message: those that it mentions, or else the first one, if that answers
        always."""
        if self.assistant == "never":
            return []
        # By id: a mention not saved yet does not know its user.
        mentioned = {mention.user_id for mention in message.mentions}
        if not mentioned and self.assistant == "mentioned":
            return []
        assistants = self.assistants
        meant = [assistant for assistant in assistants if assistant.id in mentioned]
        return meant or (assistants[:1] if self.assistant == "always" else [])

    def ask(self, question: Message, assistant: "User", user: "User") -> None:
        """Have a reply of ``assistant`` written. Where ``user`` asks for too much, the reply says so instead."""
        refusal = self._refusal_of(user)  # first: a reply that has begun counts as one that waits
        self._have_written(question.reply_of(assistant) or question.begin_reply(assistant), user, refusal)

    def retry(self, reply: Message, user: "User") -> None:
        """Have a retriable reply written again; harmless for any other message. Raises Archived and ReadOnly."""
        reply.lock()
        if reply.retriable:
            self._have_written(reply, user, self._refusal_of(user))

    def renew(self, reply: Message, user: "User") -> None:
        """Have another version of a renewable reply written, from its beginning; harmless for any other message.

        Raises Archived and ReadOnly, and Refused where ``user`` asks for too much.
        """
        reply.lock()
        if reply.renewable:
            reply.kept = 0
            self._have_written(reply, user, self._refusal_of(user))

    def resume(self, reply: Message, user: "User") -> None:
        """Have the rest of a resumable reply written; harmless for any other message. Raises Archived and ReadOnly."""
        reply.lock()
        if reply.resumable:
            reply.keep()
            self._have_written(reply, user, self._refusal_of(user))

    def _refusal_of(self, user: "User") -> str | None:
        self.must_take_writing_of(user)
        return NO_ASSISTANT if self.assistant == "never" else Asking(user).refusal()

    def _have_written(self, reply: Message, user: "User", refusal: str | None) -> None:
        """Have it written, from the kept text on. Words after that, which people have read, stay as a version."""
        reply.asker_id = user.id
        if refusal:
            reply.refuse(refusal)
            return
        if len(reply.content) > reply.kept:
            reply.set_aside()
        reply.restart()
        self.enqueue(reply)

    def enqueue_reply_to(self, question: Message) -> None:
        """Have the unfinished replies written, in the background, once this is committed."""
        for reply in question.replies:
            if reply.generating:
                self.enqueue(reply)
        if not question.replies:  # the previous release leaves making the reply to the job
            after_publication(db.session(), lambda: queue.enqueue(ANSWER_JOB, question.id, 0))

    def enqueue(self, reply: Message) -> None:
        """Have this reply written, in the background, once this is committed."""
        db.session.flush()  # it may be new, and have no id yet
        job = (WRITE_JOB, reply.id, reply.attempts)
        after_publication(db.session(), lambda: queue.enqueue(*job))

    def call_next_after(self, reply: Message) -> None:
        """Have the next reply in the line of this one written."""
        waiting = db.session.scalar(Message.next_of(reply))
        if waiting is not None:
            self.enqueue(waiting)
