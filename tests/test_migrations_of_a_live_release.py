"""Migrations while others use the database. PostgreSQL only: SQLite has one lock, for which writers queue up."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import psycopg
import pytest
from flask_migrate import upgrade
from sqlalchemy.exc import OperationalError

from chatapp.extensions import db
from chatapp.lib import migrations
from tests.servers import wait_until
from tests.test_interrupted_migrations import older_database
from tests.test_migrations import differences

#: Builds of an index that have waited for an older transaction for much longer than for a lock.
WAITING = """
SELECT pid FROM pg_locks JOIN pg_stat_progress_create_index USING (pid)
WHERE NOT granted AND clock_timestamp() - waitstart > interval '1 second'
"""
INVALID = "SELECT indexrelid::regclass::text FROM pg_index WHERE NOT indisvalid"
#: What a process of an older release does in a transaction, each on rows that nobody else changes.
WRITES = {
    "chats": "UPDATE chats SET revision = revision + 1 WHERE id = 1",
    "messages": "UPDATE messages SET content = content || '.' WHERE id = 4",
    "users": "UPDATE users SET revision = revision + 1 WHERE id = 1",
    "former_members": "DELETE FROM former_members WHERE chat_id = 1",
}


@pytest.fixture(autouse=True)
def only_postgres(database) -> None:
    if database != "postgres":
        pytest.skip("SQLite has one lock for all writers")


@pytest.fixture
def url(app):
    with older_database():
        yield db.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)


@pytest.fixture
def observer(url):
    """Somebody else, who gives up after a second, as nobody should have to."""
    with psycopg.connect(url, autocommit=True, options="-c lock_timeout=1s") as connection:
        yield connection


@contextmanager
def upgrading(app):
    """Runs the upgrade beside the block; ``.result()`` raises what it raises."""

    def run() -> None:
        with app.app_context():
            upgrade()

    with ThreadPoolExecutor(1) as pool:
        yield pool.submit(run)


def test_an_index_waits_for_older_transactions_and_what_it_leaves_when_it_is_ended_is_cleared_away(app, url, observer):
    with psycopg.connect(url) as old:
        old.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        old.execute("SELECT 1 FROM pg_class LIMIT 1")  # such as pg_dump, at the moment of its beginning
        with upgrading(app) as first:
            wait_until(lambda: first.done() or observer.execute(WAITING).fetchall())
            for write in WRITES.values():
                observer.execute(write)
            observer.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_progress_create_index")
            assert first.exception() is not None
        assert observer.execute(INVALID).fetchall() != []
        with upgrading(app) as second:
            wait_until(lambda: second.done() or observer.execute(WAITING).fetchall())
            old.rollback()
            second.result()
    assert observer.execute(INVALID).fetchall() == [] and differences() == []


ORDERS = [("messages", "users"), ("users", "messages"), ("users", "chats", "messages"), ("former_members", "chats")]
#: Then the migration is left alone. Without an end, it would never get a lock that somebody holds each time it comes.
TIMES = 3


@pytest.mark.parametrize("tables", ORDERS, ids="-".join)
def test_who_writes_into_several_tables_meets_no_deadlock(app, url, observer, tables, monkeypatch):
    """Somebody has locked a table, and goes on to the next one as soon as the upgrade waits, up to three times in each
    migration."""
    monkeypatch.setattr(migrations, "PAUSE", 0.1)
    times = Counter()
    with upgrading(app) as migrating, psycopg.connect(url, options="-c lock_timeout=10s") as connection:
        while not migrating.done():
            times[reached := version(observer)] += 1
            for table in tables:
                connection.execute(WRITES[table])
                wait_until(lambda: migrating.done() or somebody_waits(observer))
            connection.commit()
            if times[reached] == TIMES:
                wait_until(lambda: migrating.done() or version(observer) != reached)  # noqa: B023 - called at once
        migrating.result()
    assert differences() == []


def somebody_waits(observer: psycopg.Connection) -> bool:
    return bool(observer.execute("SELECT 1 FROM pg_locks WHERE NOT granted").fetchall())


def version(observer: psycopg.Connection) -> str:
    return observer.execute("SELECT version_num FROM alembic_version").fetchone()[0]


def test_a_migration_that_gets_no_lock_lets_others_pass_and_tries_again(app, url, observer, caplog, monkeypatch):
    monkeypatch.setattr(migrations, "PAUSE", 0.3)
    with psycopg.connect(url) as reader, upgrading(app) as migrating:
        reader.execute("SELECT count(*) FROM messages")  # and it stays in its transaction, as pg_dump does
        wait_until(lambda: caplog.text.count("tried again") >= 3 or migrating.done())
        observer.execute(WRITES["messages"])
        assert not migrating.done()
        reader.rollback()
        migrating.result()
    assert differences() == []


def test_a_migration_that_has_got_no_lock_for_a_long_time_gives_up_and_the_next_one_succeeds(app, url, monkeypatch):
    with psycopg.connect(url) as reader, monkeypatch.context() as patch:
        patch.setattr(migrations, "PATIENCE", 0)
        reader.execute("SELECT count(*) FROM messages")
        with pytest.raises(OperationalError, match="lock timeout"):
            upgrade()
    upgrade()
    assert differences() == []
