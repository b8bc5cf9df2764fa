"""Writes new rows by one statement each, without a flush, for verbs that run often and know everything they write.

A flush works out what to write, in which order, and on which pages it shows. Here the caller says it. The result is
that of a flush: the same row, the same revision, the same frame.
"""

from functools import cache

from sqlalchemy import inspect
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session, make_transient_to_detached
from sqlalchemy.orm.attributes import instance_dict, set_committed_value

from .announcements import publish_once_committed
from .broadcastable import BroadcastableRow
from .headed import Headed
from .prepared import Prepared, attach
from .streamable import Streamable, writing_connection
from .streams import key
from .transactions import notes

_INSERTS = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


def insert_row(session: Session, page: Streamable, row: BroadcastableRow, shown: dict) -> bool:
    """Write the new record ``row`` on the locked ``page``, and make it a record of ``session``.

    Attributes without a value get the default of their column. ``shown`` has the values of its relations and of its
    computed columns by their names, so that nothing reads them. Returns False, and writes nothing, where a unique
    constraint forbids the row. Fires no mapper events. Raises KeyError on a database other than SQLite and PostgreSQL.
    """
    cls, connection = type(row), writing_connection(session, row)
    row.stamp(page.revision + 1, created=True)
    values = {name: row.__dict__.get(name, default) for name, default in _defaults(cls).items()}
    id = _inserting(cls, connection.dialect.name).scalar(connection, values)
    if id is None:
        return False
    notes(session).written = True
    instance_dict(row).update(values, **{key(cls).key: id})
    instance_dict(row).update((name, value) for name, value in shown.items() if not isinstance(value, list))
    make_transient_to_detached(row)
    if (undone := session.identity_map.get(inspect(row).key)) is not None:
        session.expunge(undone)  # left by a transaction that was rolled back: SQLite uses its id again
    attach(session, row)
    for name, value in shown.items():
        if isinstance(value, list):
            set_committed_value(row, name, value)
    return True


def announce_row(session: Session, page: Streamable, row: BroadcastableRow, head=None) -> None:
    """Raise the revision of ``page`` for the row that ``insert_row`` has written, and announce it with the commit.

    ``head`` is what a ``Headed`` page's head shows now, if the caller knows it. Raises RuntimeError if another
    transaction has changed the page meanwhile, because it was not locked.
    """
    revision = page.advance(session, head) if isinstance(page, Headed) else page.advance(session)
    if revision != row.revision:
        raise RuntimeError(f"{page.stream_name} was not locked: it has revision {revision}, and its row {row.revision}")
    publish_once_committed(session, page, row.fragment(since=revision - 1))


@cache
def _inserting(cls: type[BroadcastableRow], dialect: str) -> Prepared:
    table = inspect(cls).local_table
    return Prepared(_INSERTS[dialect](table).on_conflict_do_nothing().returning(*table.primary_key))


@cache
def _defaults(cls: type[BroadcastableRow]) -> dict:
    """The default values of the columns, by their names. Callers must set what a column's default would compute."""
    key_name = key(cls).key
    columns = {name: attribute.columns[0] for name, attribute in inspect(cls).column_attrs.items()}
    table = inspect(cls).local_table
    return {
        name: column.default.arg if column.default is not None and column.default.is_scalar else None
        for name, column in columns.items()
        if getattr(column, "table", None) is table and name != key_name
    }
