"""Titles that a model finds for chats that nobody has named."""

import re
from typing import TYPE_CHECKING

from sqlalchemy import select

from chatapp.extensions import db, queue
from chatapp.lib.llm_answer import storable
from chatapp.turbo import after_commit

from .message import Message
from .titles import title_from

if TYPE_CHECKING:
    from .chat import Chat

FIND_JOB = "chatapp.jobs.titles.find"
#: Messages at the beginning of a chat among which the first answer has to be.
BEGINNING = 20
#: Characters of the question and of the answer that the model gets.
READ = 1_500
#: Characters that a model may say before it is interrupted.
MOST = 2_000
PROMPT = "Give this conversation a title of two to six words, in its language. Answer with the title alone."

_THOUGHTS = re.compile(r"<think>.*?(</think>|\Z)", re.DOTALL)
_LABEL = re.compile(r"\Atitle:\s*", re.IGNORECASE)
_AROUND = " \t\"'“”„«»‘’*_#`.:"


class Titling:
    """A chat gets its title from its first message. The first answer shows what it is about, so a model then finds a
    better one, unless somebody has given the chat another title meanwhile."""

    def __init__(self, chat: "Chat"):
        self.chat = chat

    def is_first_answer(self, reply: Message) -> bool:
        """Whether the chat has the title of its first message, and ``reply`` is the first answer in it."""
        if self.chat.is_direct:
            return False
        beginning = self._beginning()
        answers = [message for message in beginning if message.question_id and message.state in ("complete", "cut")]
        return bool(answers) and answers[0].id == reply.id and self._is_plain(beginning[0])

    def _beginning(self) -> list[Message]:
        first = select(Message).where(Message.chat_id == self.chat.id).order_by(Message.id).limit(BEGINNING)
        return list(db.session.scalars(first))

    def _is_plain(self, first: Message) -> bool:
        plain = title_from(first.content) or title_from(first.file_words)
        return bool(plain) and self.chat.title == plain

    def messages(self, reply: Message) -> list[dict[str, str]]:
        """The messages that ask the model for a title."""
        said = f"{reply.question.content[:READ]}\n\n{reply.content[:READ]}"
        return [{"role": "system", "content": PROMPT}, {"role": "user", "content": said}]

    def take(self, words: str, reply: Message) -> None:
        """Give the chat this title, if it still has the title of its first message."""
        self.chat.lock()
        title = cleaned(words)
        if title and not self.chat.deleted_at and self.is_first_answer(reply):
            self.chat.title = title


def find_title_later(reply: Message) -> None:
    """Have a title found once this is committed, where ``reply`` is the first answer."""
    if reply.state in ("complete", "cut") and Titling(reply.chat).is_first_answer(reply):
        job = (FIND_JOB, reply.chat_id, reply.id)
        after_commit(db.session(), lambda: queue.enqueue(*job))


def cleaned(words: str) -> str:
    """The title in what a model says, or an empty text."""
    lines = _THOUGHTS.sub("", storable(words)).strip().splitlines()
    line = _LABEL.sub("", lines[0].strip(_AROUND)) if lines else ""
    return title_from(line.strip(_AROUND))
