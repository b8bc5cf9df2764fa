"""Chats: their readers, what they show, and how people write into them."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from markupsafe import Markup
from sqlalchemy import ForeignKey, Index, Row, Select, String, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, joinedload, mapped_column, relationship

from chatapp.extensions import db, turbo
from chatapp.turbo import Broadcastable, dom_id, render, render_row, turbo_stream

from .attachment import Attachment
from .membership import Membership
from .message import Message
from .mixins.answering import Answering
from .mixins.direct import Direct
from .mixins.headline import Headline
from .mixins.joinable import Joinable
from .mixins.managed import Managed
from .mixins.offering import Offering
from .mixins.page_parts import PageParts
from .mixins.paged import Paged
from .mixins.previewed import Previewed
from .mixins.sharing import Sharing
from .mixins.timestamps import Timestamps
from .mixins.tool_rules import ToolRules
from .mixins.writable import Writable
from .reach import OutOfReach
from .titles import TITLE_LIMIT, shown_title, title_from

if TYPE_CHECKING:
    from .user import User


DESCRIPTION_LIMIT = 300  # characters


class Chat(
    PageParts,
    Headline,
    Answering,
    Broadcastable,
    Direct,
    Joinable,
    Managed,
    Offering,
    Paged,
    Previewed,
    Sharing,
    Timestamps,
    ToolRules,
    Writable,
    db.Model,
):
    __tablename__ = "chats"
    __table_args__ = (
        Index("ix_chats_deleted", "id", sqlite_where=db.text("deleted_at IS NOT NULL"),
              postgresql_where=db.text("deleted_at IS NOT NULL")),
    )  # fmt: skip

    broadcast_ignores = frozenset({"revision", "header_revision", "head_revision", "head_digest", "head_changed_at"})

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(String(TITLE_LIMIT), default="")
    description: Mapped[str] = mapped_column(String(DESCRIPTION_LIMIT), default="", server_default="")
    kind: Mapped[str] = mapped_column(String(20), default="closed")  # open | closed
    assistant: Mapped[str] = mapped_column(String(20), default="always")  # always | mentioned | never
    creator_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    header_revision: Mapped[int] = mapped_column(default=0)

    creator: Mapped["User"] = relationship()
    memberships: Mapped[list[Membership]] = relationship(back_populates="chat", cascade="all, delete-orphan")

    @classmethod
    def start(
        cls,
        creator: "User",
        title: str = "",
        kind: str = "closed",
        assistant: str = "always",
        description: str = "",
        writers: str = "everyone",
        link_previews: str = "open",
        sharing: str = "off",
        tools: str = "ask",
    ) -> "Chat":
        """A new chat, with its creator as the first member and its manager."""
        settings = {"kind": kind, "assistant": assistant, "description": description, "writers": writers}
        settings |= {"link_previews": link_previews, "sharing": sharing, "tools": tools}
        chat = cls(creator=creator, title=title, offer="none", **settings)
        db.session.add(chat)
        Membership.begin(chat, creator, manager=True)
        return chat

    def change(
        self,
        title: str,
        kind: str,
        assistant: str,
        writers: str = "everyone",
        link_previews: str = "open",
        sharing: str = "off",
        tools: str = "ask",
    ) -> None:
        """Change the settings. When an open chat closes, the streams of readers who are not members end."""
        self.settle(assistant)
        if (self.kind, kind) == ("open", "closed"):
            turbo.check(db.session(), self.stream_name)
        self.title, self.kind, self.writers = title, kind, writers
        self.link_previews, self.sharing, self.tools = link_previews, sharing, tools

    @property
    def display_title(self) -> str:
        return ", ".join(person.name for person in self.people) if self.is_direct else shown_title(self.title)

    def title_for(self, user: "User") -> str:
        """The title on this person's own pages, which leaves out their name."""
        return ", ".join(person.name for person in self.people_but(user)) if self.is_direct else self.display_title

    @property
    def counts(self) -> Row:
        """What the header counts, in one statement: ``members`` and ``pins``."""
        members = select(func.count()).where(Membership.chat_id == self.id).scalar_subquery()
        pins = Message.pins_of(self).scalar_subquery()
        return db.session.execute(select(members.label("members"), pins.label("pins"))).one()

    # Members

    @property
    def members_count(self) -> int:
        return db.session.scalar(select(func.count()).where(Membership.chat_id == self.id))

    def membership_of(self, user: "User") -> Membership | None:
        return Membership.between(self.id, user.id)

    def member_list(self) -> list[Membership]:
        """All members with their names, the longest-standing first."""
        query = select(Membership).filter_by(chat_id=self.id).options(joinedload(Membership.user))
        return list(db.session.scalars(query.order_by(Membership.id)))

    def admit(self, user: "User") -> None:
        """Make ``user`` a member; harmless for a person who is one already."""
        self.lock()
        if self.membership_of(user) is None:
            Membership.begin(self, user)
            self.consider_offer()

    def dismiss(self, membership: Membership, by_choice: bool = False) -> None:
        """Remove a member, or let one leave ``by_choice``; harmless if that is done already. In a closed chat the
        member's open streams end at once."""
        self.lock()
        if self.membership_of(membership.user) is None:
            return
        membership.removed = not by_choice
        db.session.delete(membership)
        if membership.manager and (creators := self.membership_of(self.creator)):
            creators.touch()  # they may manage the chat now, if nobody else has the mark
        if self.kind == "closed":
            turbo.end(db.session(), f"user:{membership.user_id}", self.stream_name)

    # Messages

    def post(
        self,
        author: "User",
        content: str,
        client_id: str | None = None,
        quoted: Message | None = None,
        upload_ids: Sequence[int] = (),
    ) -> Message:
        """Write a message. With a ``client_id`` that this author has used before, returns the message made then.

        ``quoted`` is a message of this chat, which may have been deleted meanwhile; ``upload_ids`` are files of the
        author. Raises OutOfReach where the author may not write, or was removed just now, Archived or ReadOnly where
        the chat takes nothing from the author, Blocked in a direct one, and FilesGone.
        """
        self.lock()
        if author.kind == "person":
            self._let_in(author)
        if sent := Message.with_client_id(author, client_id):
            return sent
        self.must_take_writing_of(author)
        if self.is_direct and author.kind == "person":
            self.take_words_of(author)
        if quoted and quoted.chat_id != self.id:
            raise ValueError("A message quotes messages of its own chat only.")
        files = Attachment.waiting(author, upload_ids)
        message = Message(chat=self, author=author, content=content, client_id=client_id, quoted=quoted)
        message.mentions, message.reactions = [], []  # set, so that nothing reads them from the database
        return self._add(message, files) or Message.with_client_id(author, client_id)

    def _add(self, message: Message, files: Sequence[Attachment]) -> Message | None:
        """None where another request with the same ``client_id`` was faster."""
        try:
            with db.session.begin_nested():
                db.session.add(message)
        except IntegrityError:
            return None
        message.attach(files)
        if message.author.kind == "person":
            self._received(message)
        return message

    def _let_in(self, author: "User") -> None:
        """Writing into an open chat makes the author a member."""
        if self.deleted_at:
            raise OutOfReach
        if self.kind == "open":
            self.admit(author)
        elif self.membership_of(author) is None:
            raise OutOfReach

    def _received(self, message: Message) -> None:
        if not self.title:
            self.title = title_from(message.content) or title_from(message.file_words)
        message.settle_mentions()
        message.settle_link_preview()
        for assistant in self.asked_by(message):
            self.ask(message, assistant, message.author)

    # What the page shows, live

    @property
    def broadcast_to(self) -> "Chat":
        return self

    def stamp(self, revision: int, created: bool) -> None:
        self.header_revision = revision

    def fragment(self, since: int) -> Markup:
        return turbo_stream("replace", dom_id(self, "header"), self.header())

    def header(self) -> Markup:
        """The header of the page. Each change of it raises ``header_revision``, except for names in a direct chat."""
        names = tuple(self.named_people) if self.is_direct else ()
        return render_row("chats/_header.html", self, (self.header_revision, names))

    def changed_since(self, revision: int) -> Select:
        rows = Message.with_shown().where(Message.chat_id == self.id, Message.revision > revision)
        return rows.order_by(Message.revision)

    def render_messages(self) -> Markup:
        """The whole message list, as a fresh page shows it."""
        messages, older = self.page_of_messages()
        return render("messages/_list.html", self, messages=messages, older=older)
