"""The writing of one reply."""

from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from typing import TYPE_CHECKING

from chatapp.extensions import db
from chatapp.lib.llm import LanguageModel, ModelError, storable
from chatapp.lib.turns import Turns

from .answer import Answer
from .budget import Budget
from .conversation import Conversation, weight_of_tools
from .figure import Figure
from .mixins.timestamps import now
from .pace import Pace
from .passage import Passage
from .reading import Reading
from .reasoning import Thinking
from .rounds import AToolbox, NoTools, Rounds
from .titling import find_title_later
from .tool_work import ToolWork

if TYPE_CHECKING:
    from .message import Message

#: How many replies of one process write to the database at once. The first words of a reply go past the others.
turns = Turns(at_once=3, first=1)


class NotOurs(Exception):
    """Somebody has stopped or deleted the reply, or another job has taken it over."""


class Reply:
    """Has the author of ``message`` write it, in steps. The caller commits after each.

    Two jobs may run for one reply: a queue may deliver twice, a new job may replace one that seemed dead, and somebody
    may ask again after stopping one. The number of its attempt tells a job whether the reply is still its own.
    """

    def __init__(
        self,
        message: "Message",
        conversation: Conversation,
        model: LanguageModel,
        toolbox_for: "Callable[[Message], AToolbox]" = NoTools,
    ):
        self.id, self.message, self.conversation, self.model = message.id, message, conversation, model
        self.thinking, self.tools = Thinking(message), ToolWork(message, toolbox_for)
        self.figure: Figure | None = None
        self._answer: Answer | None = None
        self.handed_over = self.left = False
        #: The attempt of this job, once that is committed.
        self.attempt: int | None = None
        self._before = message.attempts
        self._text = ""
        self._offered: list[dict] = []
        self._shown = ("", "")

    def steps(self) -> Iterator[None]:
        """Yields whenever there is something to commit."""
        with turns.take():
            claimed = self._claim()
            asked, attempt = None, self.message.attempts
            # Read before the commit: a model may be silent for longer than a database lets a transaction stay open.
            if claimed:
                self.conversation.take()
            if claimed and not self.conversation.has_files and not self._rounds.is_missing_any:
                asked = self._asked()
                self._note(asked)
            yield
        if not claimed:
            return
        self.attempt = attempt
        try:
            yield from self._write(asked)
        except ModelError as error:
            yield  # it may come from behind the lock, for which those wait who have the turns
            with turns.take():
                self._break_off(str(error))
                yield
        except NotOurs:
            yield  # as above
        if self.figure:
            with turns.take():
                self.figure.end(self.model.figures)
                yield

    def hand_over(self) -> None:
        """End soon, and leave the rest to another process. For another thread."""
        self.handed_over = True
        self.hang_up()

    def hang_up(self) -> None:
        """End soon, because the reply is not this job's any more. For another thread."""
        self.left = True
        self.model.hang_up()
        self.tools.hang_up()

    def give_up(self) -> None:
        """End after a bug in our code, so that nobody waits for this reply any longer."""
        self._end(lambda: self.message.fail("Something broke while the assistant answered.", self._so_far()))
        if self.figure is not None and self.figure in db.session:
            self.figure.end(self.model.figures)

    @property
    def _rounds(self) -> Rounds:
        return self.tools.rounds

    @property
    def _passage(self) -> Passage:
        return Passage(self._text, self._rounds.stands_at)

    def _asked(self) -> list[dict]:
        """What the model is asked next. No transaction is open while files are read."""
        self._offered = self.tools.offered(self.conversation.room_for_tools)
        self.conversation.reserved = weight_of_tools(self._offered)
        return self.conversation.fitted(self._passage.begun, lambda room: self._rounds.messages(self._text, room))

    def _note(self, asked: list[dict]) -> None:
        """Before the model is asked, say what it is given. Raises ModelError where it may not be asked any more."""
        message, reserved = self.message, self.conversation.reserved
        if self.figure:
            self.figure.end(self.model.figures)
            if refusal := self._refusal():
                raise ModelError(refusal)
            return self.figure.go_on(asked, reserved)
        Reading.note(message, self.conversation)
        whose = {"message_id": message.id, "chat_id": message.chat_id, "asker_id": message.decider_id}
        self.figure = Figure.begin(self.model.model, asked, reserved, **whose)

    def _claim(self) -> bool:
        self.message.lock()
        self.message.question.reply_wanted = False
        if not self.message.generating or self.message.is_leased:
            return False
        self._before = self.message.attempts
        # The model writes the last word again, and what follows it.
        self._text = self.message.content.rstrip()
        if refusal := self._refusal():
            self.message.fail(refusal)
        elif self.message.is_held_up():
            self.message.wait_for_turn()
            return False
        elif not self.message.attempt():
            self.message.fail("The assistant was interrupted several times.")
        else:
            self._begin()
        return self.message.generating

    def _refusal(self) -> str | None:
        """Why the model may not be asked now, in words for people. Asked behind the lock before each round: people may
        have changed their minds while the job waited, and each round costs."""
        db.session.refresh(self.message.author)
        return self.message.refusal or Budget.now().used_up(self.message.decider)

    def _begin(self) -> None:
        self.message.waits = False
        self.tools.begin()
        goes_on = bool(self._text or self._rounds.uses)
        if not goes_on:
            self.message.begun_at = now()
        self.thinking.begin(goes_on)
        self._show(self._text)

    def _write(self, asked: list[dict] | None) -> Iterator[None]:
        """Write round after round, until the model calls no more tools, or people are asked."""
        while True:
            yield from self.tools.steps(self._step)
            if self.message.asks_until:
                return
            if asked is None:
                asked = self._asked()
                yield from self._step(partial(self._note, asked))
            yield from self._grow(asked)
            if not self._answer.calls:
                return (yield from self._step(self._complete))
            yield from self._step(self._call)
            asked = None

    def _step(self, do: Callable[[], None], first: bool = False) -> Iterator[None]:
        """Do one step behind the lock. Raises NotOurs."""
        with turns.take(first):
            self.message.lock()
            if not self._is_mine():
                raise NotOurs
            do()
            yield

    def _call(self) -> None:
        """Note the tools that the model calls before it goes on."""
        self._text = self._so_far()
        self._save()
        self.thinking.pause()
        self.tools.add(self._answer.calls)

    def _complete(self) -> None:
        self.message.complete(self._so_far(), self._answer.cut_off)
        self.thinking.save()
        find_title_later(self.message)

    def _grow(self, asked: list[dict]) -> Iterator[None]:
        """Let the text grow by one answer of the model."""
        pace, self._answer = Pace(), Answer(self.model, self._passage, self.thinking)
        with closing(self._answer.texts(asked, self._offered, lambda: self.left)) as texts:
            for text in texts:
                self._text = text
                length = len(text) + len(self.thinking.text)
                if (text, self.thinking.text) != self._shown and pace.is_due(length):
                    yield from self._step(self._save, first=pace.shown is None)
                    pace.done(length)

    def _save(self) -> None:
        self._show(self._text)
        self.thinking.save()

    def _show(self, text: str) -> None:
        self._shown = text, self.thinking.text
        self.message.write(storable(text).lstrip())

    def _so_far(self) -> str:
        return storable(self._text).strip()

    def _break_off(self, reason: str) -> None:
        if self.handed_over:
            self._end(lambda: self.message.hand_over(self._so_far()))
        else:
            self._end(lambda: self.message.fail(reason, self._so_far()))

    def _end(self, end: Callable[[], None]) -> None:
        # Somebody may have stopped, deleted or taken over the reply at this very moment, and that stays.
        self.message.lock()
        if self._is_mine():
            end()
            self.thinking.save()

    def _is_mine(self) -> bool:
        """Whether the reply still has to be written, and no other job has taken it over."""
        if not self.message.generating or self.message.deleted_at:
            return False
        if self.attempt is None:  # a claim that failed: another job may have the same number by now
            return self.message.attempts == self._before and not self.message.is_leased
        return self.message.attempts == self.attempt
