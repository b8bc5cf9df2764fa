"""The list of a person's chats in its order, with what is unread in each."""

from dataclasses import dataclass
from functools import cache, cached_property
from typing import TYPE_CHECKING

from markupsafe import Markup
from sqlalchemy import String, bindparam, cast, func, select

from chatapp.extensions import db
from chatapp.turbo import PreparedQuery, ShownHead, shown_heads

from .bookmark import Bookmark
from .chat import Chat
from .listed_chat import ListedChat
from .mention_mark import MentionMark
from .message import Message
from .mixins.headline import Head
from .unread import Unread, newest_mention, unread

if TYPE_CHECKING:
    from .user import User


@dataclass(frozen=True)
class Mark:
    """What a ListedChat says. Without one, these defaults hold: nothing is read."""

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
        """The order of lines: the one with the highest place stands on top."""
        return self.is_pressing, self.mark.favourite, self.head.newest_id, self.chat.id

    @property
    def is_pressing(self) -> bool:
        """Whether somebody waits for this reader in particular: an unread direct chat that is not muted."""
        return bool(self.head.people and self.unread.count and not self.mark.muted)

    @property
    def own_words(self) -> str:
        """What a screen reader says of the line; lib/chat_list.js says the same."""
        return ", ".join(
            word for word, true in (("Favourite", self.mark.favourite), ("Muted", self.mark.muted)) if true
        )

    @property
    def is_mentioned(self) -> bool:
        """Whether the reader has not read that message."""
        return self.mention_id > self.mark.read_id


class ChatList:
    """The list of ``user``, with ``chats`` or else with the person's chats as the database has them now."""

    def __init__(self, user: "User", chats: list[Chat] | None = None):
        # Before the rows: what changes in between is sent again, and nothing is missed.
        self.user, self.revision = user, user.revision
        self.chats = user.listed() if chats is None else chats

    @cached_property
    def lines(self) -> list[Line]:
        """Unread direct chats first, then favourites. Within each, the chat with the newest message first, then those
        without messages, the newest of them first."""
        marks, heads = {row.chat_id: _mark(row) for row in self._listed}, shown_heads(self.chats)
        lines = [self._line(*shown, marks.get(shown[0].id, Mark())) for shown in zip(self.chats, heads, strict=True)]
        return sorted(lines, key=lambda line: line.place, reverse=True)

    @property
    def is_shown(self) -> bool:
        """Whether the list shows any chat."""
        return any(not line.head.archived for line in self.lines)

    @cached_property
    def seen_id(self) -> int:
        """The message up to which the person has seen the mentions on their page."""
        return (self._listed[0].seen_id or 0) if self._listed else MentionMark.seen_by(self.user)

    @property
    def has_new_mention(self) -> bool:
        """Whether there is a mention that the person has neither read in its chat nor seen on the page of mentions."""
        return any(line.is_mentioned and line.mention_id > self.seen_id for line in self.lines)

    @cached_property
    def _listed(self) -> list[tuple]:
        """The person's own marks in each chat, including chats that the person has left."""
        return _select_listed().all(db.session(), {"of_user": self.user.id})

    def _line(self, chat: Chat, shown: ShownHead, mark: Mark) -> Line:
        head, reader_id = shown.head, self.user.id
        mention_id = newest_mention(mark.mentioned_id, head.for_all, reader_id)
        return Line(chat, head, shown.html, mark, unread(head.newest, reader_id, mark.read_id), mention_id)


def _mark(row: tuple) -> Mark:
    ids = tuple(sorted(map(int, (row.bookmarked or "").split())))
    return Mark(row.read_id, row.mentioned_id, row.favourite, row.muted, row.revision, ids)


@cache  # each page asks this, and building the statement takes longer than running it
def _select_listed() -> PreparedQuery:
    user_id = bindparam("of_user")
    kept = select(Message.chat_id, func.aggregate_strings(cast(Message.id, String), " ").label("bookmarked"))
    kept = kept.join(Bookmark, Bookmark.message_id == Message.id).where(Bookmark.user_id == user_id)
    kept = kept.group_by(Message.chat_id).subquery()
    seen = select(MentionMark.seen_id).where(MentionMark.user_id == user_id).scalar_subquery().label("seen_id")
    columns = (ListedChat.read_id, ListedChat.mentioned_id, ListedChat.favourite, ListedChat.muted, ListedChat.revision)
    query = select(ListedChat.chat_id, *columns, kept.c.bookmarked, seen)
    query = query.outerjoin(kept, kept.c.chat_id == ListedChat.chat_id)
    return PreparedQuery(query.where(ListedChat.user_id == user_id))
