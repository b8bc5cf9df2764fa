"""Checks whether people may still read the streams that they have open."""

import re
from collections.abc import Iterable

from sqlalchemy import select

from chatapp.extensions import db
from chatapp.turbo import Connection

from .chat import Chat
from .session import Session
from .user import User

_ID = re.compile(r"[1-9][0-9]{0,9}")


def tags(user: User, proof: Session) -> tuple[str, str]:
    """Say whose a connection is: ``("user:3", "session:8")``."""
    return f"user:{user.id}", f"session:{proof.id}"


def readable(names: Iterable[str], user: User) -> list[str]:
    """Those of ``names`` that ``user`` may read: the chats within reach, and the list of one's own chats."""
    names = list(names)
    allowed = _allowed({(name, user.id) for name in names})
    return [name for name in names if (name, user.id) in allowed]


def withdrawn(connections: list[Connection]) -> list[Connection]:
    """The connections of people who were logged out, deactivated, or removed from a closed chat.

    Each withdrawal ends its streams at once. This finds those that did not hear of it, for example while Redis was
    away. Nobody may read a connection without a session, or a stream of a kind without a rule here.
    """
    if not connections:
        return []
    users = _users_of({_session_id(connection) for connection in connections} - {None})
    readers = [(connection.stream, users.get(_session_id(connection))) for connection in connections]
    allowed = _allowed(set(readers))
    return [connection for connection, reader in zip(connections, readers, strict=True) if reader not in allowed]


def _allowed(readers: set[tuple[str, int | None]]) -> set[tuple[str, int | None]]:
    """Those of ``readers``, each the name of a stream and the id of a user, in which the user may read the stream."""
    asked = [(name, user_id, *_kind_and_id(name)) for name, user_id in readers if user_id]
    reached = Chat.reached({(id, user_id) for _, user_id, kind, id in asked if kind == "chat" and id})
    return {
        (name, user_id)
        for name, user_id, kind, id in asked
        if ((id, user_id) in reached if kind == "chat" else (kind, id) == ("user", user_id))
    }


def _users_of(session_ids: set[int]) -> dict[int, int]:
    """The users whose sessions these are, as far as they are still logged in."""
    query = select(Session.id, User.id).join(User, Session.user_id == User.id)
    return {row[0]: row[1] for row in db.session.execute(query.where(User.active, Session.id.in_(session_ids)))}


def _session_id(connection: Connection) -> int | None:
    sessions = (id for kind, id in map(_kind_and_id, connection.tags) if kind == "session")
    return next(sessions, None)


def _kind_and_id(name: str) -> tuple[str, int | None]:
    """``("chat", 7)`` for ``"chat:7"``. The id is None where no record can have it."""
    kind, _, id = name.partition(":")
    return kind, int(id) if _ID.fullmatch(id) and int(id) < 2**31 else None
