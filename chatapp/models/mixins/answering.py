"""When the assistant answers in a chat."""

from typing import TYPE_CHECKING

from chatapp.extensions import db, queue
from chatapp.turbo import after_commit

from ..asking import Asking
from ..message import Message
from ..reply import begin_reply_to

if TYPE_CHECKING:
    from ..user import User

ANSWER_JOB = "chatapp.jobs.replies.answer"


class Answering:
    """Every question has one reply. It is written in the background, and can be asked for again."""

    def wants_reply_to(self, message: Message) -> bool:
        """Whether the assistant answers this message."""
        if self.assistant == "mentioned":
            return message.mentions_assistant
        return self.assistant == "always"

    def ask(self, question: Message, user: "User") -> None:
        """Have the reply written. Where ``user`` asks for too much, the reply says so instead."""
        self.must_take_writing_of(user)
        refusal = Asking(user).refusal()
        reply = question.reply or begin_reply_to(question)
        if refusal:
            reply.refuse(refusal)
            return
        reply.restart()
        self.enqueue_reply_to(question)

    def retry(self, reply: Message, user: "User") -> None:
        """Have a retriable reply written again; harmless for any other message. Raises Archived and ReadOnly."""
        reply.lock()
        if reply.retriable:
            self.ask(reply.question, user)

    def resume(self, reply: Message, user: "User") -> None:
        """Have the rest of a resumable reply written; harmless for any other message. Raises Archived and ReadOnly."""
        reply.lock()
        if reply.resumable:
            reply.keep()
            self.ask(reply.question, user)

    def enqueue_reply_to(self, question: Message) -> None:
        """Have the assistant answer, in the background, once this is committed."""
        job = (ANSWER_JOB, question.id, question.reply.attempts if question.reply else 0)
        after_commit(db.session(), lambda: queue.enqueue(*job))
