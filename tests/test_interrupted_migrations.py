"""A migration that something has ended, wherever it was, goes on with the next ``flask db upgrade``."""

import re
from contextlib import contextmanager
from itertools import count

import psycopg
import pytest
from flask_migrate import downgrade, upgrade
from psycopg.pq import TransactionStatus
from sqlalchemy import event, inspect, text

from chatapp.extensions import db
from tests.test_migrations import differences
from tests.test_migrations_of_assistants import fill

READS = re.compile(r"\s*(SELECT|PRAGMA (main|temp|table|index|foreign_key_list))", re.IGNORECASE)
#: From here on, migrations can be repeated. Every installation has run those before.
REPEATABLE_AFTER = "20261201b1"
#: Many more than all migrations after that have.
MOMENTS = 1_000
#: Locks that let nobody else write, the stronger the greater.
STRENGTH = {"ShareLock": 1, "ShareRowExclusiveLock": 2, "ExclusiveLock": 3, "AccessExclusiveLock": 4}
LOCKS = """
SELECT relation::regclass::text, mode FROM pg_locks
WHERE pid = %s AND granted AND relation::regclass::text = ANY(%s) AND mode = ANY(%s)
"""


@pytest.fixture
def before(app):
    with older_database():
        yield


@contextmanager
def older_database():
    """The database is an older one, with some messages, and is upgraded at the end if it still is."""
    db.session.close()
    downgrade(revision=REPEATABLE_AFTER)
    try:
        with db.engine.begin() as connection:
            fill(connection)
        yield
    finally:
        upgrade()


class Killed(Exception):
    pass


def test_a_migration_that_was_killed_anywhere_goes_on_later(before):
    assert len(list(upgrade_killed_at_every_moment())) > 10
    assert differences() == []
    with db.engine.begin() as connection:
        rows = connection.execute(text("SELECT id, question_id, quoted_id FROM messages ORDER BY id")).all()
        assert rows == [(4, None, None), (5, 4, 4)]
        assert connection.execute(text("SELECT message_id FROM reactions")).scalars().all() == [5]


def upgrade_killed_at_every_moment():
    """Yields the version that was reached each time, and the statement that did not run, until none is left."""
    number, reached = 1, None
    for _ in range(MOMENTS):
        try:
            with killed_at(number):
                upgrade()
        except Killed as killed:
            number, reached = (number + 1 if version() == reached else 2), version()
            yield reached, str(killed)
        else:
            return
    raise AssertionError(f"The upgrade does not get past {reached}.")


@contextmanager
def killed_at(number: int):
    """Ends the upgrade before its ``number``-th statement with nothing pending: all before it is committed."""
    moments, pending = count(1), False

    def end(connection, cursor, statement, *_):
        nonlocal pending
        if READS.match(statement):
            return
        if not pending and next(moments) == number:
            raise Killed(statement)
        pending = begins_transaction(cursor.connection)

    def rest(connection):
        nonlocal pending
        pending = False

    with listening(before_cursor_execute=end, commit=rest):
        yield


def begins_transaction(connection) -> bool:
    """Whether what the driver executes now has to be committed."""
    return not connection.autocommit if isinstance(connection, psycopg.Connection) else connection.in_transaction


@contextmanager
def listening(**listeners):
    for name, listener in listeners.items():
        event.listen(db.engine, name, listener)
    try:
        yield
    finally:
        for name, listener in listeners.items():
            event.remove(db.engine, name, listener)


def version() -> str:
    with db.engine.connect() as connection:
        return connection.scalar(text("SELECT version_num FROM alembic_version"))


def test_a_migration_waits_for_the_locks_of_one_statement_only(before, database):
    """It holds nothing while it waits, so nobody waits for it meanwhile."""
    if database != "postgres":
        pytest.skip("SQLite has one lock for all writers")
    url = db.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    tables = [name for name in inspect(db.engine).get_table_names() if name != "alembic_version"]
    with psycopg.connect(url, autocommit=True) as observer, locking_statements(observer, tables) as waits:
        upgrade()
    assert [statements for statements in waits if len(statements) > 1] == []


@contextmanager
def locking_statements(observer: psycopg.Connection, tables: list[str]):
    """Collects, for each transaction, the statements that took a lock on one of ``tables``, or a stronger one."""
    transactions, held = [[]], {}

    def begin(connection, cursor, *_):
        if cursor.connection.info.transaction_status == TransactionStatus.IDLE:
            transactions.append([])
            held.clear()

    def look(connection, cursor, statement, *_):
        pid = cursor.connection.info.backend_pid
        locks = observer.execute(LOCKS, (pid, tables, list(STRENGTH))).fetchall()
        taken = {table: STRENGTH[mode] for table, mode in sorted(locks, key=lambda lock: STRENGTH[lock[1]])}
        if any(strength > held.get(table, 0) for table, strength in taken.items()):
            transactions[-1].append(statement)
        held.update(taken)

    with listening(before_cursor_execute=begin, after_cursor_execute=look):
        yield transactions
