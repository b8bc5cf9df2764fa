"""Things that must happen only if, and only after, the outermost transaction commits."""

from collections.abc import Callable

from sqlalchemy import event
from sqlalchemy.orm import Session

_CALLBACKS = "turbo.after_commit"


def after_commit(session: Session, callback: Callable[[], None]) -> None:
    """Call ``callback()`` once ``session`` has committed; never if it rolls back.

    The callback may not use the session: SQLAlchemy allows no SQL there. Pass it plain values.
    """
    if not session.in_transaction():
        session.begin()  # or a rollback would find nothing to roll back, and forget nothing
    session.info.setdefault(_CALLBACKS, []).append(callback)


@event.listens_for(Session, "after_commit")
def _run(session: Session) -> None:
    # Releasing a SAVEPOINT fires this event too, and what it released may still roll back.
    if not session.in_nested_transaction():
        for callback in session.info.pop(_CALLBACKS, ()):
            callback()


@event.listens_for(Session, "after_soft_rollback")
def _forget(session: Session, previous_transaction) -> None:
    if not previous_transaction.nested:
        session.info.pop(_CALLBACKS, None)
