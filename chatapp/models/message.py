"""Messages, of people and of assistants."""

from datetime import datetime
from typing import TYPE_CHECKING

from markupsafe import Markup
from sqlalchemy import ColumnElement, ForeignKey, Index, Select, String, Text, UniqueConstraint, false, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from chatapp.extensions import db
from chatapp.lib import markdown
from chatapp.lib.markdown_mentions import Mentioned
from chatapp.lib.markdown_tail import settled
from chatapp.turbo import GrowingRow, dom_id

from . import search_text
from .mixins.attachable import Attachable
from .mixins.generated import Generated
from .mixins.pinnable import Pinnable
from .mixins.previewing import Previewing
from .mixins.quoting import Quoting
from .mixins.reactable import Reactable
from .mixins.timestamps import Timestamps, UTCDateTime, now
from .mixins.tooled import Tooled
from .mixins.versioned import Versioned
from .reach import Reachable

if TYPE_CHECKING:
    from .chat import Chat
    from .mention import Mention
    from .user import User

CONTENT_LIMIT = 10_000  # characters
PAGE_SIZE = 50


class Message(
    GrowingRow,
    Attachable,
    Generated,
    Pinnable,
    Previewing,
    Quoting,
    Reactable,
    Reachable,
    Timestamps,
    Tooled,
    Versioned,
    db.Model,
):
    __tablename__ = "messages"
    __table_args__ = (
        UniqueConstraint("author_id", "client_id"),
        Index("ix_messages_replies", "question_id", "author_id", unique=True,
              sqlite_where=db.text("question_id IS NOT NULL"), postgresql_where=db.text("question_id IS NOT NULL")),
        Index("ix_messages_chat_id_revision", "chat_id", "revision"),
        Index("ix_messages_newest", "chat_id", "id", "author_id", sqlite_where=db.text("deleted_at IS NULL"),
              postgresql_where=db.text("deleted_at IS NULL")),
        Index("ix_messages_quoted_id", "quoted_id", "id",
              sqlite_where=db.text("quoted_id IS NOT NULL AND deleted_at IS NULL"),
              postgresql_where=db.text("quoted_id IS NOT NULL AND deleted_at IS NULL")),
        Index("ix_messages_quoting", "quoted_id", sqlite_where=db.text("quoted_id IS NOT NULL"),
              postgresql_where=db.text("quoted_id IS NOT NULL")),
        Index("ix_messages_reply_wanted", "id", sqlite_where=db.text("reply_wanted"),
              postgresql_where=db.text("reply_wanted")),
        Index("ix_messages_generating", "id", sqlite_where=db.text("state = 'generating'"),
              postgresql_where=db.text("state = 'generating'")),
        Index("ix_messages_mentions_all", "chat_id", "id", sqlite_where=db.text("mentions_all = 1"),
              postgresql_where=db.text("mentions_all")),
        Index("ix_messages_pinned", "chat_id", "pinned_at",
              sqlite_where=db.text("pinned_at IS NOT NULL AND deleted_at IS NULL"),
              postgresql_where=db.text("pinned_at IS NOT NULL AND deleted_at IS NULL")),
        Index("ix_messages_unsearched", "id", sqlite_where=db.text("searched_revision <> revision"),
              postgresql_where=db.text("searched_revision <> revision")),
        Index("ix_messages_link_preview_id", "link_preview_id", "id",
              sqlite_where=db.text("link_preview_id IS NOT NULL"),
              postgresql_where=db.text("link_preview_id IS NOT NULL")),
        {"sqlite_autoincrement": True},  # an id is never given twice: open pages know messages by it
    )  # fmt: skip

    broadcast_partial = "messages/_message.html"
    #: Of the question it shows only whether it can be asked again; of the people mentioned, their present names.
    broadcast_shows = (
        "author", "question", "quoted.author", "quoted.first_attachment.fellows", "mentions.user", "reactions.user",
        "first_attachment.fellows", "first_use.fellows", "link_preview",
    )  # fmt: skip
    broadcast_versions = (
        "revision", "quoted.revision", "link_preview.state", "link_preview.fetched_at", "faces_revision",
    )  # fmt: skip
    broadcast_touches = ("quoted",)  # which says how many messages quote it
    broadcast_grows = frozenset({"content"})
    broadcast_ignores = GrowingRow.broadcast_ignores | {
        "reply_wanted",
        "leased_at",
        "leased_until",
        "claimed_length",
        "asks_until",
        "asked_at",
        "attempts",
        "begun_at",
        "asker_id",
        "searched_revision",
    }

    id: Mapped[int] = mapped_column(primary_key=True)
    chat_id: Mapped[int] = mapped_column(ForeignKey("chats.id", ondelete="CASCADE"))
    author_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    client_id: Mapped[str | None] = mapped_column(String(64))
    content: Mapped[str] = mapped_column(Text, default="")
    edited_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    deleted_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    #: Whether it mentions all members. A mark instead of a row for each, so that it costs the same in any chat.
    mentions_all: Mapped[bool] = mapped_column(default=False, server_default=false())
    #: The revision up to which the search knows it. Processes of the previous release do not raise it.
    searched_revision: Mapped[int] = mapped_column(default=0, server_default="0")

    chat: Mapped["Chat"] = relationship()
    mentions: Mapped[list["Mention"]] = relationship(
        back_populates="message", cascade="all, delete-orphan", order_by="Mention.id"
    )
    author: Mapped["User"] = relationship(foreign_keys=author_id)

    @classmethod
    def within_reach(cls, user_id: int | ColumnElement[int]) -> ColumnElement[bool]:
        """A message is within reach of the people who reach its chat, until it is deleted."""
        from .chat import Chat

        return cls.deleted_at.is_(None) & cls.chat.has(Chat.within_reach(user_id))

    @classmethod
    def shown(cls) -> Select:
        """Messages that were not deleted, with everything that they show."""
        return cls.with_shown().where(cls.deleted_at.is_(None))

    @classmethod
    def with_client_id(cls, author: "User", client_id: str | None) -> "Message | None":
        """The message that this author sent under this id before, if any."""
        if client_id is None:
            return None
        id = db.session.scalar(select(cls.id).where(cls.author_id == author.id, cls.client_id == client_id))
        return id and db.session.get(cls, id)

    def edit(self, content: str) -> None:
        """Change the text; harmless for a message that was deleted just now. Raises Blocked in a direct chat."""
        self.lock()
        self.chat.must_take_edits_of(self.author)
        if content != self.content and self.deleted_at is None:
            before, self.content = self.content, content
            self.edited_at = now()
            self.settle_mentions()
            self.settle_link_preview(before)
            for reply in self.replies:
                reply.touch()  # it offers to answer the new question

    def settle_mentions(self) -> None:
        """Make the mentions those of the text. The chat is locked."""
        from .mentioning import Mentioning

        Mentioning(self).settle()

    @property
    def has_mentions(self) -> bool:
        return bool(self.mentions_all or self.mentions)

    @property
    def mentioned(self) -> list[Mentioned]:
        """The people whom the names in the text mean, by their present names."""
        named = [mention for mention in self.mentions if mention.name]  # the others are mentioned by a quote
        people = [Mentioned(mention.name, str(mention.user_id), mention.user.name) for mention in named]
        return [*people, Mentioned("all", "all", "all")] if self.mentions_all else people

    def delete(self) -> None:
        """Replace the message by a tombstone without text. No assistant goes on writing it, or answers it.

        Harmless to repeat.
        """
        self.lock()
        if self.deleted_at is None:
            self.stop()
            for reply in self.replies:
                if reply.generating and not reply.leased_at:
                    reply.stop() if reply.has_words else reply.delete()
            self.bury()

    # What it announces

    def stamp(self, revision: int, created: bool) -> None:
        super().stamp(revision, created)
        self.searched_revision = revision
        if self.deleted_at is not None:
            self.content = ""  # an edit that was under way meanwhile must not leave its words in the tombstone

    @property
    def broadcast_to(self) -> "Chat":
        return self.chat

    @property
    def broadcast_target(self) -> str:
        return dom_id(self.chat, "messages")

    @property
    def broadcast_body(self) -> Markup:
        text = settled(self.content) if self.generating else self.content
        return markdown.to_html(text, self.mentioned)

    @property
    def broadcast_removed(self) -> bool:
        return self.deleted_at is not None

    def fragment(self, since: int) -> Markup:
        return super().fragment(since) + self.requote()

    def bury(self) -> "Message":
        from .mentioning import Mentioning

        if self.generating:
            self.state = "stopped"
        self.deleted_at = now()
        self.content = ""
        self.reply_wanted = False
        self.discard_attachments()
        self.link_preview_id = None
        self.forget_versions()
        self.reactions.clear()  # nobody may see who reacted any more, and the tombstone would load it
        Mentioning(self).clear()
        self.take_off()
        for reply in self.replies:
            reply.touch()  # it does not offer to ask again any more
        return self


Message.count_quotes()
search_text.follow(Message)
