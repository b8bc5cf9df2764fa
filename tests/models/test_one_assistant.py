"""Two first questions at the same moment, in two processes."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, local

from sqlalchemy import event, select

from chatapp.extensions import db
from chatapp.models import User


def test_two_first_questions_at_once_make_one_assistant(app):
    both_have_looked, seen = Barrier(2), local()

    def wait_for_the_other(connection, cursor, statement, *_):
        if "users.kind" in statement and not hasattr(seen, "once"):
            seen.once = True
            both_have_looked.wait(30)

    def ask(_) -> int:
        with app.app_context():
            assistant = User.assistant()
            db.session.commit()
            return assistant.id

    event.listen(db.engine, "after_cursor_execute", wait_for_the_other)
    try:
        with ThreadPoolExecutor(2) as pool:
            ids = set(pool.map(ask, range(2)))
    finally:
        event.remove(db.engine, "after_cursor_execute", wait_for_the_other)
    assert len(ids) == 1
    assert db.session.scalars(select(User.id).where(User.kind == "assistant")).all() == list(ids)
