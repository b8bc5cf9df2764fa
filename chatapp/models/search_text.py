"""The words of each message, as the index of the database keeps them for the search."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from sqlalchemy import Connection, ForeignKey, Select, Text, delete, event, insert, inspect, select, text, update
from sqlalchemy.orm import Mapped, mapped_column

from chatapp.extensions import db
from chatapp.lib import markdown
from chatapp.lib.search_words import searchable
from chatapp.turbo import Prepared

if TYPE_CHECKING:
    from .message import Message

#: Messages read and written in one transaction when the words of many are missing.
BATCH = 200
#: The columns of a message that decide about its words.
SEARCHED = ("content", "state", "deleted_at", "first_attachment_id")


class SearchText(db.Model):
    """A table of its own: an update of a message, such as a reaction, leaves the words and their index alone.

    Triggers keep SQLite's index equal to it. They hang on this table alone, so that a migration which copies the table
    of messages cannot lose them.
    """

    __tablename__ = "search_texts"

    message_id: Mapped[int] = mapped_column(
        ForeignKey("messages.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    #: The message's labels (see `labels_of`) and all its words, with single spaces between them.
    text: Mapped[str] = mapped_column(Text)


ADDING = Prepared(insert(SearchText))

#: The indexes over these words, made as text by a migration: SQLAlchemy describes neither. SQLite keeps its index in
#: several tables.
SQLITE_INDEX, POSTGRESQL_INDEX = "search_index", "ix_search_texts_words"


def is_described(name: str | None, kind: str, parents: dict) -> bool:
    """For Alembic: False for a table or an index that exists although no model describes it."""
    return not (name or "").startswith((SQLITE_INDEX, POSTGRESQL_INDEX))


def chat_label(id: int | str) -> str:
    return f"#{id}"


def author_label(id: int) -> str:
    return f"@{id}"


def mark_label(mark: str) -> str:
    """What ``has:`` asks for."""
    return f"^{mark}"


def marks_of(message: "Message") -> Iterator[str]:
    """What the message has beside words. A new mark also needs its name in `search.MARKS`."""
    if markdown.has_link(message.content):
        yield "link"
    if message.attachments:
        yield "file"
    if any(file.is_picture for file in message.attachments):
        yield "picture"


def labels_of(message: "Message") -> str:
    """Words that no text contains. By them the index finds messages of a chat or of an author, or with a mark."""
    marks = map(mark_label, marks_of(message))
    return " ".join([chat_label(message.chat_id), author_label(message.author_id), *marks])


def text_of(message: "Message") -> str:
    names = [file.name for file in message.attachments]
    return f"{labels_of(message)} {searchable(' '.join([message.content, *names]))}".strip()


def is_found(message: "Message") -> bool:
    """Whether the search finds it. The words of a growing answer are written once, when it is finished."""
    return (
        message.deleted_at is None and not message.generating and bool(message.content or message.first_attachment_id)
    )


def follow(messages: type["Message"]) -> None:
    """Keep the words equal to the messages that a session writes."""
    event.listen(messages, "after_insert", lambda mapper, connection, message: add(connection, message))
    event.listen(messages, "after_update", _renew)


def add(connection: Connection, message: "Message") -> None:
    """Write the words of a new message."""
    if is_found(message):
        ADDING.rows(connection, {"message_id": message.id, "text": text_of(message)})


def _renew(mapper, connection: Connection, message: "Message") -> None:
    attributes = inspect(message).attrs
    changed = {name for name in SEARCHED if attributes[name].history.has_changes()}
    if changed and not (message.generating and changed == {"content"}):
        connection.execute(delete(SearchText).where(SearchText.message_id == message.id))
        add(connection, message)


def fill_all() -> Iterator[None]:
    """Write the words of all messages that lack them, in steps. The caller commits after each."""
    while fill():
        yield


def fill() -> int:
    """Write the words of some messages that lack them, the newest first, and return how many there were.

    They were there before the search was, or a process of the previous release wrote, edited or deleted them.
    """
    from .message import Message

    messages = list(db.session.scalars(_unsearched(Message)))
    ids = [message.id for message in messages]
    if ids:
        db.session.execute(delete(SearchText).where(SearchText.message_id.in_(ids)))
        db.session.execute(update(Message).where(Message.id.in_(ids)).values(searched_revision=Message.revision))
        rows = [{"message_id": message.id, "text": text_of(message)} for message in messages if is_found(message)]
        if rows:
            db.session.execute(insert(SearchText), rows)
    return len(ids)


def _unsearched(messages: type["Message"]) -> Select:
    """Messages that lack their words, locked so that nobody changes them. Skips locked ones, so it holds up nobody."""
    # Their ids alone are in the partial index, whose condition this repeats. Whole rows might be read from the table.
    ids = select(messages.id).where(text("searched_revision <> revision")).order_by(messages.id.desc()).limit(BATCH)
    query = select(messages).where(messages.id.in_(ids), ~messages.is_generating())
    return query.with_for_update(skip_locked=True).execution_options(populate_existing=True)
