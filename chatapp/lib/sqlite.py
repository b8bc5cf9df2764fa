"""SQLite set up for several processes that read and write at once.

The sqlite3 module begins a transaction that reads first and writes later, and SQLite refuses the upgrade
("database is locked") if anybody wrote in between. Here a statement that only reads runs outside of a transaction,
and the first one that writes, or reads FOR UPDATE, begins it with BEGIN IMMEDIATE: every reader sees what is
committed, as with PostgreSQL's READ COMMITTED, and writers queue up. Source: sqlite.org/lang_transaction.html.
"""

import random
import re
import sqlite3
import time

from sqlalchemy import Engine, event

_READS = re.compile(r"\s*(SELECT|PRAGMA|EXPLAIN)\b", re.IGNORECASE)
_NAMES_PARTS = re.compile(r"\s*WITH\b", re.IGNORECASE)
#: Marks of a write in a statement that begins with WITH. A read that mentions one only costs a lock.
_WRITES = re.compile(r"\b(INSERT|UPDATE|DELETE|REPLACE)\b", re.IGNORECASE)
#: Seconds that a writer waits for the others before it gives up.
WRITER_TIMEOUT = 20.0
#: Milliseconds that SQLite itself waits for short locks, such as those of a recovery. Not for other writers.
BUSY_TIMEOUT = 5000


def configure(engine: Engine) -> None:
    """Install all this on an engine; does nothing for another database."""
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare)
        event.listen(engine, "before_cursor_execute", _begin_before_writing)


def _prepare(connection: sqlite3.Connection, record) -> None:
    connection.isolation_level = None  # no implicit BEGIN
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute("PRAGMA synchronous = NORMAL")
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT}")
    cursor.close()


def _begin_before_writing(connection, cursor, statement, parameters, context, executemany) -> None:
    if not cursor.connection.in_transaction and (_is_for_update(context) or _may_write(statement)):
        # SQLite's own waiting happens in C: it would stop every greenlet of the process, even the one that holds the
        # lock. So ``_begin`` waits in Python.
        cursor.execute("PRAGMA busy_timeout = 0")
        try:
            _begin(cursor)
        finally:
            cursor.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT}")


def _may_write(statement: str) -> bool:
    if _NAMES_PARTS.match(statement):
        return bool(_WRITES.search(statement))
    return not _READS.match(statement)


def _is_for_update(context) -> bool:
    # SQLite has no FOR UPDATE: a read that leads to a write takes the one lock for writers.
    statement = getattr(context.compiled, "statement", None) if context else None
    return getattr(statement, "_for_update_arg", None) is not None


def _begin(cursor: sqlite3.Cursor) -> None:
    deadline = time.monotonic() + WRITER_TIMEOUT
    while True:
        try:
            cursor.execute("BEGIN IMMEDIATE")
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
        time.sleep(random.uniform(0.001, 0.01))
