"""Lets migrations run beside processes that are at work, and lets each be repeated when something has ended it.

A migration is one transaction, which is whole or not at all. It waits for a lock only for a moment, because everybody
who comes later queues up behind it; then it lets go of everything, and is tried again. Some statements can't run in a
transaction. The functions below are the only ones that leave it: ``build_index``, ``remove_index`` and
``without_foreign_keys``. What they do can be repeated, so a migration that leaves its transaction does nothing else.

Migrations of every age call them, so what they do must stay the same.
"""

import logging
import time
from collections.abc import Callable, Iterable
from contextlib import nullcontext

from alembic import op
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from .postgres import waiting_for_locks

log = logging.getLogger(__name__)

#: Seconds in which a migration is tried again and again.
PATIENCE = 300
#: Seconds between two tries, in which those go ahead who have queued up.
PAUSE = 1.0
#: PostgreSQL's deadlock_detected and lock_not_available.
_IN_USE = {"40P01", "55P03"}


def run_patiently(connection: Connection, run: Callable[[], None]) -> None:
    """Call ``run()``, and again for up to ``PATIENCE`` seconds while others hold a lock that it needs.

    Raises sqlalchemy.exc.OperationalError when they still do.
    """
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            return run()
        except DBAPIError as error:
            if getattr(error.orig, "sqlstate", None) not in _IN_USE or time.monotonic() > deadline:
                raise
            log.warning("Others use what this migration changes. It is tried again: %s", _beginning(error.statement))
        connection.rollback()
        time.sleep(PAUSE)


def _beginning(statement: str | None) -> str:
    return " ".join((statement or "").split())[:80]


def each_once(plan: Callable[..., Iterable]) -> Callable[..., Iterable]:
    """What Alembic takes as ``fn``: the steps of ``plan`` from the first that is not done yet.

    So a second run goes on where the first one has failed, also towards a relative aim such as ``-2``.
    """
    left = None

    def steps(heads, context) -> Iterable:
        nonlocal left
        if left is None:
            left = list(plan(heads, context))
        while left:
            yield left[0]
            del left[0]  # Alembic has committed it, or it would not ask for the next one

    return steps


def build_index(name: str, table: str, columns: list[str], **options) -> None:
    """Build an index while others write, as long as that takes; ``options`` are those of ``op.create_index``.

    It waits for transactions that are older than itself. One of the same name that an earlier run has left is dropped
    first: it may be invalid.
    """
    log.info("Builds %s on %s. It waits for all transactions that are older.", name, table)
    _outside_of_transaction(
        lambda: op.drop_index(name, table, if_exists=True, postgresql_concurrently=True),
        lambda: op.create_index(name, table, columns, postgresql_concurrently=True, **options),
    )


def remove_index(name: str, table: str) -> None:
    """Drop an index, if it is there, while others use its table."""
    _outside_of_transaction(lambda: op.drop_index(name, table, if_exists=True, postgresql_concurrently=True))


def without_foreign_keys(change: Callable[[], None]) -> None:
    """Call ``change()`` in a transaction of its own in which SQLite follows no references. Only for SQLite.

    ``change`` has to be one that can be repeated. The connection must be closed if it raises.
    """
    _outside_of_transaction(lambda: op.execute("PRAGMA foreign_keys = OFF"))
    change()
    _outside_of_transaction(lambda: op.execute("PRAGMA foreign_keys = ON"))


def _outside_of_transaction(*steps: Callable[[], None]) -> None:
    with op.get_context().autocommit_block():
        bind = op.get_bind()
        is_postgres = bind.dialect.name == "postgresql"
        with waiting_for_locks(bind.connection.driver_connection) if is_postgres else nullcontext():
            for step in steps:
                step()
