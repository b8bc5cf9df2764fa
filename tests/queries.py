"""Which statements a piece of code sends to the database."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import event

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
