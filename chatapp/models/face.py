"""How a person looks in one chat: the trace of the last change of a name or picture there."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from markupsafe import Markup
from sqlalchemy import ForeignKey, Index, Select, UniqueConstraint, exists, func, or_, select, union
from sqlalchemy.orm import Mapped, column_property, mapped_column, relationship

from chatapp.extensions import db
from chatapp.turbo import Broadcastable, dom_id, lock_pages, render, turbo_stream

from .chat import Chat
from .former_member import FormerMember
from .membership import Membership
from .message import Message

if TYPE_CHECKING:
    from .user import User

#: Chats in one transaction, which locks them all.
MANY = 20


class Face(Broadcastable, db.Model):
    """One row for each chat in which somebody may have written, and one without a chat for the person's own pages.

    A person who has never changed name or picture has no row. The row says when the change was announced, and shows
    what the person looks like now. A page puts it in place of what it shows of the person (decision 0048).
    """

    __tablename__ = "faces"
    __table_args__ = (
        UniqueConstraint("chat_id", "user_id"),
        Index("ix_faces_chat_id_revision", "chat_id", "revision"),
    )

    broadcast_ignores = frozenset({"revision"})
    broadcast_shows = ("user",)

    id: Mapped[int] = mapped_column(primary_key=True)
    chat_id: Mapped[int | None] = mapped_column(ForeignKey("chats.id", ondelete="CASCADE"))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    #: Which of the person's looks the chat was told of, see ``Looks.look``.
    look: Mapped[int]
    #: The revision of the page that shows it.
    revision: Mapped[int] = mapped_column(default=0)

    chat: Mapped[Chat | None] = relationship()
    user: Mapped["User"] = relationship()

    @classmethod
    def steps(cls, user: "User") -> Iterator[None]:
        """Announces the look in all chats that were not told of it. The caller commits after each step.

        A second run goes on where the first one ended.
        """
        while chats := cls.to_tell(user):
            lock_pages(db.session(), [*chats, user])
            db.session.refresh(user)
            cls.show(user, chats)
            yield
        user.lock()
        cls.settle(user)
        yield

    @classmethod
    def settle(cls, user: "User") -> bool:
        """Note that all chats were told, if so. ``user`` is locked, so that no membership begins meanwhile."""
        if cls.to_tell(user, 1):
            return False
        user.told_look = user.look
        return True

    @classmethod
    def to_tell(cls, user: "User", most: int = MANY) -> list[Chat]:
        """Chats that were not told of the present look."""
        told = exists().where(cls.chat_id == Chat.id, cls.user_id == user.id, cls.look >= user.look)
        return _latest(chats_of(user).where(~told), most)

    @classmethod
    def show(cls, user: "User", chats: Sequence[Chat | None]) -> None:
        """Announce the look in ``chats``, which are locked; None stands for the person's own pages."""
        # Asked behind the locks: a chat may have been deleted while this waited for its lock.
        ids = set(db.session.scalars(select(Chat.id).where(Chat.id.in_([chat.id for chat in chats if chat]))))
        own = select(cls).where(cls.user_id == user.id, or_(cls.chat_id.in_(ids), cls.chat_id.is_(None)))
        known = {face.chat_id: face for face in db.session.scalars(own)}
        for chat in chats:
            if chat and chat.id not in ids:
                continue
            face = known.get(chat and chat.id)
            if face is None:
                face = cls(user=user, chat=chat)
                db.session.add(face)
            face.look = user.look
            if chat and chat.is_direct:
                chat.touch()  # its header has the names

    @classmethod
    def changed_in(cls, chat: Chat, since: int) -> list["Face"]:
        """The faces that changed in ``chat`` after the revision ``since``, with their people."""
        query = cls.with_shown().where(cls.chat_id == chat.id, cls.revision > since)
        return list(db.session.scalars(query.order_by(cls.revision)))

    # What it announces

    @property
    def broadcast_to(self) -> "Chat | User":
        return self.chat or self.user

    def stamp(self, revision: int, created: bool) -> None:
        self.revision = revision

    def fragment(self, since: int) -> Markup:
        """``append`` replaces an element with the same id."""
        if self.chat is None:
            return profile_fragment(self.user)
        return turbo_stream("append", dom_id(self.chat, "faces"), render("faces/_face.html", self))


def chats_of(user: "User") -> Select:
    """The chats that may show ``user``: chats of members and former members, and direct chats, which show their people
    before these are members. Chats being deleted count, because lists still have a hidden line for them."""
    ids = [select(kind.chat_id).where(kind.user_id == user.id) for kind in (Membership, FormerMember)]
    named = (" " + Chat.direct_key + " ").contains(f" {user.id} ")
    ids.append(select(Chat.id).where(Chat.direct_key.is_not(None), named))
    if user.kind == "assistant":  # the built-in one answers where it is not a member
        ids.append(select(Message.chat_id).where(Message.author_id == user.id))
    return select(Chat).where(Chat.id.in_(union(*ids)))


def latest_chats_of(user: "User") -> list[Chat]:
    """The latest of these chats, as many as one transaction may lock."""
    return _latest(chats_of(user), MANY)


def _latest(chats: Select, most: int) -> list[Chat]:
    """The chats with the latest changes first."""
    # + 0, or SQLite goes through all chats in the order of the index.
    return list(db.session.scalars(chats.order_by((Chat.head_changed_at + 0).desc(), Chat.id.desc()).limit(most)))


_newest = select(func.max(Face.revision)).where(Face.chat_id == Message.chat_id).correlate_except(Face)
#: The newest change of a look that the message's chat was told of. It tells the states of the message apart. Not read
#: anew after each write: looks change only behind the lock that each announcement of a message holds.
Message.faces_revision = column_property(_newest.scalar_subquery(), expire_on_flush=False)


def profile_fragment(user: "User") -> Markup:
    """What the person's own pages show below the list of chats."""
    return turbo_stream("replace", dom_id(user, "profile"), render("sidebars/_profile.html", user))
