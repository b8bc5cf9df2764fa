"""What the database has, the statements that a piece of code sends to it, and the locks that they wait for."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, event, text

from chatapp.extensions import db
from chatapp.models import Chat, Message


def messages_of(chat: Chat) -> list[Message]:
    """Those that were not deleted, oldest first."""
    return list(db.session.scalars(Message.shown().where(Message.chat_id == chat.id).order_by(Message.id)))


@contextmanager
def statements() -> Iterator[list[tuple[str, tuple]]]:
    """Collects the SQL and the parameters of what is executed inside the block, in all sessions."""
    seen = []

    def note(connection, cursor, statement, parameters, context, executemany):
        seen.append((statement, parameters))

    engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(engine, "before_cursor_execute", note)


def empty(connection: Connection) -> None:
    """Delete everything; by the driver, because most tables are empty, and SQLAlchemy takes longer than they."""
    cursor = connection.connection.cursor()
    for table in reversed(db.metadata.sorted_tables):
        cursor.execute(f'DELETE FROM "{table.name}"')


def somebody_waits() -> bool:
    """Whether any transaction of PostgreSQL waits for a lock."""
    with db.engine.connect() as connection:
        return bool(connection.execute(text("SELECT count(*) FROM pg_locks WHERE NOT granted")).scalar())
