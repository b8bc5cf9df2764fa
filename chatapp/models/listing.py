"""Lists of chats with what was said last, in three queries however many chats there are."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, func, select

from chatapp.extensions import db

from .chat import Chat
from .membership import Membership
from .message import Message

SIDEBAR_LIMIT = 40
LIMIT = 200


@dataclass(frozen=True)
class ListedChat:
    """One line of the list."""

    id: int
    title: str
    display_title: str
    kind: str
    members_count: int
    last_message: Message | None
    active_at: datetime


def recently_active(chats: Select) -> list[ListedChat]:
    """The first few of ``chats``, for beside the page."""
    return listed(chats, SIDEBAR_LIMIT)


def listed(chats: Select, limit: int = LIMIT) -> list[ListedChat]:
    """The chats of a query, the one with the newest message first."""
    newest = (
        select(Message.id)
        .where(Message.chat_id == Chat.id, Message.deleted_at.is_(None))
        .order_by(Message.id.desc())
        .limit(1)
        .correlate(Chat)
        .scalar_subquery()
    )
    rows = db.session.execute(
        chats.add_columns(newest.label("newest")).order_by(func.coalesce(newest, 0).desc(), Chat.id.desc()).limit(limit)
    ).all()
    messages = {m.id: m for m in db.session.scalars(Message.shown().where(Message.id.in_([r.newest for r in rows])))}
    counts = _member_counts([chat.id for chat, _ in rows])
    return [_line(chat, messages.get(newest), counts.get(chat.id, 0)) for chat, newest in rows]


def _member_counts(chat_ids: list[int]) -> dict[int, int]:
    query = select(Membership.chat_id, func.count()).where(Membership.chat_id.in_(chat_ids))
    return dict(db.session.execute(query.group_by(Membership.chat_id)).all())


def _line(chat: Chat, last: Message | None, members: int) -> ListedChat:
    active_at = last.created_at if last else chat.created_at
    return ListedChat(chat.id, chat.title, chat.display_title, chat.kind, members, last, active_at)
