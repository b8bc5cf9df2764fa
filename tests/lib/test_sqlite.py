"""Four processes at once, as a deploy on SQLite has them: web, worker, shell and another web."""

import subprocess
import sys

import pytest
from sqlalchemy import column, create_engine, select, table, text
from sqlalchemy.exc import OperationalError

from chatapp.lib import sqlite
from tests.servers import PROJECT

PROCESSES, ROUNDS = 4, 30

# Reads first and writes then, which is what SQLite refuses a transaction that did not say so at its beginning.
WRITER = """
import runpy, sys
from sqlalchemy import create_engine, text

engine = create_engine(sys.argv[1], connect_args={"timeout": float(sys.argv[3])})
if sys.argv[2] == "configured":
    runpy.run_path("chatapp/lib/sqlite.py")["configure"](engine)
for _ in range(int(sys.argv[4])):
    with engine.begin() as connection:
        connection.execute(text("SELECT count(*) FROM counter")).scalar()
        connection.execute(text("UPDATE counter SET n = n + 1"))
        connection.execute(text("INSERT INTO log (n) SELECT n FROM counter"))
"""


@pytest.fixture
def url(tmp_path) -> str:
    url = f"sqlite:///{tmp_path}/counter.sqlite3"
    engine = create_engine(url)
    sqlite.configure(engine)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE counter (n INTEGER)"))
        connection.execute(text("CREATE TABLE log (n INTEGER)"))
        connection.execute(text("INSERT INTO counter VALUES (0)"))
    engine.dispose()
    return url


def write_at_once(url: str, how: str, timeout: float) -> list[str]:
    command = [sys.executable, "-c", WRITER, url, how, str(timeout), str(ROUNDS)]
    writers = [subprocess.Popen(command, cwd=PROJECT, stderr=subprocess.PIPE, text=True) for _ in range(PROCESSES)]
    return [writer.communicate()[1] for writer in writers]


def test_four_processes_that_write_at_once_never_meet_a_locked_database(url):
    assert write_at_once(url, "configured", 10) == [""] * PROCESSES
    engine = create_engine(url)
    with engine.connect() as connection:
        assert connection.execute(text("SELECT n FROM counter")).scalar() == PROCESSES * ROUNDS
        assert connection.execute(text("SELECT count(DISTINCT n) FROM log")).scalar() == PROCESSES * ROUNDS
    engine.dispose()


@pytest.fixture
def engine(url):
    engine = create_engine(url)
    sqlite.configure(engine)
    yield engine
    engine.dispose()


def test_a_reader_sees_what_others_committed_meanwhile(engine):
    with engine.connect() as reader, engine.connect() as writer:
        assert reader.execute(text("SELECT n FROM counter")).scalar() == 0
        writer.execute(text("UPDATE counter SET n = 7"))
        assert reader.execute(text("SELECT n FROM counter")).scalar() == 0
        writer.commit()
        assert reader.execute(text("SELECT n FROM counter")).scalar() == 7


def test_reading_takes_no_lock_and_writing_takes_it_at_once(engine):
    with engine.connect() as connection:
        connection.execute(text("SELECT n FROM counter"))
        assert not connection.connection.in_transaction
        connection.execute(text("UPDATE counter SET n = 1"))
        assert connection.connection.in_transaction
        connection.rollback()
        assert connection.execute(text("SELECT n FROM counter")).scalar() == 0


def test_who_reads_for_an_update_has_the_lock_as_on_other_databases(engine):
    """Without FOR UPDATE in SQLite, the reading itself has to begin the transaction."""
    with engine.connect() as connection:
        connection.execute(select(column("n")).select_from(table("counter")).with_for_update())
        assert connection.connection.in_transaction
        connection.rollback()
        connection.execute(text("SELECT n FROM counter"))
        assert not connection.connection.in_transaction


def test_a_writer_who_waits_too_long_is_told(engine, monkeypatch):
    monkeypatch.setattr(sqlite, "WRITER_TIMEOUT", 0.05)
    with engine.connect() as first, engine.connect() as second:
        first.execute(text("UPDATE counter SET n = 1"))
        with pytest.raises(OperationalError, match="locked"):
            second.execute(text("UPDATE counter SET n = 2"))


def test_a_savepoint_begins_the_transaction_that_it_is_in(engine):
    with engine.connect() as connection:
        with connection.begin_nested():
            connection.execute(text("UPDATE counter SET n = 1"))
        connection.rollback()
        assert connection.execute(text("SELECT n FROM counter")).scalar() == 0


def test_rows_that_are_pointed_at_can_not_be_deleted(engine):
    with engine.begin() as connection:
        assert connection.execute(text("PRAGMA foreign_keys")).scalar() == 1
        assert connection.execute(text("PRAGMA journal_mode")).scalar() == "wal"


def test_another_database_is_left_alone():
    class Engine:
        class dialect:
            name = "postgresql"

    sqlite.configure(Engine)  # would fail on what is no engine


@pytest.mark.parametrize(
    "statement",
    [
        "WITH more AS (SELECT 1 AS by) UPDATE counter SET n = n + (SELECT by FROM more)",
        "with more as (select 1 as by) INSERT INTO log (n) SELECT by FROM more",
        "WITH more AS (SELECT 1 AS by)\nDELETE FROM counter",
        "-- why\nWITH more AS (SELECT 1 AS by) REPLACE INTO log (n) SELECT by FROM more",
    ],
)
def test_what_names_its_parts_first_and_writes_then_is_a_writer(engine, statement):
    with engine.connect() as connection:
        connection.execute(text(statement))
        assert connection.connection.in_transaction
        connection.rollback()
        assert connection.execute(text("SELECT n FROM counter")).scalar() == 0
        assert connection.execute(text("SELECT count(*) FROM log")).scalar() == 0


def test_an_update_with_a_named_part_that_sqlalchemy_builds_is_a_writer(engine):
    counter = table("counter", column("n"))
    more = select((counter.c.n + 1).label("n")).cte("more")
    with engine.connect() as connection:
        connection.execute(counter.update().values(n=select(more.c.n).scalar_subquery()))
        assert connection.connection.in_transaction
        connection.rollback()
        assert connection.execute(text("SELECT n FROM counter")).scalar() == 0


def test_what_names_its_parts_first_and_only_reads_takes_no_lock(engine):
    with engine.connect() as connection:
        connection.execute(text("WITH found AS (SELECT n FROM counter) SELECT n AS updated_at FROM found")).all()
        assert not connection.connection.in_transaction
