"""What accompanies a session's transaction: callbacks for after its commit, and notes that end with it.

Rolling back a SAVEPOINT drops the callbacks and notes made since it began. Only the sessions of a factory given to
``listen`` have them.
"""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from sqlalchemy import Connection, event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import ORMExecuteState, Session, scoped_session, sessionmaker

from .together import together

log = logging.getLogger(__name__)
T = TypeVar("T")

_NOTES, _SAVEPOINTS, _COMMITS = "turbo.notes", "turbo.savepoints", "turbo.commits"
#: Seconds before a second try. PostgreSQL gives a free row to the first that asks, not to the one that waits. Without
#: a pause the second try could take the same lock before the other transaction does, and conflict with it again.
PAUSE = 0.1
#: PostgreSQL's serialization_failure and deadlock_detected. SQLite has neither, because its writers queue.
_LOST = {"40001", "40P01"}


@dataclass
class Notes:
    """The notes of one transaction until it ends."""

    callbacks: list[Callable[[], None]] = field(default_factory=list)
    #: Callbacks that run after all others.
    last: list[Callable[[], None]] = field(default_factory=list)
    #: The records to announce, with True for new ones. The dict keeps their order, and keeps them alive, because the
    #: session holds weak references only.
    changed: dict[object, bool] = field(default_factory=dict)
    #: The records among them that changed in more than a growing text.
    changed_around: set[object] = field(default_factory=set)
    #: The pages that it has locked, and the records read since.
    locked: set[object] = field(default_factory=set)
    fresh: set[object] = field(default_factory=set)
    #: Its connections, by the models that it writes.
    connections: dict[type, Connection] = field(default_factory=dict)
    #: Whether it has written anything.
    written: bool = False

    def copy(self) -> "Notes":
        around, locked, fresh = set(self.changed_around), set(self.locked), set(self.fresh)
        callbacks, last = list(self.callbacks), list(self.last)
        return Notes(callbacks, last, dict(self.changed), around, locked, fresh, self.connections, self.written)


def listen(sessions: sessionmaker | scoped_session) -> None:
    """Accompany the transactions of all sessions that ``sessions`` makes. Harmless to repeat."""
    listen_once(
        sessions,
        after_flush=_note_that_it_writes,
        do_orm_execute=_note_a_statement_that_writes,
        after_commit=_run,
        after_transaction_create=_remember,
        after_soft_rollback=_go_back,
        after_transaction_end=_forget,
    )


def listen_once(sessions: sessionmaker | scoped_session, **listeners: Callable) -> None:
    """Have ``listeners``, by the names of their events, hear the sessions of this factory, and no others.

    A factory makes sessions of a class of its own, and that is what hears the events. An app that is created a second
    time brings the same factory; its sessions still hear each event once.
    """
    cls = session_class(sessions)
    for name, listener in listeners.items():
        if not event.contains(cls, name, listener):
            event.listen(cls, name, listener)


def session_class(sessions: sessionmaker | scoped_session) -> type[Session]:
    """Returns the class of this factory's sessions. Raises TypeError for a factory without a class of its own."""
    factory = sessions.session_factory if isinstance(sessions, scoped_session) else sessions
    if not isinstance(factory, sessionmaker):
        raise TypeError(f"{factory!r} is no sessionmaker, so its sessions can't be told from others")
    return factory.class_


def notes(session: Session) -> Notes:
    """The notes of the session's transaction. Begins a transaction where the session has none.

    Raises TypeError for a session that ``listen`` does not know: nothing would notice its commit.
    """
    # Asked many times in a transaction, so the answer is kept; a class that does not listen yet may do so later.
    if _NOTES not in session.info and not _listens(type(session)):
        raise TypeError(f"{session!r} is not of the factory that Turbo.init_app was given")
    if not session.in_transaction():
        session.begin()  # otherwise a rollback would find no transaction, and would not drop the notes
    return session.info.setdefault(_NOTES, Notes())


def _listens(cls: type[Session]) -> bool:
    return any(event.contains(above, "after_commit", _run) for above in cls.__mro__ if issubclass(above, Session))


def after_commit(session: Session, callback: Callable[[], None]) -> None:
    """Call ``callback()`` once ``session`` has committed; never if it, or the SAVEPOINT that it is in, rolls back.

    The callback must not use the session, because SQLAlchemy allows no SQL there. Pass it plain values. An exception in
    it is logged, because the commit has already happened, and the other callbacks run all the same. What they all tell
    Redis goes there together, see ``tell``.
    """
    notes(session).callbacks.append(callback)


def after_publication(session: Session, callback: Callable[[], None]) -> None:
    """As ``after_commit``, but not before Redis was told what the commit changes on live pages.

    For a callback that leads to more changes of the same pages, such as one that queues a job.
    """
    notes(session).last.append(callback)


def has_written(session: Session) -> bool:
    """Whether the session has sent changes to the database that are not committed."""
    return session.info.get(_NOTES, Notes()).written


def again_after_conflict(session: Session, run: Callable[[], T]) -> T:
    """``run()``, and once more if the database gave its transaction up because of another one.

    That happens with a deadlock or a serialisation failure. There is no second try if ``run`` has committed changes.
    Whatever it raises, its locks are released first.
    """
    commits = session.info.get(_COMMITS, 0)
    try:
        return run()
    except BaseException as error:
        session.rollback()
        if not is_conflict(error) or session.info.get(_COMMITS, 0) != commits:
            raise
        log.info("once more after a conflict: %s", error)
    time.sleep(PAUSE)
    return run()


def is_conflict(error: BaseException) -> bool:
    """Whether the database gave a transaction up because of another one."""
    return isinstance(error, DBAPIError) and getattr(error.orig, "sqlstate", None) in _LOST


def _note_that_it_writes(session: Session, context) -> None:
    notes(session).written = True


def _note_a_statement_that_writes(state: ORMExecuteState) -> None:
    if state.is_insert or state.is_update or state.is_delete:
        notes(state.session).written = True


def _run(session: Session) -> None:
    # Releasing a SAVEPOINT fires this event too, and what it released may still roll back.
    if session.in_nested_transaction():
        return
    ended = session.info.pop(_NOTES, Notes())
    session.info[_COMMITS] = session.info.get(_COMMITS, 0) + ended.written
    _call([lambda: _call_together(ended.callbacks), *ended.last])


def _call_together(callbacks: list[Callable[[], None]]) -> None:
    with together():
        _call(callbacks)


def _call(callbacks: list[Callable[[], None]]) -> None:
    for callback in callbacks:
        try:
            callback()
        except Exception:
            log.exception("what was to happen after a commit failed")


def _remember(session: Session, transaction) -> None:
    if transaction.nested:
        session.info.setdefault(_SAVEPOINTS, {})[transaction] = notes(session).copy()


def _go_back(session: Session, transaction) -> None:
    # A failed flush fires this event too. The SAVEPOINT or transaction around it then fires its own.
    if transaction.nested:
        session.info[_NOTES] = session.info[_SAVEPOINTS].pop(transaction)


def _forget(session: Session, transaction) -> None:
    if transaction.parent is None:
        session.info.pop(_NOTES, None)
        session.info.pop(_SAVEPOINTS, None)
