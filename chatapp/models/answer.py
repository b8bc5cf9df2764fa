"""One answer of the model, which is a reply or a round of it."""

from collections.abc import Callable, Iterator
from contextlib import suppress

from chatapp.lib.http_clients import HangUp
from chatapp.lib.llm import Call, CutOff, LanguageModel, ModelError, storable
from chatapp.lib.llm_answer import BROKEN_OFF
from chatapp.lib.pump import Pump

from .mixins.generated import REPLY_LIMIT
from .passage import Passage
from .reasoning import Thinking

UNSAID = "The model reached the limit of its length before it said anything."
EMPTY = "The model gave an empty answer."


class Answer:
    """Reads what ``model`` says after the text that the reply has already."""

    def __init__(self, model: LanguageModel, passage: Passage, thinking: Thinking):
        self.model, self.passage, self.thinking = model, passage, thinking
        #: Whether a limit of its length has ended it.
        self.cut_off = False

    @property
    def calls(self) -> list[Call]:
        """The tools that it calls at its end."""
        return [] if self.cut_off else self.model.calls

    def texts(self, asked: list[dict], tools: list[dict], left: Callable[[], bool]) -> Iterator[str]:
        """Yields the whole text of the reply so far with each new piece.

        Raises ModelError, also once ``left()`` is true.
        """
        said, self.cut_off = "", True
        self.model.hang_up = HangUp()  # each serves one answer
        offered = {"tools": tools} if tools else {}
        with Pump(self.model.stream(asked, **offered), self.model.hang_up) as pieces, suppress(CutOff):
            for piece in pieces:
                if left():  # the connection may still be opening
                    raise ModelError(BROKEN_OFF)
                said += piece
                self.thinking.hear(piece)
                text = self.passage.followed_by(said)
                yield text[:REPLY_LIMIT]
                if len(text) > REPLY_LIMIT:
                    return
            self.cut_off = False
        if not storable(said).strip() and not self.calls and not self.passage.follows:
            raise ModelError(UNSAID if self.cut_off else EMPTY)
