"""Who may still read the streams that are open."""

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
    """Those whose session has ended, whose account was deactivated, or who were removed from a closed chat.

    They were told so when it happened; this is for what was not heard, as while Redis was away.
    """
    if not connections:
        return []
    users = _users_of({_tagged(connection, "session") for connection in connections})
    allowed = _allowed({_chat_id(connection) for connection in connections}, set(users.values()))

    def may_read(connection: Connection) -> bool:
        chat_id, user_id = _chat_id(connection), users.get(_tagged(connection, "session"))
        return user_id is not None and ((chat_id, None) in allowed or (chat_id, user_id) in allowed)

    return [connection for connection in connections if not may_read(connection)]


def _users_of(session_ids: set[int]) -> dict[int, int]:
    """The users whose sessions these are, as far as they are still logged in."""
    query = select(Session.id, User.id).join(User, Session.user_id == User.id)
    return {row[0]: row[1] for row in db.session.execute(query.where(User.active, Session.id.in_(session_ids)))}


def _allowed(chat_ids: set[int], user_ids: set[int]) -> set[tuple[int, int | None]]:
    """Who may read which chat: (chat, user) for each member, (chat, None) where everybody may."""
    everybody = select(Chat.id, null()).where(Chat.kind == "open", Chat.id.in_(chat_ids))
    members = select(Membership.chat_id, Membership.user_id)
    members = members.where(Membership.chat_id.in_(chat_ids), Membership.user_id.in_(user_ids))
    return {(row[0], row[1]) for row in db.session.execute(union_all(everybody, members))}


def _tagged(connection: Connection, kind: str) -> int:
    return next(int(tag.partition(":")[2]) for tag in connection.tags if tag.startswith(f"{kind}:"))


def _chat_id(connection: Connection) -> int:
    return int(connection.stream.partition(":")[2])
