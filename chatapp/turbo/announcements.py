"""The session's events: what was changed is announced when, and only when, it is committed.

Before the commit they raise the revision of each page concerned, stamp what changed on it and render its partials
once; after the commit they publish the fragments.
"""

from markupsafe import Markup
from sqlalchemy import event, inspect
from sqlalchemy.orm import Session

from .broadcastable import CHANGED, Broadcastable, collect
from .rendering import current_turbo
from .streamable import Streamable
from .streams import Frame, stream_name
from .transactions import after_commit


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
            collect(session, record, created=True)
    for record in dirty:
        if isinstance(record, Broadcastable) and _shows_change(record):
            collect(session, record)
    for record in new | deleted:
        for name in getattr(record, "broadcast_touches", ()):
            collect(session, getattr(record, name))


@event.listens_for(Session, "before_commit")
def _announce(session: Session) -> None:
    if session.in_nested_transaction():
        return
    session.flush()
    by_page: dict[Streamable, dict[Broadcastable, bool]] = {}
    for record, created in session.info.pop(CHANGED, {}).items():
        if record in session:  # else a SAVEPOINT that made it was rolled back
            by_page.setdefault(record.broadcast_to, {})[record] = created
    # Always in the same order, or two transactions could each hold the row that the other one waits for.
    for page in sorted(by_page, key=stream_name):
        _announce_on(session, page, by_page[page])


def _announce_on(session: Session, page: Streamable, records: dict[Broadcastable, bool]) -> None:
    revision = page.advance(session)
    for record, created in records.items():
        if not created:
            _read_again(session, record)
        record.stamp(revision, created)
    session.flush()
    html = Markup("").join(record.fragment(since=revision - 1) for record in records)
    frame, name, turbo = Frame(revision - 1, revision, html), page.stream_name, current_turbo()
    after_commit(session, lambda: turbo.publish(name, frame))


def _read_again(session: Session, record: Broadcastable) -> None:
    # Another transaction may have changed it since it was read here. Whoever holds the page's lock shows all of it.
    session.refresh(record, inspect(type(record)).column_attrs.keys())


@event.listens_for(Session, "after_soft_rollback")
def _forget(session: Session, previous_transaction) -> None:
    if not previous_transaction.nested:
        session.info.pop(CHANGED, None)
