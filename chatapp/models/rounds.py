"""The rounds of one reply: answers of the model that call tools, with what came of the calls."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Protocol

from sqlalchemy import select
from sqlalchemy.orm import undefer

from chatapp.extensions import db
from chatapp.lib.llm import Call, storable
from chatapp.lib.llm_calls import TOO_DEEP, in_request, read_arguments

from .conversation import weight
from .mixins.timestamps import now
from .tool_use import ICON_LIMIT, LEFT_OUT, NAME_LIMIT, RESULT_LIMIT, TITLE_LIMIT, UNFINISHED, WORDS_LIMIT, ToolUse, cut

if TYPE_CHECKING:
    from chatapp.lib.http_clients import HangUp

    from .chat import Chat
    from .message import Message

#: The most answers of a model for one reply. The last one is given no tools, so it has to say something.
ROUNDS = 8
#: Characters left of a result that was cut to fit the window.
STUB = 200
LATE = "Nobody in this chat has allowed this call in time. Go on without it."
UNKNOWN = "There is no such tool."
INTERRUPTED = "This was interrupted, and it is not known whether it was done. Ask the people before you do it again."


class ATool(Protocol):
    """What is asked of a tool here."""

    name: str
    title: str
    icon: str
    repeatable: bool


class AToolbox(Protocol):
    """The tools of one reply."""

    def offered(self, room: int) -> list[dict]: ...

    def named(self, name: str) -> ATool | None: ...

    def asks_first(self, chat: "Chat", tool: ATool) -> bool: ...

    def words(self, tool: ATool, arguments: dict) -> str: ...

    def use(self, tool: ATool, arguments: dict, hang_up: "HangUp") -> Iterator[tuple[bool, str]]: ...


class NoTools:
    """A toolbox without tools."""

    def __init__(self, reply: "Message"):
        pass

    def offered(self, room: int) -> list[dict]:
        return []

    def named(self, name: str) -> None:
        return None


@dataclass(frozen=True)
class Use:
    """A row of a use, as it was when it was read."""

    id: int
    round: int
    stands_at: int
    call_id: str
    name: str
    arguments: str
    state: str
    result: str | None
    begun: bool

    @property
    def is_missing(self) -> bool:
        return self.state in UNFINISHED


class Rounds:
    """The rounds of the version of ``message`` that is being written. The verbs are called behind its lock, and the
    rest needs no database."""

    def __init__(self, message: "Message"):
        self.message, self.uses = message, list[Use]()

    def take(self) -> None:
        """Read the rounds from the database."""
        db.session.flush()
        query = select(ToolUse).filter_by(message_id=self.message.id, number=self.message.version)
        query = query.order_by(ToolUse.round, ToolUse.place).options(undefer(ToolUse.result))
        rows = db.session.scalars(query.execution_options(populate_existing=True))
        names = ("id", "round", "stands_at", "call_id", "name", "arguments", "state", "result")
        self.uses = [Use(*(getattr(row, name) for name in names), row.begun_at is not None) for row in rows]

    @property
    def count(self) -> int:
        return self.uses[-1].round if self.uses else 0

    @property
    def stands_at(self) -> int:
        """Characters of the text that belong to these rounds. The rest is the answer being written."""
        return self.uses[-1].stands_at if self.uses else 0

    @property
    def is_missing_any(self) -> bool:
        return any(use.is_missing for use in self.uses)

    @property
    def next(self) -> Use | None:
        """The next call to make. None after the last one, and while people have to decide."""
        return next((use for use in self.uses if use.state == "running"), None)

    # Verbs

    def add(self, calls: list[Call], toolbox: AToolbox) -> None:
        """Add the tools that the model has called after the text that the message has by now."""
        round, stands_at = self.count + 1, len(self.message.content)
        rows = [self._row(call, toolbox) for call in calls]
        for place, row in enumerate(rows):
            row.round, row.place, row.stands_at = round, place, stands_at
        db.session.add_all(rows)
        db.session.flush()
        self.message.first_use_id = self.message.first_use_id or rows[0].id
        self.take()

    def _row(self, call: Call, toolbox: AToolbox) -> ToolUse:
        tool, title = toolbox.named(call.name), call.name or "Unknown tool"
        row = ToolUse(message=self.message, number=self.message.version, call_id=call.id, name=call.name[:NAME_LIMIT])
        row.arguments, row.title, row.words, row.icon = call.text, title[:TITLE_LIMIT], title[:WORDS_LIMIT], "tool"
        if tool:
            row.title, row.icon = cut(in_a_line(tool.title), TITLE_LIMIT), tool.icon[:ICON_LIMIT]
            row.words = cut(in_a_line(toolbox.words(tool, call.arguments)), WORDS_LIMIT)
        if call.error or tool is None:
            row.state, row.result = "failed", call.error or UNKNOWN
        else:
            row.state = "asking" if toolbox.asks_first(self.message.chat, tool) else "running"
        return row

    def begin(self, use: Use, tool: ATool | None) -> bool:
        """Note that the tool is about to be used. False where it can't be, which is also noted."""
        if tool is None:
            self.end(use, False, UNKNOWN)
        elif read_arguments(use.arguments) is None:  # the previous release took some that this one refuses
            self.end(use, False, TOO_DEEP)
        elif use.begun and not tool.repeatable:
            self.end(use, False, INTERRUPTED)
        else:
            db.session.get(ToolUse, use.id).begun_at = now()
            return True
        return False

    def end(self, use: Use, went_well: bool, result: str) -> None:
        row = db.session.get(ToolUse, use.id)
        row.state, row.result = "done" if went_well else "failed", cut(storable(result), RESULT_LIMIT, LEFT_OUT)
        self.take()

    def end_questions(self) -> None:
        """Deny the calls about which nobody has decided in time."""
        for use in self.uses:
            if use.state == "asking":
                row = db.session.get(ToolUse, use.id)
                row.state, row.result = "denied", LATE
        self.take()

    # For the model

    def messages(self, text: str, room: int) -> list[dict]:
        """What the model is told of the rounds, in ``room`` tokens at most. ``text`` is the reply so far."""
        told, before = [], 0
        for _, group in groupby(self.uses, lambda use: use.round):
            uses = list(group)
            until = uses[0].stands_at
            told.append(self._round(text[before:until].strip(), uses))
            before = until
        return fitted(told, room)

    @staticmethod
    def _round(said: str, uses: list[Use]) -> list[dict]:
        calls = in_request((use.call_id, use.name, use.arguments) for use in uses)
        results = [{"role": "tool", "tool_call_id": use.call_id, "content": use.result or ""} for use in uses]
        return [{"role": "assistant", "content": said or None, "tool_calls": calls}, *results]


def in_a_line(words: str) -> str:
    return " ".join(storable(words).split())


def fitted(rounds: list[list[dict]], room: int) -> list[dict]:
    """``rounds`` in ``room`` tokens. First the results of the earlier ones are cut, the oldest first; then those of the
    last one, the longest first; and then whole rounds go, the oldest first."""
    results = [[message for message in round if message["role"] == "tool"] for round in rounds]
    over = sum(weight(message) for round in rounds for message in round) - room
    for result in (result for round in results[:-1] for result in round):
        over -= _cut(result, STUB) if over > 0 else 0
    while over > 0 and results and (longest := max(results[-1], key=lambda result: len(result["content"]))):
        if len(longest["content"]) <= STUB:
            break
        over -= _cut(longest, max(STUB, len(longest["content"]) // 2))
    while over > 0 and rounds:
        over -= sum(map(weight, rounds[0]))
        rounds = rounds[1:]
    return [message for round in rounds for message in round]


def _cut(result: dict, limit: int) -> int:
    """Cut a result to ``limit`` characters. Returns the tokens saved."""
    before = weight(result)
    result["content"] = cut(result["content"], limit, LEFT_OUT)
    return before - weight(result)
