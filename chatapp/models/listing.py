"""Lists of chats besides a person's own: open ones to join, and archived ones."""

from dataclasses import dataclass

from sqlalchemy import Select, exists, func, select

from chatapp.extensions import db

from .chat import Chat
from .membership import Membership
from .message import Message

LIMIT = 200


@dataclass(frozen=True)
class Entry:
    """One chat of the list."""

    id: int
    display_title: str
    description: str
    members_count: int


def listed(chats: Select, limit: int = LIMIT) -> list[Entry]:
    """The chats of a query, the one with the newest message first. Two queries, however many chats there are."""
    newest = (
        select(Message.id)
        .where(Message.chat_id == Chat.id, Message.deleted_at.is_(None))
        .order_by(Message.id.desc())
        .limit(1)
        .correlate(Chat)
        .scalar_subquery()
    )
    found = list(db.session.scalars(chats.order_by(func.coalesce(newest, 0).desc(), Chat.id.desc()).limit(limit)))
    counts = _member_counts([chat.id for chat in found])
    return [Entry(chat.id, chat.display_title, chat.description, counts.get(chat.id, 0)) for chat in found]


def none_yet() -> bool:
    """Whether nobody has started a chat here."""
    return not db.session.scalar(select(exists(select(Chat.id))))


def _member_counts(chat_ids: list[int]) -> dict[int, int]:
    query = select(Membership.chat_id, func.count()).where(Membership.chat_id.in_(chat_ids))
    return dict(db.session.execute(query.group_by(Membership.chat_id)).all())
