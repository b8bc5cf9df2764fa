"""The list of a person's chats in its order, with what is unread in each."""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from markupsafe import Markup
from sqlalchemy import select

from chatapp.extensions import db
from chatapp.turbo import ShownHead, shown_heads

from .bookmark import Bookmark
from .chat import Chat
from .listed_chat import ListedChat
from .mention_mark import MentionMark
from .mixins.headline import Head
from .unread import Unread, newest_mention, unread

if TYPE_CHECKING:
    from .user import User


@dataclass(frozen=True)
class Mark:
    """What a ListedChat says; without one, nothing is read."""

    read_id: int = 0
    mentioned_id: int = 0
    favourite: bool = False
    muted: bool = False
    revision: int = 0
    bookmarks: tuple[int, ...] = ()


@dataclass(frozen=True)
class Line:
    """One chat of the list. ``mention_id`` is the newest message that mentions its reader."""

    chat: Chat
    head: Head
    html: Markup
    mark: Mark
    unread: Unread
    mention_id: int

    @property
    def place(self) -> tuple[bool, bool, int, int]:
        """The higher one is above the lower one."""
        return self.is_pressing, self.mark.favourite, self.head.newest_id, self.chat.id

    @property
    def is_pressing(self) -> bool:
        """Whether somebody waits for the reader alone, or for a few: an unread direct chat that is not muted."""
        return bool(self.head.people and self.unread.count and not self.mark.muted)

    @property
    def own_words(self) -> str:
        """What a screen reader says of it, as lib/chat_list.js does."""
        return ", ".join(
            word for word, true in (("Favourite", self.mark.favourite), ("Muted", self.mark.muted)) if true
        )

    @property
    def is_mentioned(self) -> bool:
        """Whether the reader has not read that message."""
        return self.mention_id > self.mark.read_id


class ChatList:
    """The list of ``user``, of the chats that the database has now or of those that are given."""

    def __init__(self, user: "User", chats: list[Chat] | None = None):
        # Before the rows: what changes in between is sent again, and nothing is missed.
        self.user, self.revision = user, user.revision
        self.chats = user.listed() if chats is None else chats

    @cached_property
    def lines(self) -> list[Line]:
        """Unread direct chats first, then favourites. Among each, the chat with the newest message first, then those
        without messages, the newest of them first."""
        marks, heads = self._marks(), shown_heads(self.chats)
        lines = [self._line(*shown, marks.get(shown[0].id, Mark())) for shown in zip(self.chats, heads, strict=True)]
        return sorted(lines, key=lambda line: line.place, reverse=True)

    @property
    def is_shown(self) -> bool:
        """Whether there is any chat to see in it."""
        return any(not line.head.archived for line in self.lines)

    @cached_property
    def seen_id(self) -> int:
        """The message up to which the person has looked at what mentions him."""
        return MentionMark.seen_by(self.user)

    @property
    def has_new_mention(self) -> bool:
        """Whether something mentions the person that he has neither read in its chat nor seen among all mentions."""
        return any(line.is_mentioned and line.mention_id > self.seen_id for line in self.lines)

    def _marks(self) -> dict[int, Mark]:
        columns = (ListedChat.read_id, ListedChat.mentioned_id, ListedChat.favourite, ListedChat.muted)
        query = select(ListedChat.chat_id, *columns, ListedChat.revision).filter_by(user_id=self.user.id)
        marks = {id: Mark(*values) for id, *values in db.session.execute(query)}
        for chat_id, ids in Bookmark.message_ids(self.user).items():
            marks[chat_id] = replace(marks.get(chat_id, Mark()), bookmarks=tuple(ids))
        return marks

    def _line(self, chat: Chat, shown: ShownHead, mark: Mark) -> Line:
        head, reader_id = shown.head, self.user.id
        mention_id = newest_mention(mark.mentioned_id, head.for_all, reader_id)
        return Line(chat, head, shown.html, mark, unread(head.newest, reader_id, mark.read_id), mention_id)
