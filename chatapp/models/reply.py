"""The writing of one reply."""

import time
from collections.abc import Iterator
from contextlib import closing
from typing import TYPE_CHECKING

from sqlalchemy.exc import IntegrityError

from chatapp.extensions import db
from chatapp.lib.llm import LanguageModel, ModelError

from .conversation import Conversation
from .mixins.generated import ATTEMPTS, lease_for

if TYPE_CHECKING:
    from .message import Message

#: Seconds between two updates of the growing text: smooth to read, and cheap to send.
UPDATE_EVERY = 0.2


def begin_reply_to(question: "Message") -> "Message":
    """The reply, empty for now: people see that the assistant will answer, also while every worker is busy."""
    from .message import Message
    from .user import User

    reply = Message(chat=question.chat, author=User.assistant(), question=question, state="generating")
    db.session.add(reply)
    return reply


class Reply:
    """Has the assistant answer ``question``, in steps: whoever runs it commits after each.

    Two jobs may run for one question (a queue delivers twice, a dead one is replaced, a stopped one is asked again); a
    lease in the row sees to it that only one writes. Each update renews it, so a job knows by it that it is still the
    one.
    """

    def __init__(self, question: "Message", conversation: Conversation, model: LanguageModel):
        self.question, self.conversation, self.model = question, conversation, model

    def steps(self) -> Iterator[None]:
        """Yields whenever there is something to commit."""
        message = self._claim()
        yield
        if message is None:
            return
        try:
            yield from self._write(message)
        except ModelError as error:
            reason = str(error)
            self._end(message, lambda: message.fail(reason))
        yield

    def _claim(self) -> "Message | None":
        message = self.question.reply or self._begun_late()
        self._lock(message)
        self.question.reply_wanted = False
        if not message.generating or message.is_leased(lease_for(self.model.timeout)):
            return None
        if self.question.deleted_at:
            message.fail("The question was deleted.")
            return None
        message.attempts += 1
        if message.attempts > ATTEMPTS:
            message.fail("The assistant was interrupted several times.")
            return None
        self._show(message, "")
        return message

    @staticmethod
    def _lock(message: "Message") -> None:
        """Nobody else changes the message until the commit."""
        # By the lock of its page, which every change of a message takes: to lock the message first could deadlock.
        db.session.refresh(message.chat, ["revision"], with_for_update=True)
        db.session.refresh(message)

    def _begun_late(self) -> "Message":
        # Processes of the release before leave it to the job.
        try:
            with db.session.begin_nested():
                return begin_reply_to(self.question)
        except IntegrityError:  # another job was quicker
            db.session.expire(self.question, ["reply"])
            return self.question.reply

    def _write(self, message: "Message") -> Iterator[None]:
        content, shown_at = "", 0.0
        with closing(self.model.stream(self.conversation.messages())) as pieces:
            for piece in pieces:
                content += piece.replace("\0", "")
                if time.monotonic() - shown_at >= UPDATE_EVERY:
                    db.session.refresh(message, ["state", "deleted_at", "leased_at"])
                    if not self._is_mine(message):
                        return
                    self._show(message, content.lstrip())
                    yield
                    shown_at = time.monotonic()
        if not content.strip():
            raise ModelError("The model gave an empty answer.")
        self._end(message, lambda: message.complete(content.strip()))

    def _show(self, message: "Message", content: str) -> None:
        message.write(content)
        self.leased_at = message.leased_at

    def _is_mine(self, message: "Message") -> bool:
        """Whether it is still to be written, and nobody else has taken it over."""
        return message.generating and not message.deleted_at and message.leased_at == self.leased_at

    def _end(self, message: "Message", end) -> None:
        # Somebody may have stopped, deleted or taken it over in this very moment; that stands.
        self._lock(message)
        if self._is_mine(message):
            end()
