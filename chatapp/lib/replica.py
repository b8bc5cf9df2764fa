"""Reads from a streaming replica of PostgreSQL what the primary would say as well.

A replica follows the primary by its log. Here it answers only if it has replayed everything that the primary had
written when the question came. So a reader sees no less than on the primary, withdrawn rights included. If it is
behind, away or not a replica any more, the primary answers.
"""

import logging
import time
from collections import Counter
from collections.abc import Callable
from functools import wraps
from typing import TypeVar

from flask_sqlalchemy.session import Session
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

T = TypeVar("T")

log = logging.getLogger(__name__)

#: Seconds between the checks whether the replica has followed. After the last one the primary answers.
PAUSES = (0.002, 0.005, 0.01)
#: Seconds for which a replica that failed is not asked again.
REST = 10.0
#: The key under which a session keeps the engine that answers its queries.
ENGINE = "replica"

WRITTEN = text("SELECT pg_current_wal_flush_lsn()::text")
#: A replica that has become a primary no longer follows ours.
FOLLOWED = text("SELECT pg_is_in_recovery(), pg_last_wal_replay_lsn() >= CAST(:written AS pg_lsn)")


class RoutedSession(Session):
    """Sends its queries to the replica inside ``Replica.read``, and its changes to the primary."""

    def get_bind(self, mapper=None, clause=None, bind=None, **options) -> Engine:
        engine = self.info.get(ENGINE)
        if engine is not None and bind is None and not self._flushing and (clause is None or clause.is_select):
            return engine
        return super().get_bind(mapper=mapper, clause=clause, bind=bind, **options)


class Replica:
    """``figures`` counts what was read by the server that answered: ``replica`` or ``primary``."""

    def __init__(self):
        self.engine: Engine | None = None
        self.figures: Counter[str] = Counter()
        self._rests_until = 0.0  # on time.monotonic()'s clock

    def init_app(self, db, engine: Engine | None) -> None:
        """``db`` is a Flask-SQLAlchemy with sessions of ``RoutedSession``. Without an engine there is no replica."""
        self.db, self.engine = db, engine

    def view(self, view: Callable) -> Callable:
        """Wraps a view that changes nothing: the replica answers its queries if it has followed."""

        @wraps(view)
        def run(**arguments):
            return self.read(lambda: view(**arguments))

        return run

    def read(self, ask: Callable[[], T]) -> T:
        """The result of ``ask()``, which reads by ``db.session`` and changes nothing.

        ``ask()`` runs once more, on the primary, if the replica fails in the middle.
        """
        session = self.db.session()
        if self.engine is None or ENGINE in session.info or not self._has_followed(session):
            return ask()
        session.info[ENGINE] = self.engine
        try:
            result = ask()
            self.figures["replica"] += 1
            return result
        except DBAPIError as error:
            self._rest(error)
            session.rollback()
        finally:
            del session.info[ENGINE]
        self.figures["primary"] += 1
        return ask()

    def _has_followed(self, session: Session) -> bool:
        if time.monotonic() >= self._rests_until and self._reaches(session.scalar(WRITTEN)):
            return True
        self.figures["primary"] += 1
        return False

    def _reaches(self, written: str) -> bool:
        try:
            with self.engine.connect() as connection:
                for pause in (*PAUSES, None):
                    follows, reached = connection.execute(FOLLOWED, {"written": written}).one()
                    if not follows:
                        self._rest("it follows no primary")
                    if reached or not follows or pause is None:
                        return bool(follows and reached)
                    time.sleep(pause)
        except SQLAlchemyError as error:
            self._rest(error)
        return False

    def _rest(self, reason: object) -> None:
        self._rests_until = time.monotonic() + REST
        log.warning("The primary answers for the replica: %s", str(reason).partition("\n")[0])
