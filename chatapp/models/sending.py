"""The usual message, from top to bottom: text, sent by a member into a chat where no assistant answers it.

People send far more of these than of all others together. So this path knows in advance what ``Chat.post`` finds out,
and takes five statements, each built once. The result is the same. Any other message it leaves to ``Chat.post``, before
anything is written.
"""

from functools import cache

from sqlalchemy import Integer, String, bindparam, func, select
from sqlalchemy.orm.attributes import set_committed_value

from chatapp.extensions import db
from chatapp.lib import markdown
from chatapp.turbo import Prepared, PreparedQuery, announce_row, insert_row, lock_found, to_lock, writing_connection

from . import search_text
from .chat import Chat
from .face import Face
from .membership import Membership
from .message import Message
from .mixins.previewing import link_of
from .mixins.timestamps import now
from .reach import REACHED, READER
from .user import User

#: The relations of such a message, which are all empty.
NOTHING = {"quoted": None, "question": None, "first_attachment": None, "first_use": None, "link_preview": None}
NOTHING |= {"pinned_by": None, "quotes_count": 0}
LISTS = ("mentions", "reactions", "replies")


def send(chat_id: int, author: User, content: str, client_id: str) -> Message | None:
    """Write a message of this person into a chat. Returns None, and writes nothing, where it is not a usual one."""
    if markdown.places(content):
        return None
    markdown.to_html(content)  # remembered: what takes time is done before the lock, while nobody waits
    chat = lock_found(db.session(), _chat(), {REACHED.key: chat_id, READER.key: author.id})
    if chat is None or not _is_usual(chat, content):
        return None
    found = _behind_the_lock(chat, author, client_id)
    if found is None:
        return None
    message = _written(chat, author, content, client_id, found.faces)
    if message is not None:
        announce_row(db.session(), chat, message, chat.head_with(message, found))
    return message


def _is_usual(chat: Chat, content: str) -> bool:
    if chat.assistant == "always" or not chat.title or chat.is_direct or chat.archived_at or chat.is_read_only:
        return False
    return not (chat.has_link_previews and link_of(content))


def _behind_the_lock(chat: Chat, author: User, client_id: str) -> tuple | None:
    """What only a statement behind the lock may say: whether the author is still a member, and how the author looks."""
    connection = writing_connection(db.session(), chat)
    asked = {"of_chat": chat.id, "of_author": author.id, "of_client": client_id}
    found = _standing().one(connection, asked)
    for name in _SHOWN:
        if getattr(found, name) != getattr(author, name):
            set_committed_value(author, name, getattr(found, name))
    return found if found.member and not found.sent else None


def _written(chat: Chat, author: User, content: str, client_id: str, faces: int | None) -> Message | None:
    """None where a request to another chat has just used this ``client_id``."""
    message = Message(chat_id=chat.id, author_id=author.id, content=content, client_id=client_id, created_at=now())
    shown = NOTHING | {name: [] for name in LISTS} | {"chat": chat, "author": author, "faces_revision": faces}
    if not insert_row(db.session(), chat, message, shown):
        return None
    search_text.add(writing_connection(db.session(), message), message)
    return message


@cache
def _chat() -> PreparedQuery:
    return to_lock(select(Chat).where(Chat.id == REACHED, Chat.within_reach(READER)))


#: The columns of the author, which may have changed while this request waited for the lock.
_SHOWN = [column.key for column in User.__mapper__.column_attrs]


@cache
def _standing() -> Prepared:
    chat_id, author_id = bindparam("of_chat", type_=Integer), bindparam("of_author", type_=Integer)
    member = select(Membership.id).where(Membership.chat_id == chat_id, Membership.user_id == author_id)
    client = Message.client_id == bindparam("of_client", type_=String)
    sent = select(Message.id).where(Message.author_id == author_id, client)
    faces = select(func.max(Face.revision)).where(Face.chat_id == chat_id)
    columns = (
        query.scalar_subquery().label(name) for name, query in (("member", member), ("sent", sent), ("faces", faces))
    )
    shown = (column for column in User.__table__.columns)
    return Prepared(select(*shown, *columns, *Chat.newest_columns(chat_id)).where(User.id == author_id))
