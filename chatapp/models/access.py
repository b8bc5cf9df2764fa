"""Who may still read the streams that are open."""

from sqlalchemy import and_, or_, select

from chatapp.extensions import db
from chatapp.turbo import Connection

from .chat import Chat
from .session import Session
from .user import User


def tags(user: User) -> tuple[str, ...]:
    """Say whose a connection is: ``("user:3", "session:8")``."""
    return f"user:{user.id}", f"session:{user.current_session.id}"


def withdrawn(connections: list[Connection]) -> list[Connection]:
    """Those whose session has ended, whose account was deactivated, or who were removed from a closed chat.

    They were told so when it happened; this is for what was not heard, as while Redis was away.
    """
    wanted = {connection: (_tagged(connection, "session"), _chat_id(connection)) for connection in connections}
    if not wanted:
        return []
    session_ids, chat_ids = ({pair[i] for pair in wanted.values()} for i in (0, 1))
    may_read = or_(Chat.kind == "open", Chat.has_member(User.id))
    query = select(Session.id, Chat.id).join(User, Session.user_id == User.id).join(Chat, may_read)
    allowed = query.where(and_(User.active, Session.id.in_(session_ids), Chat.id.in_(chat_ids)))
    pairs = {tuple(row) for row in db.session.execute(allowed)}
    return [connection for connection, pair in wanted.items() if pair not in pairs]


def _tagged(connection: Connection, kind: str) -> int:
    return next(int(tag.partition(":")[2]) for tag in connection.tags if tag.startswith(f"{kind}:"))


def _chat_id(connection: Connection) -> int:
    return int(connection.stream.partition(":")[2])
