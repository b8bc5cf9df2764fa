"""Changing one's password."""

import pytest
from sqlalchemy import update

from chatapp.extensions import db
from chatapp.lib import passwords
from chatapp.models import User
from tests.visitors import PASSWORD

from .test_sessions import log_in, sessions_of

NEW = "a few words of my own"


def change(visitor, current=PASSWORD, password=NEW):
    return visitor.submit("/profile/password", {"current": current, "password": password})


def hash_of(visitor) -> str:
    return db.session.get(User, visitor.id, populate_existing=True).password_hash


def test_the_new_password_logs_in_and_the_old_one_no_longer(client, alice):
    answer = change(alice)
    assert (answer.status_code, answer.location) == (303, "/profile")
    assert "Your password is changed." in alice.get("/profile").text
    assert log_in(client()).status_code == 422
    assert log_in(client(), password=NEW).status_code == 303


def test_all_other_sessions_end_and_this_one_goes_on(client, alice):
    elsewhere = client()
    log_in(elsewhere)
    alice.get("/")
    assert len(sessions_of(alice)) == 2
    change(alice)
    assert len(sessions_of(alice)) == 1
    assert alice.get("/").status_code == 200
    assert elsewhere.get("/").location == "/login"


@pytest.mark.parametrize(
    "current, password, reason",
    [
        ("not my password", NEW, "This is not your password."),
        ("", NEW, "Enter your password."),
        (PASSWORD, "", "Choose a password."),
        (PASSWORD, "sh0rt", "Use 8 to 256 characters."),
        (PASSWORD, "alice1234", "easy to guess"),
    ],
)
def test_what_does_not_fit_is_refused_and_nobody_is_logged_out(client, alice, current, password, reason):
    elsewhere = client()
    log_in(elsewhere)
    before = hash_of(alice)
    answer = change(alice, current, password)
    assert answer.status_code == 422 and reason in answer.text
    assert password not in answer.text or not password
    assert hash_of(alice) == before and elsewhere.get("/").status_code == 200


def test_of_two_changes_at_once_the_second_proves_nothing_any_more(alice, monkeypatch):
    """Somebody else changes it while this one's hash is computed."""
    original, other = passwords.hash_of, passwords.hash_of("another one of my own")

    def slowly(password):
        theirs = update(User).where(User.id == alice.id).values(password_hash=other)
        db.session.execute(theirs, execution_options={"synchronize_session": False})
        return original(password)

    monkeypatch.setattr("chatapp.models.user.passwords.hash_of", slowly)
    answer = change(alice)
    assert answer.status_code == 422 and "This is not your password." in answer.text


def test_guesses_are_limited(app, monkeypatch, alice):
    monkeypatch.setitem(app.config, "LOGIN_RATE", "2 per hour")
    assert [change(alice, "a guess").status_code for _ in range(3)] == [422, 422, 429]


def test_where_too_many_log_in_at_once_one_tries_again(alice, monkeypatch):
    def busy(*_):
        raise passwords.Busy

    monkeypatch.setattr("chatapp.lib.passwords.belongs", busy)
    answer = change(alice)
    assert answer.status_code == 503 and "Try again in a moment." in answer.text
