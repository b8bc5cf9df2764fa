"""Ends every wait for PostgreSQL after a limited time, on the server and on the client.

The server gives up a statement, a lock or a forgotten transaction by its own clock. That does not help where the
network swallows what the client sends, or a proxy acknowledges it and passes nothing on. Nobody answers then, and each
request would hold its connection for many minutes. So the client sets itself a limit too.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

import psycopg
from psycopg.errors import _WaitTimeout
from sqlalchemy import Connection, Engine, event

#: Seconds that a migration waits for a lock. Everybody else waits behind it meanwhile. And a statement that has locked
#: one table and waits for two others has to let go before ``deadlock_timeout``, 1 s. Then PostgreSQL would end one of
#: those who wait for each other, and not always the migration.
MIGRATION_LOCK = 0.2


class Limits(NamedTuple):
    """All in seconds."""

    statement: float
    lock: float
    idle_in_transaction: float
    #: How long sent bytes may go without acknowledgement, and how much later than the server the client gives up.
    network: float
    #: Whether each transaction sets them again, because a pooler may give it another connection.
    each_transaction: bool = False


def configure(engine: Engine, limits: Limits) -> None:
    """Set the limits for all connections of an engine; does nothing for another database.

    A statement that takes too long raises sqlalchemy.exc.OperationalError. After ``statement + network`` seconds
    without an answer the connection closes as well, and the pool gives its place to a new one.
    """
    if engine.dialect.name == "postgresql":
        event.listen(engine, "do_connect", lambda *given: _connect(limits, *given))
        if limits.each_transaction:
            event.listen(engine, "begin", lambda connection: _tell_transaction(connection, limits))
        else:
            event.listen(engine, "connect", lambda connection, record: _tell_server(connection, limits))


def prepare_for_migrations(connection: psycopg.Connection) -> None:
    """Let statements take as long as they need, and wait for locks only for ``MIGRATION_LOCK`` seconds."""
    connection.answer_timeout, connection.migrates = None, True
    if not connection.is_shared:
        connection.execute(f"SET statement_timeout = 0; SET lock_timeout = {_milliseconds(MIGRATION_LOCK)}")
        connection.commit()


@contextmanager
def waiting_for_locks(connection: psycopg.Connection) -> Iterator[None]:
    """Let statements outside of a transaction wait for locks as long as they need; nobody queues up behind such ones.

    Behind a pooler they have no limit anyway.
    """
    if connection.is_shared:
        yield
        return
    connection.execute("SET lock_timeout = 0")
    try:
        yield
    finally:
        if not connection.closed:
            connection.execute(f"SET lock_timeout = {_milliseconds(MIGRATION_LOCK)}")


class ImpatientConnection(psycopg.Connection):
    """Closes itself when the server has not answered for ``answer_timeout`` seconds."""

    answer_timeout: float | None = None
    #: Whether it is one of ``prepare_for_migrations``.
    migrates = False
    #: Whether a pooler gives each transaction another connection to the server.
    is_shared = False

    def wait(self, gen, interval=0.1, timeout=None):
        limit = timeout or self.answer_timeout
        try:
            return super().wait(gen, interval, limit)
        except _WaitTimeout:
            self.pgconn.finish()
            raise psycopg.OperationalError(f"no answer from the database for {limit} s") from None


def _connect(limits: Limits, dialect, record, arguments, options) -> ImpatientConnection:
    options = options | {"tcp_user_timeout": _milliseconds(limits.network)}
    connection = ImpatientConnection.connect(*arguments, **options)
    connection.answer_timeout, connection.is_shared = limits.statement + limits.network, limits.each_transaction
    return connection


def _tell_server(connection: ImpatientConnection, limits: Limits) -> None:
    # Sent as statements, because poolers such as PgBouncer refuse options of the connection.
    connection.execute(_settings(limits))
    connection.commit()


def _tell_transaction(connection: Connection, limits: Limits) -> None:
    if connection.connection.driver_connection.migrates:
        limits = limits._replace(statement=0, lock=MIGRATION_LOCK)
    connection.exec_driver_sql(_settings(limits, "SET LOCAL"))


def _settings(limits: Limits, word: str = "SET") -> str:
    settings = {
        "statement_timeout": limits.statement,
        "lock_timeout": limits.lock,
        "idle_in_transaction_session_timeout": limits.idle_in_transaction,
    }
    return ";".join(f"{word} {name} = {_milliseconds(seconds)}" for name, seconds in settings.items())


def _milliseconds(seconds: float) -> int:
    return round(seconds * 1000)
