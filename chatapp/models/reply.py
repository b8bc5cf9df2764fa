"""The writing of one reply."""

import time
from collections.abc import Iterator
from contextlib import closing
from typing import TYPE_CHECKING

from sqlalchemy.exc import IntegrityError

from chatapp.extensions import db
from chatapp.lib.llm import LanguageModel, ModelError

from .conversation import Conversation
from .mixins.generated import ATTEMPTS, LEASE
from .mixins.timestamps import now

if TYPE_CHECKING:
    from .message import Message

#: Seconds between two updates of the growing text: smooth to read, and cheap to send.
UPDATE_EVERY = 0.2


class Reply:
    """Has the assistant answer ``question``, in steps: whoever runs it commits after each.

    Two jobs may run for one question (a queue delivers twice, a dead one is replaced); a lease in the row
    sees to it that only one writes.
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
        message = self.question.reply or self._placeholder()
        db.session.refresh(message, with_for_update=True)
        self.question.reply_wanted = False
        if not message.generating or (message.leased_at and message.leased_at > now() - LEASE):
            return None
        if self.question.deleted_at:
            message.fail("The question was deleted.")
            return None
        message.attempts += 1
        if message.attempts > ATTEMPTS:
            message.fail("The assistant was interrupted several times.")
            return None
        message.write("")
        return message

    def _placeholder(self) -> "Message":
        from .message import Message
        from .user import User

        question = self.question
        assistant = User.assistant()
        try:
            with db.session.begin_nested():
                message = Message(chat=question.chat, author=assistant, question=question, state="generating")
                db.session.add(message)
        except IntegrityError:  # another job was quicker
            db.session.expire(question, ["reply"])
            return question.reply
        return message

    def _write(self, message: "Message") -> Iterator[None]:
        content, shown_at, attempt = "", 0.0, message.attempts
        with closing(self.model.stream(self.conversation.messages())) as pieces:
            for piece in pieces:
                content += piece.replace("\0", "")
                if time.monotonic() - shown_at >= UPDATE_EVERY:
                    db.session.refresh(message, ["state", "deleted_at", "attempts"])
                    if not message.generating or message.deleted_at or message.attempts != attempt:
                        return
                    message.write(content.lstrip())
                    yield
                    shown_at = time.monotonic()
        if not content.strip():
            raise ModelError("The model gave an empty answer.")
        self._end(message, lambda: message.complete(content.strip()))

    def _end(self, message: "Message", end) -> None:
        # Somebody may have stopped or deleted it in this very moment; that stands.
        db.session.refresh(message, with_for_update=True)
        if message.generating and not message.deleted_at:
            end()
