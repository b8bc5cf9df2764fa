"""A chat in the list of one person: how far that person has read in it, and the person's own marks."""

from typing import TYPE_CHECKING

from markupsafe import Markup
from sqlalchemy import ForeignKey, UniqueConstraint, exists, false, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from chatapp.extensions import db
from chatapp.turbo import Broadcastable, dom_id, render, turbo_stream

from .bookmark import Bookmark
from .membership import Membership
from .message import Message
from .reach import OutOfReach

if TYPE_CHECKING:
    from .chat import Chat
    from .user import User

#: The listing is stamped at the next announcement.
UNSTAMPED = -1


class ListedChat(Broadcastable, db.Model):
    """The page that shows it is the list of its user.

    Only memberships give access and make the list; this row has the mark. So it stays when the person leaves the chat,
    tells the list that the line goes, and keeps the mark for a return.
    """

    __tablename__ = "listed_chats"
    __table_args__ = (UniqueConstraint("user_id", "chat_id"),)

    broadcast_ignores = frozenset({"revision", "listed_revision"})

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    chat_id: Mapped[int] = mapped_column(ForeignKey("chats.id", ondelete="CASCADE"))
    #: The message up to which everything is read; 0 where nothing is.
    read_id: Mapped[int] = mapped_column(default=0, server_default="0")
    #: The newest message that mentions this person by name; 0 where none does.
    mentioned_id: Mapped[int] = mapped_column(default=0, server_default="0")
    #: Favourites are on top of the list. A muted chat counts what is unread without drawing attention.
    favourite: Mapped[bool] = mapped_column(default=False, server_default=false())
    muted: Mapped[bool] = mapped_column(default=False, server_default=false())
    revision: Mapped[int] = mapped_column(default=0, server_default="0")
    #: The revision of the list at which the line last came or went.
    listed_revision: Mapped[int] = mapped_column(default=0, server_default="0")

    user: Mapped["User"] = relationship()
    chat: Mapped["Chat"] = relationship()

    @classmethod
    def of(cls, user: "User", chat: "Chat") -> "ListedChat":
        """The row of ``chat`` for ``user``, made where it is missing: the previous release made memberships alone."""
        if known := cls.known(user, chat):
            return known
        made = cls(user=user, chat=chat, read_id=0, mentioned_id=0, favourite=False, muted=False)
        db.session.add(made)
        return made

    @classmethod
    def locked(cls, user: "User", chat: "Chat") -> "ListedChat":
        """The same row for a change of the list alone. Of two tabs the second finds what the first made."""
        user.lock()
        return cls.of(user, chat)

    @classmethod
    def known(cls, user: "User", chat: "Chat") -> "ListedChat | None":
        return db.session.scalar(select(cls).filter_by(user_id=user.id, chat_id=chat.id))

    def list_anew(self) -> None:
        """Announce that the line comes into the list, or leaves it."""
        self.listed_revision = UNSTAMPED
        self.touch()

    def read(self, message_id: int, only_forward: bool = False) -> None:
        """Mark everything up to ``message_id`` as read, and what follows as unread; 0 marks everything as unread.

        With ``only_forward`` the mark never goes back: a page that lags behind must not undo what another tab did. It
        never goes beyond the newest message either. Raises OutOfReach for somebody who was removed just now.
        """
        self._must_be_listed()
        least = self.read_id if only_forward else 0
        self.read_id = max(least, min(message_id, self._newest_id()))

    def set_favourite(self, wanted: bool) -> None:
        """Put it on top of the list, or back among the others. Raises OutOfReach."""
        self._must_be_listed()
        self.favourite = wanted

    def mute(self, wanted: bool) -> None:
        """Stop it from drawing attention, or let it do so again. Raises OutOfReach."""
        self._must_be_listed()
        self.muted = wanted

    def keep(self, message: Message) -> None:
        """Bookmark a message; harmless to repeat. Raises OutOfReach and TooManyBookmarks."""
        self._must_be_listed()
        if Bookmark.known(self.user, message.id) is None:
            Bookmark.add(self.user, message)
            self.touch()

    def drop(self, message_id: int) -> None:
        """Remove a bookmark; harmless to repeat."""
        self.lock()
        if bookmark := Bookmark.known(self.user, message_id):
            db.session.delete(bookmark)
            self.touch()

    def _must_be_listed(self) -> None:
        """Raises OutOfReach for somebody who was removed just now."""
        self.lock()
        membership = exists().where(Membership.chat_id == self.chat_id, Membership.user_id == self.user_id)
        if not db.session.scalar(select(membership)):
            raise OutOfReach

    def _newest_id(self) -> int:
        shown = select(Message.id).where(Message.chat_id == self.chat_id, Message.deleted_at.is_(None))
        return db.session.scalar(shown.order_by(Message.id.desc()).limit(1)) or 0

    # What it announces

    @property
    def broadcast_to(self) -> "User":
        return self.user

    def stamp(self, revision: int, created: bool) -> None:
        self.revision = revision
        if created or self.listed_revision == UNSTAMPED:
            self.listed_revision = revision

    def fragment(self, since: int) -> Markup | None:
        """The mark; None where the line came or went, and so the whole list has changed."""
        return None if self.listed_revision > since else self.mark_fragment()

    def mark_fragment(self) -> Markup:
        return turbo_stream("replace", dom_id(self.chat, "read"), self.mark())

    @property
    def bookmarks(self) -> list[int]:
        """The ids of the person's bookmarked messages in the chat."""
        return Bookmark.message_ids(self.user, self.chat_id)

    def mark(self) -> Markup:
        return render("chats/_read.html", self.chat, mark=self)
