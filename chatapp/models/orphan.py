"""A chat without a manager, as an administrator sees it: the people who were there, and none of their words."""

from datetime import datetime

from sqlalchemy import exists, or_, select

from chatapp.extensions import db

from .chat import Chat
from .membership import Membership
from .message import Message
from .user import User

LIMIT = 100


class Orphan:
    """``chat`` for ``admin``, without its title, which may be the first words of a message."""

    def __init__(self, chat: Chat, admin: User):
        self._chat, self._admin = chat, admin
        self.id: int = chat.id
        self.created_at: datetime = chat.created_at
        self.creator_name: str = chat.creator.name

    @classmethod
    def all(cls, admin: User) -> "list[Orphan]":
        """The LIMIT oldest orphans."""
        found = db.session.scalars(select(Chat).where(Chat.is_orphan()).order_by(Chat.id).limit(LIMIT))
        return [cls(chat, admin) for chat in found]

    @classmethod
    def exist(cls) -> bool:
        return bool(db.session.scalar(select(exists(select(Chat.id).where(Chat.is_orphan())))))

    @classmethod
    def find(cls, chat_id: int, admin: User) -> "Orphan":
        """The orphan with this id, locked, so that two administrators take turns. 404 for a chat with a manager."""
        chat = db.first_or_404(select(Chat).where(Chat.id == chat_id))
        chat.lock()
        # A query of its own behind the lock: in one with it, PostgreSQL would see the managers from before the wait.
        db.first_or_404(select(Chat.id).where(Chat.id == chat_id, Chat.is_orphan()))
        return cls(chat, admin)

    @property
    def candidates(self) -> list[User]:
        """Its members, or else the people who made it or wrote in it. All of them know what it says, or once did.

        Administrators never give themselves a chat that they could not read.
        """
        people = select(User).where(User.active, User.kind == "person").order_by(User.name, User.id)
        members = select(Membership.user_id).where(Membership.chat_id == self.id)
        if remaining := list(db.session.scalars(people.where(User.id.in_(members)))):
            return remaining
        authors = select(Message.author_id).where(Message.chat_id == self.id)
        were_there = or_(User.id == self._chat.creator_id, User.id.in_(authors))
        return list(db.session.scalars(people.where(were_there, User.id != self._admin.id)))

    def give_to(self, user: User) -> None:
        """Make ``user``, a candidate, a member and the manager."""
        self._chat.admit(user)
        db.session.flush()
        self._chat.membership_of(user).manager = True
