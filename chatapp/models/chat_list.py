"""The list of a person's chats in its order, with what is unread in each."""

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from markupsafe import Markup
from sqlalchemy import select

from chatapp.extensions import db
from chatapp.turbo import ShownHead, shown_heads

from .chat import Chat
from .listed_chat import ListedChat
from .mixins.headline import Head
from .unread import Unread, unread

if TYPE_CHECKING:
    from .user import User


@dataclass(frozen=True)
class Line:
    """One chat of the list. ``revision`` is that of the mark."""

    chat: Chat
    head: Head
    html: Markup
    read_id: int
    revision: int
    unread: Unread


class ChatList:
    """The list of ``user``, of the chats that the database has now or of those that are given."""

    def __init__(self, user: "User", chats: list[Chat] | None = None):
        # Before the rows: what changes in between is sent again, and nothing is missed.
        self.user, self.revision = user, user.revision
        self.chats = user.listed() if chats is None else chats

    @cached_property
    def lines(self) -> list[Line]:
        """The chat with the newest message first, then those without messages, the newest of them first."""
        marks, heads = self._marks(), shown_heads(self.chats)
        lines = [self._line(*shown, *marks.get(shown[0].id, (0, 0))) for shown in zip(self.chats, heads, strict=True)]
        return sorted(lines, key=lambda line: (line.head.newest_id, line.chat.id), reverse=True)

    @property
    def is_shown(self) -> bool:
        """Whether there is any chat to see in it."""
        return any(not line.head.archived for line in self.lines)

    def _marks(self) -> dict[int, tuple[int, int]]:
        query = select(ListedChat.chat_id, ListedChat.read_id, ListedChat.revision)
        found = db.session.execute(query.filter_by(user_id=self.user.id))
        return {id: (read_id, revision) for id, read_id, revision in found}

    def _line(self, chat: Chat, shown: ShownHead, read_id: int, revision: int) -> Line:
        count = unread(shown.head.newest, self.user.id, read_id)
        return Line(chat, shown.head, shown.html, read_id, revision, count)
