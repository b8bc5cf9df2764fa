"""What the direct process does with the lists of chats, and how it checks them. See direct.py."""

from sqlalchemy import delete, select
from sqlalchemy.exc import InvalidRequestError
from sqlalchemy.orm.exc import StaleDataError

from chatapp.extensions import db
from chatapp.models import Chat, ListedChat, Membership, Mention, MentionMark, Message, User
from chatapp.models.departure import Departure
from chatapp.models.mixins.direct import key_of
from chatapp.models.reach import Archived, OutOfReach

COUNTED = 50  # newest messages that can count as unread


def post_beside(chat: int, email: str, content: str) -> int | None:
    """None where this person may not, or nobody may."""
    try:
        message = db.session.get(Chat, chat).post(User.with_email(email), content)
        db.session.commit()
    except (OutOfReach, Archived):
        db.session.rollback()
        return None
    return message.id


def write_directly(email: str, emails: list[str], content: str) -> int:
    author = User.with_email(email)
    message = Chat.direct(author, map(User.with_email, emails)).post(author, content)
    db.session.commit()
    return message.id


def leave_directly(email: str, emails: list[str]) -> None:
    """Nothing where there is no such chat, or where this person has left it."""
    ids = [User.with_email(one).id for one in (email, *emails)]
    chat = db.session.scalar(select(Chat).filter_by(direct_key=key_of(ids)))
    if chat:
        Departure(chat, User.with_email(email)).leave()
        db.session.commit()


def read(chat: int, email: str, message: int, only_forward: bool) -> None:
    try:
        found = ListedChat.locked(User.with_email(email), db.session.get(Chat, chat))
        found.read(message, only_forward=only_forward)
        db.session.commit()
    except OutOfReach:
        db.session.rollback()


def archive(chat: int) -> None:
    found = db.session.get(Chat, chat)
    found.lock()
    found.archive()
    db.session.commit()


def bring_back(chat: int) -> None:
    found = db.session.get(Chat, chat)
    found.lock()
    found.bring_back()
    db.session.commit()


def leave_all(emails: list[str]) -> None:
    """These people leave all their chats, and nothing stays of what they have read."""
    for email in emails:
        user = User.with_email(email)
        for membership in db.session.scalars(select(Membership).filter_by(user_id=user.id)).all():
            try:
                if chat := membership.chat:  # a worker may have deleted it since
                    chat.dismiss(membership)
                db.session.commit()
            except (StaleDataError, InvalidRequestError):  # somebody else did so, or a worker deletes the chat
                db.session.rollback()
        db.session.execute(delete(ListedChat).where(ListedChat.user_id == user.id))
        db.session.commit()


def list_of(email: str) -> list[dict]:
    """The list of a person, in its order, from the rows alone."""
    user = User.with_email(email)
    own = select(Chat).join(Membership).where(Membership.user_id == user.id)
    lines = [_line(chat, user) for chat in db.session.scalars(own)]
    return [line for _, line in sorted(lines, key=lambda line: line[0], reverse=True)]


def _line(chat: Chat, user: User) -> tuple[tuple[bool, int, int], dict]:
    shown = select(Message.id, Message.author_id).where(Message.chat_id == chat.id, Message.deleted_at.is_(None))
    messages = db.session.execute(shown.order_by(Message.id.desc())).all()
    read_id = db.session.scalar(select(ListedChat.read_id).filter_by(user_id=user.id, chat_id=chat.id)) or 0
    later = [author for id, author in messages if id > read_id]
    count, more = sum(author != user.id for author in later[:COUNTED]), len(later) >= COUNTED
    (head,) = Chat.read_heads([chat])
    line = {"chat": chat.id, "head": chat.render_head(head), "unread": f"{count}{'+' * more}" if count else ""}
    favourite = db.session.scalar(select(ListedChat.favourite).filter_by(user_id=user.id, chat_id=chat.id)) or False
    line["mentioned"] = _mention(chat, user) > read_id
    pressing = chat.is_direct and count > 0
    return (pressing, favourite, messages[0].id if messages else 0, chat.id), line


def _mention(chat: Chat, user: User) -> int:
    """The newest message of others that mentions the person by name, or as one of all."""
    shown = select(Message).where(Message.chat_id == chat.id, Message.deleted_at.is_(None)).order_by(Message.id.desc())
    named = shown.join(Mention, Mention.message_id == Message.id).where(Mention.user_id == user.id)
    by_name = db.session.scalars(named.where(Message.author_id != user.id)).first()
    to_all = db.session.scalars(shown.where(Message.mentions_all)).first()
    ids = [message.id for message in (by_name, to_all) if message and message.author_id != user.id]
    return max(ids, default=0)


def look(email: str, message: int) -> None:
    MentionMark.locked(User.with_email(email)).see(message)
    db.session.commit()


VERBS = {
    verb.__name__: verb
    for verb in (post_beside, write_directly, leave_directly, read, look, archive, bring_back, leave_all, list_of)
}
