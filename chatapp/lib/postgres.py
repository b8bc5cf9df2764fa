"""Ends every wait for PostgreSQL after a limited time, on the server and on the client.

The server gives up a statement, a lock or a forgotten transaction by its own clock. That does not help where the
network swallows what the client sends, or a proxy acknowledges it and passes nothing on. Nobody answers then, and each
request would hold its connection for many minutes. So the client sets itself a limit too.
"""

from typing import NamedTuple

import psycopg
from psycopg.errors import _WaitTimeout
from sqlalchemy import Connection, Engine, event


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


def without_limits(connection: psycopg.Connection) -> None:
    """Let statements take as long as they need, such as those of a migration. The limit for locks stays."""
    connection.answer_timeout, connection.in_haste = None, False
    if not connection.is_shared:
        connection.execute("SET statement_timeout = 0")
        connection.commit()


class ImpatientConnection(psycopg.Connection):
    """Closes itself when the server has not answered for ``answer_timeout`` seconds."""

    answer_timeout: float | None = None
    #: Whether its statements have a limit.
    in_haste = True
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
    in_haste = connection.connection.driver_connection.in_haste
    connection.exec_driver_sql(_settings(limits if in_haste else limits._replace(statement=0), "SET LOCAL"))


def _settings(limits: Limits, word: str = "SET") -> str:
    settings = {
        "statement_timeout": limits.statement,
        "lock_timeout": limits.lock,
        "idle_in_transaction_session_timeout": limits.idle_in_transaction,
    }
    return ";".join(f"{word} {name} = {_milliseconds(seconds)}" for name, seconds in settings.items())


def _milliseconds(seconds: float) -> int:
    return round(seconds * 1000)
