"""The statements that a piece of code sends to the database, and the locks that they wait for."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import event, text

from chatapp.extensions import db


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


def somebody_waits() -> bool:
    """Whether any transaction of PostgreSQL waits for a lock."""
    with db.engine.connect() as connection:
        return bool(connection.execute(text("SELECT count(*) FROM pg_locks WHERE NOT granted")).scalar())
