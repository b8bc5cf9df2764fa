"""Messages that quote another one: what they show of it, and how its quotes are counted."""

from typing import TYPE_CHECKING

from markupsafe import Markup
from sqlalchemy import ForeignKey, func, literal_column, select
from sqlalchemy.orm import Mapped, column_property, declared_attr, mapped_column, relationship

from chatapp.extensions import db
from chatapp.lib import markdown
from chatapp.models.reach import OutOfReach
from chatapp.turbo import dom_id, render, turbo_stream_to_all

from ..shown_message import Page, newest_page
from .generated import words_of

if TYPE_CHECKING:
    from chatapp.models.chat import Chat
    from chatapp.models.message import Message
    from chatapp.models.user import User

EXCERPT = 120  # characters
#: The most quotes of one message to count. A page counts them for each of its messages.
COUNTED = 100


class Quoting:
    """People call a message with a quote a reply, and a message with those that quote it a thread. In the code, replies
    are those of the assistant (``Generated``).

    A quote holds no words of its own. It shows the quoted message as that one is now, so an edit and a deletion show in
    all quotes of it. One fragment changes them all, however many there are (decision 0039).
    """

    @declared_attr
    def quoted_id(cls) -> Mapped[int | None]:
        return mapped_column(ForeignKey("messages.id"))

    @declared_attr
    def quoted(cls) -> Mapped["Message | None"]:
        return relationship(remote_side="Message.id", foreign_keys="Message.quoted_id")

    #: How many messages that were not deleted quote this one, up to COUNTED.
    quotes_count: int

    @classmethod
    def count_quotes(cls) -> None:
        """Gives the model its ``quotes_count``, which needs the finished table."""
        this, other = cls.__table__, cls.__table__.alias("quoting")
        one = select(literal_column("1").label("one")).select_from(other)
        few = one.where(other.c.quoted_id == this.c.id, other.c.deleted_at.is_(None)).limit(COUNTED).correlate(this)
        # Not read anew after each write: a new quote touches the message, and that reads it.
        count = select(func.count()).select_from(few.subquery()).scalar_subquery()
        cls.quotes_count = column_property(count, expire_on_flush=False)

    @classmethod
    def quotable(cls, chat: "Chat", id: int) -> "Message | None":
        """The message of ``chat`` with this id. A deleted one can also be quoted: what its reader has written about it
        meanwhile still arrives."""
        return db.session.scalar(select(cls).where(cls.chat_id == chat.id, cls.id == id))

    @classmethod
    def find_thread(cls, id: int, user: "User") -> "Message":
        """The message with this id, to read what quotes it. A deleted one is found too, because its replies stay.

        Raises OutOfReach where ``user`` does not reach its chat.
        """
        from chatapp.models.chat import Chat

        found = db.session.scalar(select(cls).where(cls.id == id, cls.chat.has(Chat.within_reach(user.id))))
        if found is None:
            raise OutOfReach
        return found

    def quoting(self, most: int, before: int | None = None) -> Page:
        """The newest messages that quote this one, ``most`` of them, oldest first; and whether there are older ones.

        With ``before``, the newest of those with a lower id.
        """
        return newest_page(type(self).quoted_id, self.id, most, before)

    @property
    def thread_words(self) -> str:
        """``"3 replies"``, as people call the messages that quote this one."""
        number = self.quotes_count if self.quotes_count < COUNTED else f"{COUNTED - 1}+"
        return f"{number} {'reply' if number == 1 else 'replies'}"

    @property
    def words(self) -> str:
        """What a quote shows of this message, in one plain line."""
        return words_of(markdown.excerpt(self.content, EXCERPT) or self.file_words, self.state)

    def requote(self) -> Markup:
        """The fragment that renews all quotes of this message on a page; empty while nothing quotes it."""
        if not self.quotes_count:
            return Markup("")
        return turbo_stream_to_all("replace", f".{dom_id(self, 'quote')}", render("quotes/_quote.html", quoted=self))
