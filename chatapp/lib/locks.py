"""Locks that a transaction holds until it ends, on SQLite and PostgreSQL."""

from sqlalchemy import Table, func, literal, select, text
from sqlalchemy.orm import Session


def lock_table(session: Session, table: Table) -> None:
    """Let nobody else write to ``table`` until this transaction ends. Readers go on; a second caller waits.

    Call it before the transaction has written anything, or two callers could wait for each other.
    """
    if _has_many_locks(session):
        session.execute(text(f'LOCK TABLE "{table.name}" IN SHARE ROW EXCLUSIVE MODE'))
    else:
        _lock_all(session)


def lock_name(session: Session, name: str) -> None:
    """Let nobody else lock ``name`` until this transaction ends. It locks no row, so it holds up nobody else."""
    if _has_many_locks(session):
        session.execute(select(func.pg_advisory_xact_lock(func.hashtext(name))))
    else:
        _lock_all(session)


def _has_many_locks(session: Session) -> bool:
    return session.get_bind().dialect.name == "postgresql"


def _lock_all(session: Session) -> None:
    session.execute(select(literal(1)).with_for_update())  # takes SQLite's one lock for writers
