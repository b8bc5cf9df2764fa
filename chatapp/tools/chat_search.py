"""Searches and reads in the chat of the reply, as far as the person who asks can read there."""

from typing import ClassVar

from sqlalchemy import select

from chatapp.extensions import db
from chatapp.helpers import path_to
from chatapp.lib.http_clients import HangUp
from chatapp.lib.plain_texts import in_one_line, visible
from chatapp.lib.search_marks import excerpt
from chatapp.models import Message, User
from chatapp.models.search import QUERY_LIMIT, Search

from . import ToolError
from .asked import AskedTool, number_in, quoted, said, untrusted

#: The most characters of a message: of a found one, of the one that is read, and of each of its neighbours.
EXCERPT, READ, NEAR = 220, 3_500, 280
#: Neighbours on each side.
AROUND = 5
NOTHING = "Nothing was found. All words have to occur in a message. Try fewer or other words."
SOURCE = "a list of messages of this chat"


class InChat(AskedTool):
    reaches_out = False
    icon = "search"

    def use(self, arguments: dict, hang_up: HangUp) -> str:
        # A context of its own has a session of its own, which ends with it.
        with self.app.app_context():
            return untrusted(SOURCE, self._read(arguments, self.asker()))

    def _read(self, arguments: dict, asker: User) -> str:
        raise NotImplementedError


class ChatSearch(InChat):
    name = "search_chat"
    title = "Search in this chat"
    description = (
        "Searches all messages of this chat, also those that you were not given, the newest first. All words of the "
        "query have to occur in a message, so use one to three characteristic words. The query may also have "
        '"a phrase", from:name, has:link, has:file, after:2026-01-31 and before:2026-01-31. Each result has an id, the '
        "time in UTC, the author, an address and an excerpt. Link a message that you rely on, as [words](address)."
    )
    parameters: ClassVar[dict] = {
        "type": "object",
        "properties": {
            "query": {"type": "string", "description": f"What to look for, in up to {QUERY_LIMIT} characters."},
            "before_id": {"type": "integer", "description": "Only messages before this id, to go on with a search."},
        },
        "required": ["query"],
    }

    def words(self, arguments: dict) -> str:
        return f"Searched this chat for {quoted(said(arguments, 'query'))}"

    def _read(self, arguments: dict, asker: User) -> str:
        try:
            search = Search(asker, said(arguments, "query"), self.chat_id)
        except ValueError as refusal:
            raise ToolError(str(refusal)) from refusal
        if search.is_empty:
            raise ToolError("The query is empty. Give at least one word.")
        found, more = search.newest(number_in(arguments, "before_id"))
        if not found:
            return NOTHING
        lines = [f"{heading(message)}: {shown(message, search)}" for message in found]
        return "\n".join(lines + (["There are older ones: search again with before_id."] if more else []))


class ChatReader(InChat):
    name = "read_messages"
    title = "Read messages of this chat"
    description = (
        f"Reads one message of this chat, in up to {READ:,} characters, and how up to {AROUND} messages before it and "
        f"{AROUND} after it begin."
    )
    parameters: ClassVar[dict] = {
        "type": "object",
        "properties": {"around_id": {"type": "integer", "description": "The id of a message that a search found."}},
        "required": ["around_id"],
    }

    def words(self, arguments: dict) -> str:
        return "Read messages of this chat"

    def _read(self, arguments: dict, asker: User) -> str:
        id = number_in(arguments, "around_id")
        if id is None:
            raise ToolError("around_id has to be the id of a message.")
        here = Message.chat_id == self.chat_id, Message.within_reach(asker.id), ~Message.is_generating()
        found = select(Message).where(*here)
        before = db.session.scalars(found.where(Message.id <= id).order_by(Message.id.desc()).limit(AROUND + 1)).all()
        after = db.session.scalars(found.where(Message.id > id).order_by(Message.id).limit(AROUND)).all()
        if not before or before[0].id != id:
            raise ToolError("There is no such message in this chat.")
        return "\n\n".join(
            f"{heading(message)}:\n{read(message, READ if message.id == id else NEAR)}"
            for message in [*reversed(before), *after]
        )


def heading(message: Message) -> str:
    author = in_one_line(message.author.name, 60)
    return f"#{message.id}, {message.created_at:%Y-%m-%d %H:%M}, {author}, {path_to('messages.show', id=message.id)}"


def shown(message: Message, search: Search) -> str:
    words = "".join(piece.text for piece in excerpt(message.content, search.terms, EXCERPT))
    return in_one_line(" ".join([words, files_of(message)]), EXCERPT + 80) or "(no text)"


def read(message: Message, most: int) -> str:
    return " ".join([visible(message.content, most), files_of(message)]).strip() or "(no text)"


def files_of(message: Message) -> str:
    names = [file.name for file in message.attachments]
    return f"(files: {in_one_line(', '.join(names), 200)})" if names else ""
