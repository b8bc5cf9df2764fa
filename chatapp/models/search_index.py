"""The index of each database over the words of messages: how it is asked."""

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    Subquery,
    Text,
    case,
    cast,
    column,
    func,
    literal,
    literal_column,
    select,
    table,
)
from sqlalchemy.dialects.postgresql import TSQUERY

from chatapp.extensions import db
from chatapp.lib.search_query import Term

from .message import Message
from .search_text import SQLITE_INDEX, SearchText, chat_label

#: Chats that SQLite's index is asked for by name. Somebody who reads more of them finds enough in the newest messages.
CHATS_LIMIT = 300
#: What PostgreSQL's index holds: the words, split already, each with the label of its chat before it. So it is asked
#: for one chat after the other, and what others write costs nothing.
VECTOR = (
    "array_to_tsvector(string_to_array(replace("
    "search_texts.text, ' ', ' ' || split_part(search_texts.text, ' ', 1) || ':'), ' '))"
)
#: Stands for a chat's label in what that index is asked. No word contains it.
CHAT = "~"


class Language(NamedTuple):
    """What a database calls the parts of a query."""

    both: str
    either: str
    word: str
    begins: str
    escapes: dict[int, str]


SQLITE = Language(" AND ", " OR ", '"{}"', '"{}"*', {ord('"'): '""'})
POSTGRESQL = Language(" & ", " | ", f"'{CHAT}:{{}}'", f"'{CHAT}:{{}}':*", {ord("'"): "''", ord("\\"): "\\\\"})


def newest(groups: Sequence[Sequence[Term]], phrases: Sequence[str], chats: Select, before: int | None) -> Select:
    """Messages, the newest first, that have one term of each of ``groups`` and all ``phrases``, and stand in ``chats``.

    ``chats`` are ids. They narrow what is looked through, and are no check of rights.
    """
    if db.engine.dialect.name == "sqlite":
        return _ask_sqlite(_written(groups, SQLITE), phrases, chats.subquery(), before)
    return _ask_postgresql(_written(groups, POSTGRESQL), phrases, chats.subquery(), before)


def _ask_sqlite(words: str, phrases: Sequence[str], chats: Subquery, before: int | None) -> Select:
    """The index yields the newest first, and stops when enough were found."""
    index = table(SQLITE_INDEX, column("rowid", Integer), column("text", Text), column(SQLITE_INDEX))
    # With the plus the index comes first, and not a message after the other with a look into the index for each.
    query = select(Message).join_from(index, Message, Message.id == literal_column(f"+{SQLITE_INDEX}.rowid"))
    query = query.where(index.c[SQLITE_INDEX].op("MATCH")(_with_chats(words, chats)))
    query = query.where(*_side_by_side(index.c.text, phrases))
    if before is not None:
        query = query.where(index.c.rowid < before)
    return query.order_by(index.c.rowid.desc())


def _with_chats(words: str, chats: Subquery) -> ColumnElement[str]:
    """Adds the chats to what the index is asked, in the same statement."""
    label = literal(f'"{chat_label("")}') + cast(chats.c.id, Text) + literal('"')
    nothing = f'"{chat_label("")}"'  # for somebody without a chat
    any_of_them = literal("(") + func.coalesce(func.group_concat(label, SQLITE.either), nothing) + literal(")")
    if not words:
        return select(any_of_them).select_from(chats).scalar_subquery()
    narrowed = literal(words + SQLITE.both) + any_of_them
    return select(case((func.count() > CHATS_LIMIT, words), else_=narrowed)).select_from(chats).scalar_subquery()


def _ask_postgresql(words: str, phrases: Sequence[str], chats: Subquery, before: int | None) -> Select:
    label = literal(chat_label("")) + cast(chats.c.id, Text)
    asked = cast(func.replace(words or f"'{CHAT}'", CHAT, label), TSQUERY)
    found = select(SearchText.message_id).select_from(chats).join(SearchText, literal_column(VECTOR).op("@@")(asked))
    found = found.where(*_side_by_side(SearchText.text, phrases))
    if before is not None:
        found = found.where(SearchText.message_id < before)
    # Materialised, or PostgreSQL may read all messages from the newest on, whenever it takes the words for frequent.
    found = found.cte("found").prefix_with("MATERIALIZED")
    return select(Message).join(found, Message.id == found.c.message_id).order_by(found.c.message_id.desc())


def _side_by_side(words: ColumnElement, phrases: Sequence[str]) -> list[ColumnElement[bool]]:
    return [(literal(" ") + words + literal(" ")).contains(f" {phrase} ", autoescape=True) for phrase in phrases]


def _written(groups: Sequence[Sequence[Term]], language: Language) -> str:
    """Quoted, so that nothing which somebody typed means anything to the index."""
    either = (language.either.join(_term(term, language) for term in group) for group in groups)
    return language.both.join(f"({terms})" for terms in either)


def _term(term: Term, language: Language) -> str:
    return (language.begins if term.begins else language.word).format(term.word.translate(language.escapes))
