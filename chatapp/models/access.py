"""Says who reads streams, and checks whether people may still read the streams they have open."""

import re
from collections.abc import Iterable
from functools import cache
from typing import NamedTuple

from sqlalchemy import CTE, Integer, Select, String, or_, select

from chatapp.turbo import Cursor, Reader

from .chat import Chat
from .mixins.timestamps import now
from .pairs import ask_about, table_of
from .session import LIFETIME, Session, digest_of
from .user import User

#: Stands for the id of a chat where a request names no chat.
NO_CHAT = 0
_ID = re.compile(r"[1-9][0-9]{0,9}")


class Ticket(NamedTuple):
    """What a request for streams shows: the proof of a log-in, and the chat if the request is for one chat's stream.

    ``counts_for`` is the view whose limit has not counted the request yet; see door.py.
    """

    token: str
    chat_id: int | None = None
    counts_for: str | None = None


def readers(tickets: Iterable[Ticket]) -> dict[Ticket, Reader]:
    """Returns the readers of these tickets, by one query. Leaves out expired log-ins and chats out of reach."""
    asked = {ticket: (digest_of(ticket.token), ticket.chat_id or NO_CHAT) for ticket in tickets}
    rows = ask_about(set(asked.values()), _with_digests, since=now() - LIFETIME)
    found = {(digest, chat_id): ids for digest, chat_id, *ids in rows}
    return {ticket: reader(*found[pair]) for ticket, pair in asked.items() if pair in found}


def reader(user_id: int, session_id: int) -> Reader:
    """The owner of a connection: ``"user:3"``, tagged ``"session:8"``."""
    return Reader(f"user:{user_id}", (f"session:{session_id}",))


def withdrawn(cursors: list[Cursor]) -> list[Cursor]:
    """The cursors of people who were logged out, deactivated, or removed from a closed chat.

    Each withdrawal ends its streams at once. This finds streams that did not hear of it, for example while Redis was
    away. Nobody may read on a connection without a session, or a stream of a kind without a rule here.
    """
    read = [(_session_id(cursor), *kind_and_id(cursor.stream)) for cursor in cursors]
    asked = {(log_in, id if kind == "chat" else NO_CHAT) for log_in, kind, id in read if log_in and id}
    users = {(log_in, chat_id): user_id for log_in, chat_id, user_id in ask_about(asked, _with_sessions)}

    def may_read(log_in: int | None, kind: str, id: int | None) -> bool:
        if kind == "chat":
            return (log_in, id) in users
        return kind == "user" and id is not None and users.get((log_in, NO_CHAT)) == id

    return [cursor for cursor, reading in zip(cursors, read, strict=True) if not may_read(*reading)]


# Queries about pairs of a log-in and a chat, or NO_CHAT. They find the pairs whose log-in may read the chat.


@cache
def _with_digests(size: int) -> Select:
    asked = table_of(size, String, Integer)
    query = select(asked, User.id, Session.id).join(Session, Session.token_digest == asked.c.column1)
    return _for_those_who_may_read(query, asked).where(Session.lasts())


@cache
def _with_sessions(size: int) -> Select:
    asked = table_of(size, Integer, Integer)
    query = select(asked, User.id).join(Session, Session.id == asked.c.column1)
    return _for_those_who_may_read(query, asked)


def _for_those_who_may_read(query: Select, asked: CTE) -> Select:
    query = query.join(User, User.id == Session.user_id).outerjoin(Chat, Chat.id == asked.c.column2)
    return query.where(User.active, or_(asked.c.column2 == NO_CHAT, Chat.within_reach(User.id)))


def _session_id(cursor: Cursor) -> int | None:
    sessions = (id for kind, id in map(kind_and_id, cursor.tags) if kind == "session")
    return next(sessions, None)


def kind_and_id(name: str) -> tuple[str, int | None]:
    """``("chat", 7)`` for ``"chat:7"``. The id is None where no record can have it."""
    kind, _, id = name.partition(":")
    return kind, int(id) if _ID.fullmatch(id) and int(id) < 2**31 else None
