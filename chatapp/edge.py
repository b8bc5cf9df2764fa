"""The edge: runs a view, a job or a command and commits what it changed. Nothing else commits."""

from collections.abc import Callable, Iterable, Iterator
from functools import partial, wraps
from typing import TypeVar

import click
from flask import g, make_response

from .extensions import db
from .turbo import again_after_conflict, has_written

T = TypeVar("T")


class OnceCommitted(partial):
    """An answer of a view that the edge makes after the commit.

    ``OnceCommitted(sent, message, 201)`` calls ``sent(message, 201)``. What the answer shows is saved by then. Its side
    effects (a notice, a cookie, a word to Redis) happen once, and only if the change did.
    """


def committed(run: Callable[[], T], unless: Callable[[T], bool] = lambda result: False) -> T:
    """Commits what ``run()`` changes and returns its result; rolls back where ``unless(result)``, or where it raises.

    It calls ``run`` again if the database gave the transaction up because of another one. So ``run`` looks everything
    up itself, and has no effect outside of the database.
    """

    def attempt() -> T:
        result = run()
        db.session.rollback() if unless(result) else db.session.commit()
        return result

    return again_after_conflict(db.session(), attempt)


def commit_each(steps: Iterable[None]) -> Iterator[None]:
    """Commits after each of ``steps``, for a job that shows its progress, and yields after each commit.

    After the first commit, the job is not run again.
    """
    for _ in steps:
        db.session.commit()
        yield


def release_connection() -> None:
    """Give the database connection back while something slow happens. Records keep their values.

    Only for code that has changed nothing yet. Raises RuntimeError after a change, which this would save.
    """
    session = db.session()
    if session.new or session.dirty or session.deleted or has_written(session):
        raise RuntimeError("The edge commits changes, and nothing else does.")
    session.commit()


def for_view(view: Callable) -> Callable:
    """Wraps a view that may change something. Nothing is committed where it refuses, by an exception or by its status.

    The second try looks everything up again, so somebody who was removed in between gets 404. Rate limits count it as
    the same request.
    """

    @wraps(view)
    def run(**arguments):
        tries = iter((False, True))

        def attempt():
            g.second_try = next(tries)
            answer = view(**arguments)
            return answer if isinstance(answer, OnceCommitted) else make_response(answer)

        answer = committed(attempt, unless=_refuses)
        return answer() if isinstance(answer, OnceCommitted) else answer

    return run


def _refuses(answer) -> bool:
    return not isinstance(answer, OnceCommitted) and answer.status_code >= 400


def for_command(command: Callable[..., str]) -> Callable[..., None]:
    """Wraps a command of the shell, which returns the line that it prints once its change is saved."""

    @wraps(command)
    def run(**arguments):
        click.echo(committed(lambda: command(**arguments)))

    return run
