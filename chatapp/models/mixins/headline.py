"""The head of a chat: its line in people's lists, the same for all of them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from markupsafe import Markup
from sqlalchemy import Row, String, cast, func, select

from chatapp.extensions import db
from chatapp.lib import markdown
from chatapp.turbo import Headed, render

from .. import titles
from ..message import Message
from ..unread import COUNTED
from ..user import User
from .generated import words_of

EXCERPT = 120  # characters


@dataclass(frozen=True)
class Head:
    """What the line shows. ``newest`` has the author's id and the id of each message that may count as unread."""

    title: str
    archived: bool
    newest: tuple[tuple[int, int], ...] = ()
    author_id: int | None = None
    author: str = ""
    words: str = ""
    said_at: datetime | None = None

    @property
    def newest_words(self) -> str:
        """``"9:52 4:51"``, as the page has it."""
        return " ".join(f"{author_id}:{id}" for author_id, id in self.newest)

    @property
    def newest_id(self) -> int:
        return self.newest[0][1] if self.newest else 0


class Headline(Headed):
    """The head of a chat follows from its rows, by two queries for any number of chats."""

    @classmethod
    def read_heads(cls, records: Sequence["Headline"]) -> list[Head]:
        heads = cls.heads(records)
        return [heads[record.id] for record in records]

    def read_head(self) -> Head:
        return self.heads([self])[self.id]

    def render_head(self, head: Head, current: bool = False) -> Markup:
        """The line as everybody's list has it; on this chat's own page it is the ``current`` one."""
        return render("chats/_head.html", self, head=head, current=current)

    @classmethod
    def heads(cls, chats: Iterable["Headline"]) -> dict[int, Head]:
        """The heads of ``chats`` by the chats' ids."""
        ids = [chat.id for chat in chats]
        rows = {row.id: (row, _pairs(row.newest or "")) for row in cls._rows(ids)}
        last = _messages([newest[0][1] for _, newest in rows.values() if newest])
        return {id: _head(row, newest, last) for id, (row, newest) in rows.items()}

    @classmethod
    def _rows(cls, ids: list[int]) -> Iterable[Row]:
        # Columns and no records, because a session may hold a record that another transaction has changed since.
        shown = select(Message.author_id, Message.id).where(Message.chat_id == cls.id, Message.deleted_at.is_(None))
        latest = shown.order_by(Message.id.desc()).limit(COUNTED).correlate(cls).subquery()
        pairs = cast(latest.c.author_id, String) + ":" + cast(latest.c.id, String)
        newest = select(func.aggregate_strings(pairs, " ")).scalar_subquery().label("newest")
        return db.session.execute(select(cls.id, cls.title, cls.archived_at, newest).where(cls.id.in_(ids)))


def _pairs(text: str) -> tuple[tuple[int, int], ...]:
    """``((9, 52), (4, 51))`` for ``"4:51 9:52"``: the newest first, because databases join in any order."""
    pairs = [tuple(map(int, pair.split(":"))) for pair in text.split()]
    return tuple(sorted(pairs, key=lambda pair: pair[1], reverse=True))


def _messages(ids: list[int]) -> dict[int, Row]:
    beginning = func.substr(Message.content, 1, markdown.LINES_LIMIT).label("beginning")
    columns = (Message.id, Message.author_id, User.name, beginning, Message.state, Message.created_at)
    return {row.id: row for row in db.session.execute(select(*columns).join(Message.author).where(Message.id.in_(ids)))}


def _head(chat: Row, newest: tuple[tuple[int, int], ...], messages: dict[int, Row]) -> Head:
    title, archived = titles.shown(chat.title), chat.archived_at is not None
    last = messages.get(newest[0][1]) if newest else None
    if last is None:
        return Head(title, archived, newest)
    words = words_of(markdown.excerpt(last.beginning, EXCERPT), last.state)
    return Head(title, archived, newest, last.author_id, last.name, words, last.created_at)
