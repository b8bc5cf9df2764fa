"""The index of each database over the words of messages: how it is asked."""

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
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

#: Chats that the index is asked for by name. Somebody who reads more of them finds enough in the newest messages.
CHATS_LIMIT = 300


#: What PostgreSQL's index holds. The words are split already, so its own parser does not see them.
VECTOR = "array_to_tsvector(string_to_array(search_texts.text, ' '))"


class Language(NamedTuple):
    """What a database calls the parts of a query."""

    both: str
    either: str
    quote: str
    escapes: dict[int, str]
    begins: str


SQLITE = Language(" AND ", " OR ", '"', {ord('"'): '""'}, "*")
POSTGRESQL = Language(" & ", " | ", "'", {ord("'"): "''", ord("\\"): "\\\\"}, ":*")


def newest(groups: Sequence[Sequence[Term]], phrases: Sequence[str], chats: Select, before: int | None) -> Select:
    """Messages, the newest first, that have one term of each of ``groups`` and all ``phrases``, and stand in ``chats``.

    ``chats`` are ids. They only narrow what the index is asked for, because it knows no rights.
    """
    sqlite = db.engine.dialect.name == "sqlite"
    ask = _ask_sqlite if sqlite else _ask_postgresql
    return ask(_expression(groups, chats, SQLITE if sqlite else POSTGRESQL), phrases, before)


def _ask_sqlite(expression: ColumnElement, phrases: Sequence[str], before: int | None) -> Select:
    """The index yields the newest first, and stops when enough were found."""
    index = table(SQLITE_INDEX, column("rowid", Integer), column("text", Text), column(SQLITE_INDEX))
    # With the plus the index comes first, and not a message after the other with a look into the index for each.
    query = select(Message).join_from(index, Message, Message.id == literal_column(f"+{SQLITE_INDEX}.rowid"))
    query = query.where(index.c[SQLITE_INDEX].op("MATCH")(expression), *_side_by_side(index.c.text, phrases))
    if before is not None:
        query = query.where(index.c.rowid < before)
    return query.order_by(index.c.rowid.desc())


def _ask_postgresql(expression: ColumnElement, phrases: Sequence[str], before: int | None) -> Select:
    # Materialised, or PostgreSQL may read all messages from the newest on, whenever it takes the words for frequent.
    found = select(SearchText.message_id).where(literal_column(VECTOR).op("@@")(cast(expression, TSQUERY)))
    found = found.where(*_side_by_side(SearchText.text, phrases))
    if before is not None:
        found = found.where(SearchText.message_id < before)
    found = found.cte("found").prefix_with("MATERIALIZED")
    return select(Message).join(found, Message.id == found.c.message_id).order_by(found.c.message_id.desc())


def _side_by_side(words: ColumnElement, phrases: Sequence[str]) -> list[ColumnElement[bool]]:
    return [(literal(" ") + words + literal(" ")).contains(f" {phrase} ", autoescape=True) for phrase in phrases]


def _expression(groups: Sequence[Sequence[Term]], chats: Select, language: Language) -> ColumnElement[str]:
    """What the index is asked, in its own language. The database itself adds the chats."""
    words = language.both.join(
        f"({language.either.join(_written(term, language) for term in group)})" for group in groups
    )
    ids = chats.subquery()
    id = list(ids.c)[0]
    label = f"{language.quote}{chat_label('')}"
    one = literal(label) + cast(id, Text) + literal(language.quote)
    joined = func.group_concat if language is SQLITE else func.string_agg
    nothing = f"{label}{language.quote}"  # for somebody without a chat
    readable = literal("(") + func.coalesce(joined(one, language.either), nothing) + literal(")")
    if not words:
        return select(readable).select_from(ids).scalar_subquery()
    narrowed = literal(words + language.both) + readable
    return select(case((func.count() > CHATS_LIMIT, words), else_=narrowed)).select_from(ids).scalar_subquery()


def _written(term: Term, language: Language) -> str:
    """Quoted, so that nothing which somebody typed means anything to the index."""
    word = term.word.translate(language.escapes)
    return f"{language.quote}{word}{language.quote}{language.begins if term.begins else ''}"
