"""Records whose pages are live."""

from collections.abc import Iterable
from functools import cache

from markupsafe import Markup
from sqlalchemy import ColumnElement, Connection, Select, Table, bindparam, inspect, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column, object_session
from sqlalchemy.orm.attributes import set_committed_value

from .prepared import Prepared, PreparedQuery
from .streams import Frame, record_id, stream_name
from .transactions import notes

#: Less than every revision.
NOTHING = -1
#: The lock that raising the revision takes. Other transactions can still refer to the row by a foreign key.
ROW_LOCK = {"key_share": True}
#: The parameter of a statement about one page.
PAGE = "turbo_page_id"
#: With more changed rows than this, a catch-up sends the whole page instead.
CATCH_UP_LIMIT = 100


class Streamable:
    """A record whose page is live. It counts the changes of that page in ``revision``."""

    revision: Mapped[int] = mapped_column(default=0)

    @property
    def stream_name(self) -> str:
        """The name of this record's stream, ``"blog_post:7"``."""
        return stream_name(self)

    @property
    def new_head(self) -> Markup | None:
        """What the newest revision changed in the lists of such pages; see ``Headed``."""
        return None

    def changed_since(self, revision: int) -> Select:
        """The rows of this page with a revision above ``revision``, oldest change first."""
        raise NotImplementedError

    def page_fragments(self, since: int) -> Markup:
        """Replaces every live part of the page by that of a fresh page.

        ``since`` is the revision that the page shows, or -1 where it is unknown. Parts that only some pages have may
        be left out if they have not changed since.
        """
        raise NotImplementedError

    def part_fragments(self, since: int) -> Markup:
        """The parts of the page other than its rows that changed after ``since``."""
        return Markup("")

    def lock(self) -> None:
        """Make other transactions that change this page wait until this one ends, and read this record again.

        Harmless to repeat. Saves a record that was not saved yet. A transaction that changes several pages first locks
        all of them by ``lock_pages``.
        """
        session = object_session(self)
        if session is not None and self not in notes(session).fresh:
            session.flush()  # otherwise the read would overwrite unsaved changes
            session.refresh(self, with_for_update=ROW_LOCK)
            notes(session).locked.add(self)
            notes(session).fresh.add(self)

    def advance(self, session: Session) -> int:
        """Raise the revision by one. The row lock that this takes puts all changes into one order."""
        row = _raising(type(self)).one(writing_connection(session, self), {PAGE: record_id(self)})
        notes(session).written = True
        set_committed_value(self, "revision", row.revision)
        return row.revision

    def catch_up(self, cursor: int, session: Session) -> Frame:
        """The frame from ``cursor`` to now.

        Reads the revision before the rows. A row that changes in between comes again with its own frame, which does no
        harm. In the other order the page would miss it.
        """
        session.refresh(self)  # the revision and the other columns, all of the same moment
        revision = self.revision
        if not 0 <= cursor <= revision:
            return self._whole_page(revision, NOTHING)
        rows = session.scalars(self.changed_since(cursor).limit(CATCH_UP_LIMIT + 1)).all()
        if len(rows) > CATCH_UP_LIMIT:
            return self._whole_page(revision, cursor)
        rows = sorted(rows, key=lambda row: row.broadcast_position)
        html = Markup("").join([self.part_fragments(cursor), *(row.fragment(since=cursor) for row in rows)])
        return Frame(cursor, revision, html)

    def _whole_page(self, revision: int, since: int) -> Frame:
        return Frame(0, revision, self.page_fragments(since), full=True)


def to_lock(query: Select) -> PreparedQuery:
    """``query``, which selects pages, for ``lock_found``."""
    return PreparedQuery(query.with_for_update(**ROW_LOCK).execution_options(populate_existing=True))


def lock_found(session: Session, query: PreparedQuery, parameters: dict) -> Streamable | None:
    """The one page that ``to_lock(…)`` selects, locked and read behind the lock; None where it selects none.

    PostgreSQL reads other tables as they were before it waited for the lock. So conditions on them must be checked
    again, behind the lock.
    """
    found = query.first(session, parameters)
    if found is None:
        return None
    (page,) = found
    notes(session).locked.add(page)
    notes(session).fresh.add(page)
    return page


# Each commit sends these. SQLAlchemy takes longer to put a statement together than to send it, so each model's are made
# once, with a parameter for the row.


def counted(cls: type[Streamable]) -> tuple[Table, ColumnElement[bool]]:
    """The table that holds the revisions of ``cls`` records, and the condition for the row of the parameter PAGE.

    A model that inherits from another has its columns in two tables.
    """
    (column,) = inspect(cls).attrs.revision.columns
    (id,) = column.table.primary_key
    return column.table, id == bindparam(PAGE, type_=id.type)


@cache
def _raising(cls: type[Streamable]) -> Prepared:
    table, this_row = counted(cls)
    raising = update(table).where(this_row).values(revision=table.c.revision + 1)
    return Prepared(raising.returning(table.c.revision))


@cache
def _locking(cls: type[Streamable]) -> Prepared:
    table, this_row = counted(cls)
    return Prepared(select(table.c.revision).where(this_row).with_for_update(**ROW_LOCK))


def connection_of(session: Session, record) -> Connection:
    """The session's connection to the database of ``record``, which may be a model. Statements there fire no session
    events."""
    return session.connection(bind_arguments={"mapper": inspect(record if isinstance(record, type) else type(record))})


def writing_connection(session: Session, record) -> Connection:
    """``connection_of``, for a transaction that writes: it asks the session once, and keeps the answer.

    Raises PendingRollbackError, as the session does, after a failed flush has ended the transaction.
    """
    kept, cls = notes(session).connections, type(record)
    if cls not in kept or not kept[cls].in_transaction():
        kept[cls] = connection_of(session, record)
    return kept[cls]


def lock_pages(session: Session, pages: Iterable[Streamable]) -> None:
    """Lock these pages, always in the order of their names.

    Otherwise two transactions could each hold the page that the other one waits for.
    """
    known = [page for page in pages if inspect(page).persistent and page not in notes(session).locked]
    for page in sorted(known, key=stream_name):
        _locking(type(page)).rows(writing_connection(session, page), {PAGE: record_id(page)})
        notes(session).locked.add(page)
