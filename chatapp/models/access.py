"""Checks whether people may still read the streams that they have open."""

from sqlalchemy import select

from chatapp.extensions import db
from chatapp.turbo import Connection

from .chat import Chat
from .session import Session
from .user import User


def tags(user: User, proof: Session) -> tuple[str, str]:
    """Say whose a connection is: ``("user:3", "session:8")``."""
    return f"user:{user.id}", f"session:{proof.id}"


def withdrawn(connections: list[Connection]) -> list[Connection]:
    """The connections of people who were logged out, deactivated, or removed from a closed chat.

    Each withdrawal ends its streams at once. This finds those that did not hear of it, for example while Redis was
    away. Nobody may read a connection without a session, or a stream of a kind without a rule here.
    """
    if not connections:
        return []
    users = _users_of({_session_id(connection) for connection in connections} - {None})
    readers = [(*_kind_and_id(connection.stream), users.get(_session_id(connection))) for connection in connections]
    asked = {(id, user_id) for kind, id, user_id in readers if kind == "chat" and id and user_id}
    reached = Chat.reached(asked)

    def may_read(kind: str, id: int | None, user_id: int | None) -> bool:
        if id is None or user_id is None:
            return False
        return (id, user_id) in reached if kind == "chat" else (kind, id) == ("user", user_id)

    return [connection for connection, reader in zip(connections, readers, strict=True) if not may_read(*reader)]


def _users_of(session_ids: set[int]) -> dict[int, int]:
    """The users whose sessions these are, as far as they are still logged in."""
    query = select(Session.id, User.id).join(User, Session.user_id == User.id)
    return {row[0]: row[1] for row in db.session.execute(query.where(User.active, Session.id.in_(session_ids)))}


def _session_id(connection: Connection) -> int | None:
    sessions = (id for kind, id in map(_kind_and_id, connection.tags) if kind == "session")
    return next(sessions, None)


def _kind_and_id(name: str) -> tuple[str, int | None]:
    """``("chat", 7)`` for ``"chat:7"``. The id is None where it is not a number."""
    kind, _, id = name.partition(":")
    return kind, int(id) if id.isascii() and id.isdigit() else None
