"""Checks whether people may still read the streams that they have open."""

from sqlalchemy import null, select, union_all

from chatapp.extensions import db
from chatapp.turbo import Connection

from .chat import Chat
from .membership import Membership
from .session import Session
from .user import User


def tags(user: User) -> tuple[str, ...]:
    """Say whose a connection is: ``("user:3", "session:8")``."""
    return f"user:{user.id}", f"session:{user.current_session.id}"


def withdrawn(connections: list[Connection]) -> list[Connection]:
    """The connections of people who were logged out, deactivated, or removed from a closed chat.

    Each withdrawal ends its streams at once. This finds those that did not hear of it, for example while Redis was
    away. Nobody may read a connection without a session, or a stream of a kind without a rule here.
    """
    if not connections:
        return []
    users = _users_of({_session_id(connection) for connection in connections} - {None})
    chat_ids = {id for kind, id in map(_streamed, connections) if kind == "chat" and id is not None}
    allowed = _allowed(chat_ids, set(users.values()))

    def may_read(connection: Connection) -> bool:
        kind, id = _streamed(connection)
        user_id = users.get(_session_id(connection))
        if user_id is None or id is None:
            return False
        if kind == "chat":
            return (id, None) in allowed or (id, user_id) in allowed
        return kind == "user" and id == user_id

    return [connection for connection in connections if not may_read(connection)]


def _users_of(session_ids: set[int]) -> dict[int, int]:
    """The users whose sessions these are, as far as they are still logged in."""
    query = select(Session.id, User.id).join(User, Session.user_id == User.id)
    return {row[0]: row[1] for row in db.session.execute(query.where(User.active, Session.id.in_(session_ids)))}


def _allowed(chat_ids: set[int], user_ids: set[int]) -> set[tuple[int, int | None]]:
    """The right to read each chat: (chat, user) for each member, (chat, None) where everybody may."""
    everybody = select(Chat.id, null()).where(Chat.kind == "open", Chat.id.in_(chat_ids))
    members = select(Membership.chat_id, Membership.user_id)
    members = members.where(Membership.chat_id.in_(chat_ids), Membership.user_id.in_(user_ids))
    return {(row[0], row[1]) for row in db.session.execute(union_all(everybody, members))}


def _session_id(connection: Connection) -> int | None:
    sessions = (id for kind, id in map(_kind_and_id, connection.tags) if kind == "session")
    return next(sessions, None)


def _streamed(connection: Connection) -> tuple[str, int | None]:
    return _kind_and_id(connection.stream)


def _kind_and_id(name: str) -> tuple[str, int | None]:
    """``("chat", 7)`` for ``"chat:7"``. The id is None where it is not a number."""
    kind, _, id = name.partition(":")
    return kind, int(id) if id.isascii() and id.isdigit() else None
