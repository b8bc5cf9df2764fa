"""Models that announce their own changes.

A ``Streamable`` is the record whose page is live; it counts the changes of that page in ``revision``.
A ``Broadcastable`` is a thing which that page shows, most often a ``BroadcastableRow``. Whatever creates,
changes or removes one, in whatever process, the session's events see it: they raise the streamable's
revision, stamp the row, render its partial once, and publish the fragment after the commit.
"""

from markupsafe import Markup
from sqlalchemy import Select, event, inspect, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column, object_session
from sqlalchemy.orm.attributes import set_committed_value

from .rendering import current_turbo, render
from .streams import Frame, dom_id, stream_name, turbo_stream
from .transactions import after_commit

_CHANGED = "turbo.changed"
# More changed rows than this, and a catch-up sends the whole page anew instead.
CATCH_UP_LIMIT = 100


class Broadcastable:
    """Something on a streamable's page that announces its own changes."""

    #: Columns that the page does not show: to change only these announces nothing.
    broadcast_ignores: frozenset[str] = frozenset()

    @property
    def broadcast_to(self) -> "Streamable":
        """The record on whose page this is shown."""
        raise NotImplementedError(f"{type(self).__name__} must say on whose page it is shown")

    def bury(self) -> None:
        """Become a tombstone; called instead of a DELETE when the session is told to delete the record."""
        raise TypeError(f"{type(self).__name__} records can't be deleted: an open page would never learn of it")

    def stamp(self, revision: int, created: bool) -> None:
        """Remember at which revision of the page this was made or last changed."""
        raise NotImplementedError

    def fragment(self, since: int) -> Markup:
        """The ``<turbo-stream>`` that brings a page of revision ``since`` up to this."""
        raise NotImplementedError

    def touch(self) -> None:
        """Announce this although none of its own columns changed: something that it shows did."""
        _collect(object_session(self), self)


class BroadcastableRow(Broadcastable):
    """A row of the list on a streamable's page.

    Its removal is a tombstone (the row stays, ``broadcast_removed`` is true), because a row that is gone can
    tell nobody that it went.
    """

    #: The template of one row, rendered with the row under its singular name. It may know no viewer.
    broadcast_partial: str

    broadcast_ignores = frozenset({"created_revision", "revision"})

    created_revision: Mapped[int] = mapped_column(default=0)
    revision: Mapped[int] = mapped_column(default=0)

    @property
    def broadcast_target(self) -> str:
        """The DOM id of the list that new rows are appended to."""
        raise NotImplementedError(f"{type(self).__name__} must say which list it is appended to")

    @property
    def broadcast_removed(self) -> bool:
        """True for a tombstone."""
        return False

    def stamp(self, revision: int, created: bool) -> None:
        self.revision = revision
        if created:
            self.created_revision = revision

    def fragment(self, since: int) -> Markup:
        """``append``, ``replace`` or ``remove``."""
        if self.broadcast_removed:
            return turbo_stream("remove", dom_id(self))
        html = render(self.broadcast_partial, self)
        if self.created_revision > since:
            return turbo_stream("append", self.broadcast_target, html)
        return turbo_stream("replace", dom_id(self), html)


class Streamable:
    """A record whose page is live."""

    revision: Mapped[int] = mapped_column(default=0)

    @property
    def stream_name(self) -> str:
        """The name of this record's stream, ``"blog_post:7"``."""
        return stream_name(self)

    def changed_since(self, revision: int) -> Select:
        """The rows of this page with a revision above ``revision``, oldest change first."""
        raise NotImplementedError

    def page_fragments(self) -> Markup:
        """Replaces everything on the page that is live, as a fresh page shows it."""
        raise NotImplementedError

    def part_fragments(self, since: int) -> Markup:
        """The parts of the page other than its rows that changed after ``since``."""
        return Markup("")

    def advance(self, session: Session) -> int:
        """Raise the revision by one. The row lock it takes is what puts all changes into one order."""
        cls = type(self)
        raised = update(cls).where(cls.id == self.id).values(revision=cls.revision + 1).returning(cls.revision)
        revision = session.execute(raised, execution_options={"synchronize_session": False}).scalar_one()
        set_committed_value(self, "revision", revision)
        return revision

    def catch_up(self, cursor: int, session: Session) -> Frame:
        """The frame from ``cursor`` to now.

        The revision is read before the rows: a row that changes in between is sent, and then sent again by
        its own frame, which does no harm; the other way round it would be missed.
        """
        cls = type(self)
        revision = session.scalar(select(cls.revision).where(cls.id == self.id))
        if not 0 <= cursor <= revision:
            return self._whole_page(revision)
        rows = session.scalars(self.changed_since(cursor).limit(CATCH_UP_LIMIT + 1)).all()
        if len(rows) > CATCH_UP_LIMIT:
            return self._whole_page(revision)
        rows = sorted(rows, key=lambda row: row.id)
        html = Markup("").join([self.part_fragments(cursor), *(row.fragment(since=cursor) for row in rows)])
        return Frame(cursor, revision, html)

    def _whole_page(self, revision: int) -> Frame:
        return Frame(0, revision, self.page_fragments(), full=True)


def _collect(session: Session, record: Broadcastable, created: bool = False) -> None:
    # A dict keeps the order; it also holds the records, which the session's weak identity map would let go.
    changed = session.info.setdefault(_CHANGED, {})
    changed[record] = created or changed.get(record, False)


def _shows_change(record: Broadcastable) -> bool:
    columns = inspect(type(record)).column_attrs.keys()
    history = inspect(record).attrs
    return any(history[name].history.has_changes() for name in columns if name not in record.broadcast_ignores)


@event.listens_for(Session, "before_flush")
def _bury_instead_of_delete(session: Session, context, instances) -> None:
    for record in list(session.deleted):
        if isinstance(record, Broadcastable):
            session.add(record)
            record.bury()


@event.listens_for(Session, "after_flush")
def _collect_flushed(session: Session, context) -> None:
    new, dirty, deleted = session.new, session.dirty, session.deleted
    for record in new:
        if isinstance(record, Broadcastable):
            _collect(session, record, created=True)
    for record in dirty:
        if isinstance(record, Broadcastable) and _shows_change(record):
            _collect(session, record)
    for record in new | deleted:
        for name in getattr(record, "broadcast_touches", ()):
            _collect(session, getattr(record, name))


@event.listens_for(Session, "before_commit")
def _announce(session: Session) -> None:
    if session.in_nested_transaction():
        return
    session.flush()
    by_page: dict[Streamable, dict[Broadcastable, bool]] = {}
    for record, created in session.info.pop(_CHANGED, {}).items():
        if record in session:  # else a SAVEPOINT that made it was rolled back
            by_page.setdefault(record.broadcast_to, {})[record] = created
    # Always in the same order, or two transactions could each hold the row that the other one waits for.
    for page in sorted(by_page, key=stream_name):
        _announce_on(session, page, by_page[page])


def _announce_on(session: Session, page: Streamable, records: dict[Broadcastable, bool]) -> None:
    revision = page.advance(session)
    for record, created in records.items():
        record.stamp(revision, created)
    session.flush()
    html = Markup("").join(record.fragment(since=revision - 1) for record in records)
    frame, name, turbo = Frame(revision - 1, revision, html), page.stream_name, current_turbo()
    after_commit(session, lambda: turbo.publish(name, frame))


@event.listens_for(Session, "after_soft_rollback")
def _forget(session: Session, previous_transaction) -> None:
    if not previous_transaction.nested:
        session.info.pop(_CHANGED, None)
