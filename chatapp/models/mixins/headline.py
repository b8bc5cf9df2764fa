"""The head of a chat: its line in people's lists, the same for all of them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from itertools import islice

from markupsafe import Markup
from sqlalchemy import ColumnElement, Row, Select, String, bindparam, cast, func, select

from chatapp.extensions import db
from chatapp.lib import markdown
from chatapp.turbo import Headed, render

from ..attachment import Attachment
from ..message import Message
from ..titles import shown_title
from ..unread import COUNTED, pairs
from ..user import User
from .attachable import words_for
from .direct import ids_of
from .generated import words_of

EXCERPT = 120  # characters
IDS = bindparam("ids", expanding=True)


@dataclass(frozen=True)
class Head:
    """What the line shows.

    ``newest`` has the author's id and the id of each message that may count as unread, newest first: ``"9:52 4:51"``.
    ``for_all`` has those of the newest message that mentions all members.
    """

    title: str
    archived: bool
    newest: str = ""
    for_all: str = ""
    author_id: int | None = None
    author: str = ""
    words: str = ""
    said_at: datetime | None = None
    #: The ids and names of the people of a direct chat, which show in place of its title.
    people = ()

    @property
    def newest_id(self) -> int:
        """The id of the newest message, or 0."""
        return next((id for _, id in pairs(self.newest)), 0)


@dataclass(frozen=True)
class DirectHead(Head):
    """The head of a direct chat. A class of its own, because the ``repr`` of other heads must stay as it is."""

    people: tuple[tuple[int, str], ...] = ()


class Headline(Headed):
    """The head of a chat follows from its rows, by two queries for any number of chats. The names of direct chats, and
    of the files in a message without text, take one more each."""

    @classmethod
    def read_heads(cls, records: Sequence["Headline"]) -> list[Head]:
        found = {row.id: row for row in cls._rows_of([chat.id for chat in records])}
        newest = {id: _newest_first(row.pairs or "") for id, row in found.items()}
        last = _messages([id for text in newest.values() for _, id in islice(pairs(text), 1)])
        people = _people([row.direct_key for row in found.values()])
        files = _file_words(last.values())
        return [
            _head(found[chat.id], newest[chat.id], last, people, files) if chat.id in found else chat._hidden_head
            for chat in records
        ]

    @property
    def _hidden_head(self) -> Head:
        """The head of a chat that a job deletes while a list is read. Its members' lists are sent anew without it."""
        return Head(shown_title(self.title), archived=True)

    def render_head(self, head: Head, current: bool = False) -> Markup:
        """The line as everybody's list has it; on this chat's own page it is the ``current`` one."""
        return render("chats/_head.html", self, head=head, current=current)

    @classmethod
    def _rows_of(cls, ids: list[int]) -> Iterable[Row]:
        return db.session.execute(cls._select_rows(), {"ids": ids})

    @classmethod
    @cache  # each message asks for a head, and building the statement takes longer than running it
    def _select_rows(cls) -> Select:
        # Columns and no records, because a session may hold a record that another transaction has changed since.
        columns = (cls.id, cls.title, cls.archived_at, cls.direct_key, *cls.newest_columns(cls.id))
        return select(*columns).where(cls.id.in_(IDS))

    @classmethod
    def newest_columns(cls, chat_id: ColumnElement[int]) -> tuple[ColumnElement[str], ColumnElement[str]]:
        """``pairs`` and ``for_all``, what a head says of the newest messages of a chat, for a query."""
        shown = select(Message.author_id, Message.id).where(Message.chat_id == chat_id, Message.deleted_at.is_(None))
        newest_first = shown.order_by(Message.id.desc()).correlate(cls)
        latest = newest_first.limit(COUNTED).subquery()
        joined = select(func.aggregate_strings(_pair(latest.c), " ")).scalar_subquery().label("pairs")
        for_all = select(_pair(newest_first.where(Message.mentions_all).limit(1).subquery().c))
        return joined, for_all.scalar_subquery().label("for_all")

    def head_with(self, message: Message, newest: Row) -> Head:
        """The head once ``message``, which is text alone, is the newest one. ``newest`` has the earlier
        ``newest_columns``. Not for a direct chat."""
        before = _newest_first(newest.pairs or "").split()[: COUNTED - 1]
        ids = " ".join([f"{message.author_id}:{message.id}", *before])
        head = Head(shown_title(self.title), self.archived_at is not None, ids, newest.for_all or "")
        words = markdown.excerpt(message.content[: markdown.LINES_LIMIT], EXCERPT)
        author = message.author
        return replace(head, author_id=author.id, author=author.name, words=words, said_at=message.created_at)


def _pair(columns) -> ColumnElement[str]:
    return cast(columns.author_id, String) + ":" + cast(columns.id, String)


def _newest_first(text: str) -> str:
    """``"9:52 4:51"`` for ``"4:51 9:52"``: databases join in any order."""
    return " ".join(sorted(text.split(), key=lambda pair: int(pair.partition(":")[2]), reverse=True))


def _messages(ids: list[int]) -> dict[int, Row]:
    return {row.id: row for row in db.session.execute(_select_messages(), {"ids": ids})}


@cache
def _select_messages() -> Select:
    beginning = func.substr(Message.content, 1, markdown.LINES_LIMIT).label("beginning")
    columns = (Message.id, Message.author_id, User.name, beginning, Message.state, Message.created_at)
    return select(*columns, Message.first_attachment_id).join(Message.author).where(Message.id.in_(IDS))


def _people(keys: list[str | None]) -> dict[int, str]:
    """The names of all people in these direct chats, by their ids."""
    ids = {id for key in keys for id in ids_of(key)}
    return dict(db.session.execute(select(User.id, User.name).where(User.id.in_(ids))).all()) if ids else {}


def _file_words(messages: Iterable[Row]) -> dict[int, str]:
    """Describes the files of messages without text. Asks the database only where there are any."""
    ids = [message.id for message in messages if message.first_attachment_id and not message.beginning]
    if not ids:
        return {}
    columns = (Attachment.message_id, Attachment.name, Attachment.media_type)
    files: dict[int, list] = {id: [] for id in ids}
    query = select(*columns).where(Attachment.message_id.in_(ids)).order_by(Attachment.id)
    for id, *file in db.session.execute(query):
        files[id].append(tuple(file))
    return {id: words_for(found) for id, found in files.items()}


def _named(chat: Row, newest: str, names: dict[int, str]) -> Head:
    if chat.direct_key is None:
        return Head(shown_title(chat.title), chat.archived_at is not None, newest, chat.for_all or "")
    people = tuple((id, names[id]) for id in ids_of(chat.direct_key) if id in names)
    title = ", ".join(name for _, name in people)
    return DirectHead(title, chat.archived_at is not None, newest, chat.for_all or "", people=people)


def _head(chat: Row, newest: str, messages: dict[int, Row], names: dict[int, str], files: dict[int, str]) -> Head:
    head = _named(chat, newest, names)
    last = messages.get(head.newest_id)
    if last is None:
        return head
    words = _words(last, files)
    return replace(head, author_id=last.author_id, author=last.name, words=words, said_at=last.created_at)


def _words(last: Row, files: dict[int, str]) -> str:
    # To follow an answer as it grows would cost the readers of the list more than the answer itself.
    growing = last.state == "generating"
    return words_of("" if growing else markdown.excerpt(last.beginning, EXCERPT) or files.get(last.id, ""), last.state)
