"""How many messages the page of a chat opens with."""

from typing import TYPE_CHECKING

from sqlalchemy import select

from chatapp.extensions import db

from .listed_chat import ListedChat
from .message import PAGE_SIZE, Message

if TYPE_CHECKING:
    from .chat import Chat
    from .user import User

#: The most. A reader with more unread messages begins at the newest ones, and reads back.
MOST = 200
#: Messages before the first unread one, so that people see where they stopped.
BEFORE = 5


def opening_size(chat: "Chat", user: "User") -> int:
    """PAGE_SIZE, or enough for the page to begin with what this person has read already."""
    read_id = db.session.scalar(select(ListedChat.read_id).filter_by(user_id=user.id, chat_id=chat.id))
    if read_id is None:
        return PAGE_SIZE
    shown = select(Message.author_id, Message.id).where(Message.chat_id == chat.id, Message.deleted_at.is_(None))
    later = db.session.execute(shown.where(Message.id > read_id).order_by(Message.id.desc()).limit(MOST)).all()
    first = max((place for place, row in enumerate(later, 1) if row.author_id != user.id), default=0)
    return PAGE_SIZE if first == MOST else max(PAGE_SIZE, min(first + BEFORE, MOST))
