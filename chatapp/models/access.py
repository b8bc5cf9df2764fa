"""Checks whether people may still read the streams that they have open."""

import re

from sqlalchemy import select

from chatapp.extensions import db
from chatapp.turbo import Cursor

from .chat import Chat
from .session import Session
from .user import User

_ID = re.compile(r"[1-9][0-9]{0,9}")


def tags(user: User, proof: Session) -> tuple[str, str]:
    """Say whose a connection is: ``("user:3", "session:8")``."""
    return f"user:{user.id}", f"session:{proof.id}"


def withdrawn(cursors: list[Cursor]) -> list[Cursor]:
    """The cursors of people who were logged out, deactivated, or removed from a closed chat.

    Each withdrawal ends its streams at once. This finds those that did not hear of it, for example while Redis was
    away. Nobody may read on a connection without a session, or a stream of a kind without a rule here.
    """
    if not cursors:
        return []
    users = _users_of({_session_id(cursor) for cursor in cursors} - {None})
    readers = [(*kind_and_id(cursor.stream), users.get(_session_id(cursor))) for cursor in cursors]
    asked = {(id, user_id) for kind, id, user_id in readers if kind == "chat" and id and user_id}
    reached = Chat.reached(asked)

    def may_read(kind: str, id: int | None, user_id: int | None) -> bool:
        if id is None or user_id is None:
            return False
        return (id, user_id) in reached if kind == "chat" else (kind, id) == ("user", user_id)

    return [cursor for cursor, reader in zip(cursors, readers, strict=True) if not may_read(*reader)]


def _users_of(session_ids: set[int]) -> dict[int, int]:
    """The users whose sessions these are, as far as they are still logged in."""
    query = select(Session.id, User.id).join(User, Session.user_id == User.id)
    return {row[0]: row[1] for row in db.session.execute(query.where(User.active, Session.id.in_(session_ids)))}


def _session_id(cursor: Cursor) -> int | None:
    sessions = (id for kind, id in map(kind_and_id, cursor.tags) if kind == "session")
    return next(sessions, None)


def kind_and_id(name: str) -> tuple[str, int | None]:
    """``("chat", 7)`` for ``"chat:7"``. The id is None where no record can have it."""
    kind, _, id = name.partition(":")
    return kind, int(id) if _ID.fullmatch(id) and int(id) < 2**31 else None
