"""The people whom one can mention in a chat, for the list that opens at an @."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from chatapp.extensions import db

from .mentioning import ALL, may_mention_all, members_of, with_id
from .message import Message
from .user import NAME_LIMIT, User

if TYPE_CHECKING:
    from .chat import Chat

#: People in the list.
OFFERED = 8
#: The newest messages of the chat, whose authors come first.
RECENT = 200


@dataclass(frozen=True)
class Mentionable:
    """``text`` follows the @. ``user`` is None where it means all members."""

    text: str
    user: User | None


def mentionables(chat: "Chat", viewer: User, typed: str) -> list[Mentionable]:
    """What ``viewer`` may mean by the text ``typed`` after an @: people with a word in their name that begins so, the
    latest authors first, then the assistants, then everybody."""
    typed = "".join(filter(str.isprintable, typed.lstrip()[:NAME_LIMIT]))  # PostgreSQL refuses the character 0
    people = _people(chat, viewer, typed)
    twins = _twins(chat, people)
    found = [Mentionable(with_id(u.name, u.id) if u.name.lower() in twins else u.name, u) for u in people]
    assistants = chat.assistants if chat.assistant != "never" else []
    found += [Mentionable(one.name, one) for one in assistants if _begins_a_word(one.name, typed)]
    if _begins(ALL, typed) and may_mention_all(viewer, chat):
        found.append(Mentionable(ALL, None))
    return found


def _people(chat: "Chat", viewer: User, typed: str) -> list[User]:
    shown = select(Message.author_id, Message.id).where(Message.chat_id == chat.id, Message.deleted_at.is_(None))
    recent = shown.order_by(Message.id.desc()).limit(RECENT).subquery()
    wrote = select(recent.c.author_id, func.max(recent.c.id).label("last_id")).group_by(recent.c.author_id).subquery()
    member = members_of(chat)
    members = select(member).outerjoin(wrote, wrote.c.author_id == member.id).where(member.id != viewer.id)
    begins, goes_on = (
        member.name.istartswith(typed, autoescape=True),
        member.name.icontains(f" {typed}", autoescape=True),
    )
    in_order = (func.coalesce(wrote.c.last_id, 0).desc(), func.lower(member.name), member.id)
    return list(db.session.scalars(members.where(begins | goes_on).order_by(*in_order).limit(OFFERED)))


def _twins(chat: "Chat", people: list[User]) -> set[str]:
    """The names that several members have; and "all", which means everybody."""
    lowered, asked = func.lower(members_of(chat).name), {user.name.lower() for user in people}
    several = select(lowered).where(lowered.in_(asked)).group_by(lowered).having(func.count() > 1)
    return {ALL, *db.session.scalars(several)} if asked else set()


def _begins_a_word(name: str, typed: str) -> bool:
    return _begins(name, typed) or f" {typed}".lower() in name.lower()


def _begins(name: str, typed: str) -> bool:
    return name.lower().startswith(typed.lower())
