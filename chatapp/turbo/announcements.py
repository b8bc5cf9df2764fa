"""The session's events. They announce each change when, and only when, it is committed.

Before the first write they lock the pages concerned. Before the commit they raise the revision of each page, stamp the
changed records with it and render their partials once. After the commit they publish the fragments.

Only the sessions of a factory given to ``listen`` announce anything.
"""

from functools import partial
from itertools import chain, groupby

from markupsafe import Markup
from sqlalchemy.orm import Session, scoped_session, sessionmaker

from . import transactions
from .broadcastable import Broadcastable, collect
from .rendering import current_turbo
from .shown import read_again, shows_change, touched
from .streamable import Streamable, lock_pages
from .streams import Frame, stream_name
from .transactions import after_commit, listen_once, notes


def listen(sessions: sessionmaker | scoped_session) -> None:
    """Announce what the sessions made by ``sessions`` commit. Harmless to repeat."""
    transactions.listen(sessions)
    listen_once(sessions, before_flush=_prepare, after_flush=_collect_flushed, before_commit=_announce)


def _prepare(session: Session, context, instances) -> None:
    _bury_instead_of_delete(session)
    _collect_touched(session)
    # The flush locks the rows that it writes, so the pages come first: transactions wait for pages, never for rows.
    modified = filter(session.is_modified, session.dirty)
    lock_pages(session, _pages_of(chain(session.new, modified, notes(session).changed)))


def _bury_instead_of_delete(session: Session) -> None:
    for record in list(session.deleted):
        if isinstance(record, Broadcastable):
            session.add(record.bury())


def _collect_touched(session: Session) -> None:
    changed = filter(shows_change, session.dirty)
    for record in list(chain(session.new, session.deleted, changed)):
        for other in touched(record):
            collect(session, other)


def _pages_of(records) -> set[Streamable]:
    # A new record that names its page by id alone has no page object yet. `_announce` finds it after the flush.
    return {record.broadcast_to for record in records if isinstance(record, Broadcastable)} - {None}


def _collect_flushed(session: Session, context) -> None:
    for record in session.new:
        if isinstance(record, Broadcastable):
            collect(session, record, created=True)
    for record in session.dirty:
        if isinstance(record, Broadcastable) and shows_change(record):
            collect(session, record, grown=not shows_change(record, besides=getattr(record, "broadcast_grows", ())))


def _announce(session: Session) -> None:
    if session.in_nested_transaction():
        return
    session.flush()
    by_page: dict[Streamable, dict[Broadcastable, bool]] = {}
    for record, created in notes(session).changed.items():
        # A record has left the session if the SAVEPOINT that made it was rolled back.
        if record in session and (page := record.broadcast_to) is not None:
            by_page.setdefault(page, {})[record] = created
    lock_pages(session, by_page)
    for page in sorted(by_page, key=stream_name):
        _announce_on(session, page, by_page[page])
    notes(session).changed_around.clear()
    notes(session).changed.clear()  # stamping the records is not a further change


def _announce_on(session: Session, page: Streamable, records: dict[Broadcastable, bool]) -> None:
    revision = page.advance(session)
    _read_again(session, records)
    for record, created in records.items():
        record.stamp(revision, created)
    session.flush()
    fragments = [record.fragment(since=revision - 1) for record in records]
    publish_once_committed(session, page, None if None in fragments else Markup("").join(fragments))


def publish_once_committed(session: Session, page: Streamable, html: Markup | None) -> None:
    """Hand the change counted by ``page.advance`` to Redis once ``session`` commits."""
    frame = Frame(page.revision - 1, page.revision, html, head=page.new_head)
    after_commit(session, partial(current_turbo().publish, page.stream_name, frame))


def _read_again(session: Session, records: dict[Broadcastable, bool]) -> None:
    # Behind the page's lock a new read finds every change.
    for cls, alike in groupby(sorted(records, key=_class_name), key=type):
        alike = list(alike)
        read_again(session, cls, alike, [record for record in alike if records[record]])


def _class_name(record: Broadcastable) -> str:
    return type(record).__name__
