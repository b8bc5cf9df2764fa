"""What the assistant knows of a chat, fitted to its model's window."""

from typing import TYPE_CHECKING

from sqlalchemy import or_

from chatapp.extensions import db
from chatapp.lib import markdown

if TYPE_CHECKING:
    from .message import Message

#: UTF-8 bytes that count as one token: fewer than usual, so that the estimate errs on the safe side.
BYTES_PER_TOKEN = 3
#: Tokens that a message costs beside its words.
OVERHEAD = 8
#: The request to the model that follows a reply of its own that was cut off.
GO_ON = "Go on exactly where you stopped, with the very next word. Repeat nothing."
#: Characters of a quoted message, which may be too old to be among the others.
QUOTED = 400
#: The most messages to look at, however large the window is.
MOST = 200


class Conversation:
    """The messages up to ``question``, newest kept first, as many as fit into ``budget`` tokens after ``prompt``."""

    def __init__(self, question: "Message", prompt: str, budget: int):
        self.question, self.prompt, self.budget = question, prompt, budget

    def messages(self, begun: str = "") -> list[dict[str, str]]:
        """In the form that chat models take: ``{"role": "user", "content": …}``, the prompt first.

        ``begun`` is the beginning of a reply that was cut off; the model is then asked to go on with it.
        """
        if not begun:
            return self._up_to_question(self.budget)
        last = self._cut(begun, self.budget // 2)
        asked = [{"role": "assistant", "content": last}, {"role": "user", "content": GO_ON}]
        return self._up_to_question(self.budget - sum(tokens(turn["content"]) + OVERHEAD for turn in asked)) + asked

    def _up_to_question(self, budget: int) -> list[dict[str, str]]:
        budget -= tokens(self.prompt) + OVERHEAD
        kept = [self._cut(said(self.question), budget - OVERHEAD)]
        budget -= tokens(kept[0]) + OVERHEAD
        turns = [{"role": "user", "content": kept[0]}]
        for message in self._earlier():
            turn = self._turn(message)
            budget -= tokens(turn["content"]) + OVERHEAD
            if budget < 0:
                break
            turns.append(turn)
        return [{"role": "system", "content": self.prompt}, *reversed(turns)]

    def _earlier(self) -> list["Message"]:
        Message = type(self.question)
        query = Message.shown().where(Message.chat_id == self.question.chat_id, Message.id < self.question.id)
        query = query.where(
            or_(Message.content != "", Message.first_attachment_id.is_not(None)),
            Message.state.in_(["complete", "cut", "stopped"]),
        )
        return list(db.session.scalars(query.order_by(Message.id.desc()).limit(MOST)))

    def _turn(self, message: "Message") -> dict[str, str]:
        if message.author.kind == "assistant":
            return {"role": "assistant", "content": message.content}
        return {"role": "user", "content": said(message)}

    @staticmethod
    def _cut(text: str, budget: int) -> str:
        """The end of a text that is too long by itself: the question mostly stands there."""
        room = max(budget, 16) * BYTES_PER_TOKEN
        return text.encode()[-room:].decode(errors="ignore")


def said(message: "Message") -> str:
    """What a person wrote, below a line of what it answers."""
    quoted, own = message.quoted, with_files(message)
    if quoted is None or quoted.deleted_at:
        return own
    words = markdown.excerpt(quoted.content, QUOTED) or quoted.file_words
    return f"> {quoted.author.name}: {words}\n\n{own}" if words else own


def with_files(message: "Message") -> str:
    """The text, and the names of the files that came with it. The model does not see what is in them."""
    if not message.first_attachment_id:
        return message.content
    names = ", ".join(file.name for file in message.attachments)
    return f"{message.content}\n\n[Attached: {names}]".strip()


def tokens(text: str) -> int:
    """An estimate, rather too high than too low."""
    return -(-len(text.encode()) // BYTES_PER_TOKEN)
