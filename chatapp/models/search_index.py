"""How each database is asked for messages by the index over their words."""

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
    true,
)
from sqlalchemy.dialects.postgresql import TSQUERY

from chatapp.extensions import db
from chatapp.lib.search_query import Term

from .message import Message
from .search_text import SQLITE_INDEX, SearchText, chat_label

#: The most chats that SQLite's index is asked for by name. A person who reads more finds enough in the newest messages.
CHATS_LIMIT = 300
#: What PostgreSQL's index holds: the words, split already, each with the label of its chat before it. So a search goes
#: through a person's chats one by one, and messages elsewhere cost nothing.
VECTOR = (
    "array_to_tsvector(string_to_array(replace("
    "search_texts.text, ' ', ' ' || split_part(search_texts.text, ' ', 1) || ':'), ' '))"
)
#: Stands for a chat's label in queries of that index. No word contains it.
CHAT = "~"


class Language(NamedTuple):
    """How a database writes the parts of a query."""

    both: str
    either: str
    word: str
    begins: str
    escapes: dict[int, str]


SQLITE = Language(" AND ", " OR ", '"{}"', '"{}"*', {ord('"'): '""'})
POSTGRESQL = Language(" & ", " | ", f"'{CHAT}:{{}}'", f"'{CHAT}:{{}}':*", {ord("'"): "''", ord("\\"): "\\\\"})


class Wanted(NamedTuple):
    """What is looked for: messages in ``chats``, a query of ids, that have one term of each of ``groups`` and all
    ``phrases``, and meet all ``conditions``.

    ``chats`` only narrows the search. What a person may read is one of the conditions.
    """

    groups: Sequence[Sequence[Term]]
    phrases: Sequence[str]
    chats: Select
    conditions: Sequence[ColumnElement[bool]]


def newest(wanted: Wanted, before: int | None, limit: int) -> Select:
    """The newest wanted messages, of those before a message id. One statement."""
    return (_ask_sqlite if db.engine.dialect.name == "sqlite" else _ask_postgresql)(wanted, before, limit)


def _ask_sqlite(wanted: Wanted, before: int | None, limit: int) -> Select:
    """The index yields the newest first, and stops when enough were found."""
    index = table(SQLITE_INDEX, column("rowid", Integer), column("text", Text), column(SQLITE_INDEX))
    # The plus makes SQLite begin with the index. Otherwise it goes through the messages and looks each up in the index.
    query = select(Message).join_from(index, Message, Message.id == literal_column(f"+{SQLITE_INDEX}.rowid"))
    asked = _with_chats(_written(wanted.groups, SQLITE), wanted.chats.subquery())
    query = query.where(index.c[SQLITE_INDEX].op("MATCH")(asked), *_side_by_side(index.c.text, wanted.phrases))
    if before is not None:
        query = query.where(index.c.rowid < before)
    return query.where(*wanted.conditions).order_by(index.c.rowid.desc()).limit(limit)


def _with_chats(words: str, chats: Subquery) -> ColumnElement[str]:
    """Adds the chats to what the index is asked, in the same statement."""
    label = literal(f'"{chat_label("")}') + cast(chats.c.id, Text) + literal('"')
    nothing = f'"{chat_label("")}"'  # for somebody without a chat
    any_of_them = literal("(") + func.coalesce(func.group_concat(label, SQLITE.either), nothing) + literal(")")
    if not words:
        return select(any_of_them).select_from(chats).scalar_subquery()
    narrowed = literal(words + SQLITE.both) + any_of_them
    return select(case((func.count() > CHATS_LIMIT, words), else_=narrowed)).select_from(chats).scalar_subquery()


def _ask_postgresql(wanted: Wanted, before: int | None, limit: int) -> Select:
    """PostgreSQL cannot guess how many messages will be found, and would read all there are. The offsets make it find
    and sort ids first, and then look at one message after the other until there are enough."""
    found = _found_by_postgresql(wanted, before).order_by(SearchText.message_id.desc()).offset(0).subquery("found")
    allowed = select(literal(1)).select_from(Message).where(Message.id == found.c.message_id, *wanted.conditions)
    allowed = allowed.correlate(found).offset(0).lateral()
    ids = select(found.c.message_id).join(allowed, true()).order_by(found.c.message_id.desc()).limit(limit)
    ids = ids.cte("ids").prefix_with("MATERIALIZED")
    return select(Message).join(ids, Message.id == ids.c.message_id).order_by(Message.id.desc())


def _found_by_postgresql(wanted: Wanted, before: int | None) -> Select:
    """The ids of messages, one chat after the other."""
    chats = wanted.chats.subquery()
    label = literal(chat_label("")) + cast(chats.c.id, Text)
    asked = cast(func.replace(_written(wanted.groups, POSTGRESQL) or f"'{CHAT}'", CHAT, label), TSQUERY)
    found = select(SearchText.message_id).select_from(chats).join(SearchText, literal_column(VECTOR).op("@@")(asked))
    found = found.where(*_side_by_side(SearchText.text, wanted.phrases))
    return found if before is None else found.where(SearchText.message_id < before)


def _side_by_side(words: ColumnElement, phrases: Sequence[str]) -> list[ColumnElement[bool]]:
    return [(literal(" ") + words + literal(" ")).contains(f" {phrase} ", autoescape=True) for phrase in phrases]


def _written(groups: Sequence[Sequence[Term]], language: Language) -> str:
    """What the index is asked. Terms are quoted, so that nothing a person typed means anything to the index."""
    either = (language.either.join(_term(term, language) for term in group) for group in groups)
    return language.both.join(f"({terms})" for terms in either)


def _term(term: Term, language: Language) -> str:
    return (language.begins if term.begins else language.word).format(term.word.translate(language.escapes))
