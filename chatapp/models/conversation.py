"""What an assistant knows of a chat, fitted to its model's window."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import Select, func, or_, select

from chatapp.extensions import db
from chatapp.lib import markdown
from chatapp.lib.llm_figures import BYTES_PER_TOKEN

from .enclosure import PICTURE_TOKENS, Enclosure, Enclosures

if TYPE_CHECKING:
    from .message import Message
    from .user import User

#: Tokens that a message costs beside its words.
OVERHEAD = 8
#: The request to the model that follows a reply of its own that was cut off.
GO_ON = "Go on exactly where you stopped, with the very next word. Repeat nothing."
#: Characters of a quoted message, which may be too old to be among the others.
QUOTED = 400
#: The most messages to look at, however large the window is.
MOST = 200
#: The most messages counted as left out.
COUNTED = 1_000


@dataclass(frozen=True)
class Turn:
    """One message, as it was when it was read from the database."""

    id: int
    role: str
    words: str
    files: tuple[Enclosure, ...] = ()


class Conversation:
    """The messages up to ``question``, newest kept first, as many as fit into ``budget`` tokens after ``prompt``.

    ``assistant`` reads it. What other assistants have said counts as said by people, and begins with the assistant's
    name. The reader also gets the files of people: texts, and where it ``sees``, pictures. ``first_id`` and the counts
    then say what was taken.
    """

    def __init__(
        self, question: "Message", prompt: str, budget: int, assistant: "User | None" = None, sees: bool = False
    ):
        self.question, self.prompt, self.budget = question, prompt, budget
        self.assistant, self.sees = assistant, sees
        self.first_id, self.read_count, self.files, self.pictures = question.id, 0, 0, 0
        #: Tokens that tools take of the budget.
        self.reserved = 0
        self._turns: list[Turn] = []

    def messages(self, begun: str = "") -> list[dict]:
        """In the form that chat models take: ``{"role": "user", "content": …}``, the prompt first.

        ``begun`` is the beginning of a reply that was cut off; the model is then asked to go on with it.
        """
        self.take()
        return self.fitted(begun)

    def take(self) -> None:
        """Read from the database what ``fitted`` may need, so that it asks for nothing."""
        self._turns, room = [], self.budget
        for turn in (self._turn(message) for message in (self.question, *self._earlier())):
            self._turns.append(turn)
            room -= tokens(turn.words) + OVERHEAD
            if room < 0:
                break

    @property
    def has_files(self) -> bool:
        """Whether ``fitted`` opens files."""
        return any(turn.files for turn in self._turns)

    @property
    def room_for_tools(self) -> int:
        """Tokens that descriptions of tools may take of the budget."""
        return self.budget // 4

    def fitted(self, begun: str = "", rounds: Callable[[int], list[dict]] | None = None) -> list[dict]:
        """What was taken, as ``messages`` returns it. ``rounds(room)`` returns what the model has called and found out
        since the question, in ``room`` tokens at most."""
        budget = self.budget - self.reserved
        asked = rounds((budget - tokens(self.prompt)) // 2) if rounds else []
        if begun:
            last = self._cut(begun, budget // (4 if asked else 2))
            asked += [{"role": "assistant", "content": last}, {"role": "user", "content": GO_ON}]
        return self._up_to_question(budget - sum(map(weight, asked))) + asked

    def _up_to_question(self, budget: int) -> list[dict]:
        budget -= tokens(self.prompt) + OVERHEAD
        # Files get half of it, so that a large one does not drive out what was said about it.
        enclosures, told = Enclosures(budget // 2, self.sees), []
        for turn in self._turns:
            words = turn.words if told else self._cut(turn.words, budget - OVERHEAD)
            budget -= tokens(words) + OVERHEAD
            if told and budget < 0:
                break
            given = enclosures.of(turn.files, budget)
            budget -= given.tokens
            told.append({"role": turn.role, "content": content(words + given.text, given.pictures)})
            self.first_id = turn.id
        self.read_count = len(told)
        self.files, self.pictures = enclosures.files_given, enclosures.pictures_given
        return [{"role": "system", "content": self.prompt}, *reversed(told)]

    @property
    def left_out(self) -> int:
        """The number of older messages that did not fit, COUNTED at most."""
        Message = type(self.question)
        older = self._said_before(select(Message.id).where(Message.deleted_at.is_(None)), self.first_id)
        newest = older.order_by(Message.id.desc()).limit(COUNTED).subquery()
        return db.session.scalar(select(func.count()).select_from(newest))

    def _earlier(self) -> list["Message"]:
        Message = type(self.question)
        query = self._said_before(Message.shown(), self.question.id)
        return list(db.session.scalars(query.order_by(Message.id.desc()).limit(MOST)))

    def _said_before(self, query: Select, id: int) -> Select:
        Message = type(self.question)
        return query.where(
            Message.chat_id == self.question.chat_id,
            Message.id < id,
            or_(Message.content != "", Message.first_attachment_id.is_not(None)),
            Message.state.in_(["complete", "cut", "failed", "stopped"]),
        )

    def _turn(self, message: "Message") -> Turn:
        if message is self.question or not message.author.is_assistant:
            return Turn(message.id, "user", said(message), tuple(map(Enclosure.of, message.attachments)))
        if self.assistant and message.author_id != self.assistant.id:
            return Turn(message.id, "user", f"{message.author.name}: {message.content}")
        return Turn(message.id, "assistant", message.content)

    @staticmethod
    def _cut(text: str, budget: int) -> str:
        """The end of a text that is too long by itself: the question mostly stands there."""
        room = max(budget, 16) * BYTES_PER_TOKEN
        return text.encode()[-room:].decode(errors="ignore")


def said(message: "Message") -> str:
    """What a person wrote, below a line of the message that it quotes."""
    quoted, own = message.quoted, with_files(message)
    if quoted is None or quoted.deleted_at:
        return own
    words = markdown.excerpt(quoted.content, QUOTED) or quoted.file_words
    return f"> {quoted.author.name}: {words}\n\n{own}" if words else own


def with_files(message: "Message") -> str:
    """The text, and the names of the files that came with it."""
    if not message.first_attachment_id:
        return message.content
    names = ", ".join(file.name for file in message.attachments)
    return f"{message.content}\n\n[Attached: {names}]".strip()


def tokens(text: str) -> int:
    """An estimate, rather too high than too low."""
    return -(-len(text.encode()) // BYTES_PER_TOKEN)


def content(words: str, pictures: list[str]) -> str | list[dict]:
    """A text alone stays a text: many servers take nothing else."""
    if not pictures:
        return words
    return [
        {"type": "text", "text": words},
        *({"type": "image_url", "image_url": {"url": address}} for address in pictures),
    ]


def weight(turn: dict) -> int:
    """An estimate of what one message to a model costs, in tokens."""
    calls = weight_of_tools(turn.get("tool_calls", []))
    match turn["content"] or "":
        case str(words):
            return tokens(words) + calls + OVERHEAD
        case parts:
            words = "".join(part.get("text", "") for part in parts)
            pictures = sum(part["type"] == "image_url" for part in parts)
            return tokens(words) + pictures * PICTURE_TOKENS + OVERHEAD


def weight_of_tools(described: list[dict]) -> int:
    """The same estimate for descriptions of tools, or for calls."""
    return sum(tokens(json.dumps(one)) for one in described)
