"""The writing of one reply."""

import re
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from typing import TYPE_CHECKING

from sqlalchemy.exc import IntegrityError

from chatapp.extensions import db
from chatapp.lib.llm import CutOff, LanguageModel, ModelError, storable

from .conversation import Conversation
from .mixins.generated import REPLY_LIMIT, lease_for
from .pace import Pace

if TYPE_CHECKING:
    from .message import Message

#: Up to 40 characters without a space. What is longer is an address, or a language that puts no spaces between words.
LAST_WORD = re.compile(r"(?<!\S)\S{1,40}\Z")


def begin_reply_to(question: "Message") -> "Message":
    """The empty reply. It shows people that the assistant will answer, even while every worker is busy."""
    from .message import Message
    from .user import User

    reply = Message(chat=question.chat, author=User.assistant(), question=question, state="generating")
    reply.content, reply.attempts, reply.kept = "", 0, 0
    db.session.add(reply)
    return reply


class Reply:
    """Has the assistant answer ``question``, in steps. The caller commits after each.

    Two jobs may run for one question: a queue may deliver twice, a new job may replace one that seemed dead, and
    somebody may ask again after stopping one. A lease in the row lets only one of them write. Each update renews the
    lease, and by its value a job sees whether the lease is still its own.
    """

    def __init__(self, question: "Message", conversation: Conversation, model: LanguageModel):
        self.question, self.conversation, self.model = question, conversation, model
        self.message = question.reply or self._begun_late()
        self.cut_off = False
        self._leases = (None, None)  # the newest two: the last one may not have been committed

    def _begun_late(self) -> "Message":
        # Processes of the previous release leave making the reply to the job.
        try:
            with db.session.begin_nested():
                return begin_reply_to(self.question)
        except IntegrityError:  # another job was quicker
            db.session.expire(self.question, ["reply"])
            return self.question.reply

    def steps(self) -> Iterator[None]:
        """Yields whenever there is something to commit."""
        claimed = self._claim()
        # Read before the commit: a model may be silent for longer than a database lets a transaction stay open.
        asked = self.conversation.messages(whole_words(self.message.begun)) if claimed else []
        yield
        if not claimed:
            return
        # The claim is committed. A second try leaves the reply without a lease, as it was before the claim.
        self._leases = self._leases[-1:]
        try:
            yield from self._write(asked)
        except ModelError as error:
            self._fail(str(error))
        yield

    def give_up(self) -> None:
        """End after a bug in our code, so that nobody waits for this reply any longer."""
        self._fail("Something broke while the assistant answered.")

    def _claim(self) -> bool:
        self.message.lock()
        self.question.reply_wanted = False
        if not self.message.generating or self.message.is_leased(lease_for(self.model.timeout)):
            return False
        if self.question.deleted_at:
            self.message.fail("The question was deleted.")
        elif not self.message.attempt():
            self.message.fail("The assistant was interrupted several times.")
        else:
            self._show(self.message.begun)
        return self.message.generating

    def _write(self, asked: list[dict[str, str]]) -> Iterator[None]:
        text, pace = self.message.begun, Pace()
        with closing(self._growing(text, asked)) as texts:
            for text in texts:
                if pace.is_due(len(text)):
                    self.message.lock()
                    if not self._is_mine():
                        return
                    self._show(text)
                    yield
                    pace.done(len(text))
        self._end(lambda: self.message.complete(storable(text).strip(), self.cut_off))

    def _growing(self, begun: str, asked: list[dict[str, str]]) -> Iterator[str]:
        """Yields the whole text so far with each new piece."""
        words, said = whole_words(begun), ""
        with closing(self.model.stream(asked)) as pieces, suppress(CutOff):
            self.cut_off = True
            for piece in pieces:
                said += piece
                text = joined(words, said) if said.strip() else begun
                yield text[:REPLY_LIMIT]
                if len(text) > REPLY_LIMIT:
                    return
            self.cut_off = False
        if not storable(said).strip():
            raise ModelError("The model gave an empty answer.")

    def _show(self, text: str) -> None:
        self.message.write(storable(text).lstrip())
        self._leases = (self._leases[-1], self.message.leased_at)

    def _is_mine(self) -> bool:
        """Whether the reply still has to be written, and no other job has taken it over."""
        return self.message.generating and not self.message.deleted_at and self.message.leased_at in self._leases

    def _fail(self, reason: str) -> None:
        self._end(lambda: self.message.fail(reason))

    def _end(self, end: Callable[[], None]) -> None:
        # Somebody may have stopped, deleted or taken over the reply at this very moment, and that stays.
        self.message.lock()
        if self._is_mine():
            end()


def whole_words(text: str) -> str:
    """The text without its last word. The limit may have cut that word in two, and nothing in the continuation would
    show it, so the model writes the word once more."""
    return LAST_WORD.sub("", text)


def joined(words: str, said: str) -> str:
    """Both parts as one text. Where a space stands already, drops the one that the model may have repeated."""
    return words + (said.lstrip(" ") if words[-1:].isspace() else said)
