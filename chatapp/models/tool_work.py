"""The use of tools for one reply, by the job that writes it."""

from collections.abc import Callable, Iterator
from functools import partial
from time import monotonic
from typing import TYPE_CHECKING

from chatapp.lib.http_clients import HangUp
from chatapp.lib.llm import Call, ModelError
from chatapp.lib.llm_answer import BROKEN_OFF
from chatapp.lib.llm_calls import read_arguments
from chatapp.lib.pump import Pump

from .rounds import ROUNDS, AToolbox, NoTools, Rounds, Use

if TYPE_CHECKING:
    from .message import Message

#: The most seconds that a tool may take. Tools should end earlier by themselves.
LONGEST = 20
TOOK_TOO_LONG = "The tool took too long."

Step = Callable[[Callable[[], None]], Iterator[None]]


class ToolWork:
    """Uses the tools of ``message``, one after the other, each in a thread of its own and without the database."""

    def __init__(self, message: "Message", toolbox_for: "Callable[[Message], AToolbox]"):
        self.message, self.rounds, self._toolbox_for = message, Rounds(message), toolbox_for
        self.toolbox: AToolbox = NoTools(message)
        self.left = False
        self._hang_up = HangUp()

    def begin(self) -> None:
        """Take up the calls so far. The chat is locked."""
        self.rounds.take()
        if self.message.asks_until:  # the time for that is over, or nobody could have claimed the reply
            self.rounds.end_questions()
            self.message.asks_until = None
        self._look_up_tools()

    def hang_up(self) -> None:
        """End soon. Another thread calls this."""
        self.left = True
        self._hang_up()

    def offered(self, room: int) -> list[dict]:
        """The tools that the model is given for its next answer, in ``room`` tokens at most."""
        return [] if self.rounds.count + 1 >= ROUNDS else self.toolbox.offered(room)

    def add(self, calls: list[Call]) -> None:
        self._look_up_tools()
        self.rounds.add(calls, self.toolbox)

    def steps(self, step: Step) -> Iterator[None]:
        """Make the missing calls. Calls that people have to allow come last.

        ``step(do)`` does something behind the lock and yields when it has to be committed. At the end ``asks_until`` of
        the message says whether people were asked.
        """
        while self.rounds.is_missing_any:
            use, begun = self.rounds.next, list[bool]()
            if use is None:
                yield from step(self._ask_people)
                if self.message.asks_until:
                    return
                continue
            yield from step(partial(self._begin, use, begun))
            if begun[0]:
                yield from step(partial(self._end, use, *self._result_of(use)))

    def _ask_people(self) -> None:
        self.rounds.take()
        if self.rounds.next is None and self.rounds.is_missing_any:  # people have not decided already
            self.message.ask_people()

    def _begin(self, use: Use, begun: list[bool]) -> None:
        self.message.note_shown()
        self._look_up_tools()
        begun.append(self.rounds.begin(use, self.toolbox.named(use.name)))

    def _end(self, use: Use, went_well: bool, result: str) -> None:
        self.message.note_shown()
        self.rounds.end(use, went_well, result)
        self._look_up_tools()  # the model is offered them next

    def _look_up_tools(self) -> None:
        """Find the tools that the assistant has now. A job takes minutes, and people may take some away meanwhile. The
        chat is locked."""
        self.toolbox = self._toolbox_for(self.message)

    def _result_of(self, use: Use) -> tuple[bool, str]:
        """Whether it went well, and the result or the reason. Raises ModelError after ``hang_up``."""
        self._hang_up = HangUp()
        tool, deadline = self.toolbox.named(use.name), monotonic() + LONGEST
        source = self.toolbox.use(tool, read_arguments(use.arguments) or {}, self._hang_up)
        with Pump(source, self._hang_up) as answers:
            for answer in answers:
                if self.left:
                    raise ModelError(BROKEN_OFF)
                if answer:
                    return answer
                if monotonic() > deadline:
                    break
        return False, TOOK_TOO_LONG
