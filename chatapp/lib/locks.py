"""Locks that a transaction holds until it ends, on SQLite and PostgreSQL."""

from sqlalchemy import Table, literal, select, text
from sqlalchemy.orm import Session


def lock_table(session: Session, table: Table) -> None:
    """Let nobody else write to ``table`` until this transaction ends. Readers go on; a second caller waits.

    Call it before the transaction has written anything, or two callers could wait for each other.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text(f'LOCK TABLE "{table.name}" IN SHARE ROW EXCLUSIVE MODE'))
    else:
        session.execute(select(literal(1)).with_for_update())  # takes SQLite's one lock for writers
