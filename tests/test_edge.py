"""The edge: when it commits, when it does not, and what comes after. Tried on views, jobs and commands of its own."""

import click
import psycopg
import pytest
from sqlalchemy import event, select
from sqlalchemy.exc import OperationalError

from chatapp.edge import OnceCommitted, commit_each, committed, for_command, for_view, release_connection
from chatapp.extensions import db
from chatapp.models import User


@pytest.fixture
def request_context(app):
    with app.test_request_context("/", method="POST"):
        yield
        db.session.rollback()


def rename(user, name: str) -> None:
    db.session.get(User, user.id).name = name
    db.session.flush()


def saved_name(user) -> str:
    """As everybody else reads it."""
    with db.engine.connect() as connection:
        return connection.scalar(select(User.name).where(User.id == user.id))


@pytest.fixture
def conflict():
    """The database gives the first commit up."""
    commits = []

    def give_up(session) -> None:
        commits.append(session)
        if len(commits) == 1:
            raise OperationalError("COMMIT", {}, psycopg.errors.DeadlockDetected())

    event.listen(db.session, "before_commit", give_up)
    yield commits
    event.remove(db.session, "before_commit", give_up)


def test_what_a_view_answers_with_success_is_saved(alice, request_context):
    def view():
        rename(alice.user, "Alicia")
        return "Done", 201

    answer = for_view(view)()
    assert (answer.status_code, answer.get_data(as_text=True), saved_name(alice.user)) == (201, "Done", "Alicia")


@pytest.mark.parametrize("status", [403, 404, 422, 503])
def test_what_a_view_refuses_by_a_status_is_not_saved(alice, request_context, status):
    def view():
        rename(alice.user, "Alicia")
        return "No", status

    assert for_view(view)().status_code == status
    assert saved_name(alice.user) == "Alice"


def test_what_raises_is_not_saved(alice, request_context):
    def view():
        rename(alice.user, "Alicia")
        raise LookupError

    with pytest.raises(LookupError):
        for_view(view)()
    assert saved_name(alice.user) == "Alice"


def test_an_answer_that_waits_for_the_commit_sees_what_was_saved(alice, request_context):
    def view():
        rename(alice.user, "Alicia")
        return OnceCommitted(saved_name, alice.user)

    assert for_view(view)() == "Alicia"


def test_after_a_conflict_a_view_runs_once_more_and_is_answered_once(alice, request_context, conflict):
    runs, answers = [], []

    def view():
        runs.append("run")
        rename(alice.user, f"Alice {len(runs)}")
        return OnceCommitted(answers.append, "answered")

    for_view(view)()
    assert (runs, answers, saved_name(alice.user)) == (["run", "run"], ["answered"], "Alice 2")


def test_an_answer_is_not_made_where_the_commit_fails(request_context):
    def fail(session):
        raise RuntimeError("The database has gone")

    answers = []
    event.listen(db.session, "before_commit", fail)
    try:
        with pytest.raises(RuntimeError):
            for_view(lambda: OnceCommitted(answers.append, "answered"))()
    finally:
        event.remove(db.session, "before_commit", fail)
    assert answers == []


def test_a_connection_is_given_back_and_its_records_keep_their_values(alice, request_context):
    user = db.session.scalars(select(User).filter_by(id=alice.id)).one()
    taken = db.engine.pool.checkedout()
    release_connection()
    assert (db.engine.pool.checkedout(), user.name) == (taken - 1, "Alice")


@pytest.mark.parametrize("flushed", [True, False])
def test_a_connection_with_changes_is_not_given_back(alice, request_context, flushed):
    db.session.get(User, alice.id).name = "Alicia"
    if flushed:
        db.session.flush()
    with pytest.raises(RuntimeError):
        release_connection()
    db.session.rollback()
    assert saved_name(alice.user) == "Alice"


def test_a_statement_of_its_own_is_a_change_too(alice, request_context):
    db.session.execute(db.update(User).values(name="Alicia"))
    with pytest.raises(RuntimeError):
        release_connection()


def test_after_a_connection_was_given_back_there_is_still_a_second_try(alice, request_context):
    runs = []

    def run():
        runs.append("run")
        db.session.get(User, alice.id)
        release_connection()
        rename(alice.user, "Alicia")
        if len(runs) == 1:
            raise OperationalError("UPDATE", {}, psycopg.errors.DeadlockDetected())

    committed(run)
    assert (runs, saved_name(alice.user)) == (["run", "run"], "Alicia")


def test_from_its_first_commit_on_a_job_in_steps_runs_only_once(alice, request_context):
    runs = []

    def steps():
        runs.append("run")
        for number in (1, 2):
            rename(alice.user, f"Alice {number}")
            yield
            assert saved_name(alice.user) == f"Alice {number}"
        raise OperationalError("UPDATE", {}, psycopg.errors.DeadlockDetected())

    with pytest.raises(OperationalError):
        committed(lambda: list(commit_each(steps())))
    assert (runs, saved_name(alice.user)) == (["run"], "Alice 2")


def test_a_command_says_that_it_is_done_once_it_is(alice, app, conflict):
    runs = []

    @click.command()
    @for_command
    def command() -> str:
        runs.append("run")
        rename(alice.user, "Alicia")
        return "Renamed."

    result = app.test_cli_runner().invoke(command)
    assert (result.exit_code, result.output, len(runs)) == (0, "Renamed.\n", 2)
    assert saved_name(alice.user) == "Alicia"
