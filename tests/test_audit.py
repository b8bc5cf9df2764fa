"""Each log-in and each refusal is one line of the log, which never holds what somebody typed."""

import logging

import pytest
from sqlalchemy import event

from chatapp.extensions import db
from tests.visitors import PASSWORD


@pytest.fixture
def lines(app, caplog):
    """``lines()`` returns the lines of the audit log so far."""
    caplog.set_level(logging.INFO)
    return lambda: [record.getMessage() for record in caplog.records if record.name == "audit"]


def log_in(visitor, email="alice@example.com", password=PASSWORD):
    return visitor.reload().submit("/login", {"email": email, "password": password})


def test_a_log_in_and_a_log_out_are_a_line_each(lines, client, alice):
    visitor = client()
    log_in(visitor)
    visitor.reload().submit("/logout")
    who = f"user {alice.id} from 127.0.0.1"
    assert lines() == [f"log-in: {who}", f"log-out: {who}"]


def test_a_wrong_password_is_one_line_that_names_the_account_and_shows_nothing_typed(lines, client, alice, caplog):
    log_in(client(), password="not-the-password")
    log_in(client(), email="nobody@example.com")
    assert lines() == [
        f"log-in refused: user {alice.id} from 127.0.0.1",
        "log-in refused: nobody known from 127.0.0.1",
    ]
    for word in ("not-the-password", "nobody@example.com", "Traceback"):
        assert word not in caplog.text


def test_a_sign_up_is_a_line(lines, anonymous):
    anonymous.submit("/signup", {"name": "Dora", "email": "dora@example.com", "password": PASSWORD})
    assert [line.partition(":")[0] for line in lines()] == ["sign-up", "log-in"]


def test_an_administrator_who_gives_a_chat_away_is_a_line(lines, admin, alice, bob, chat):
    alice.user.deactivate()
    db.session.commit()
    admin.submit(f"/orphans/{chat.id}", {"manager": str(bob.id)}, method="PATCH")
    assert lines()[-1] == f"chat {chat.id} given to user {bob.id}: user {admin.id} from 127.0.0.1"


def test_what_was_not_committed_has_not_happened(lines, client, alice, anonymous):
    def fail(session, *_):
        raise RuntimeError("The database has gone")

    newcomer = {"name": "Dora", "email": "dora@example.com", "password": PASSWORD}
    for visitor, path, form in (
        (client(), "/login", {"email": "alice@example.com", "password": PASSWORD}),
        (anonymous, "/signup", newcomer),
        (alice, "/logout", {}),
    ):
        visitor.token  # noqa: B018  asked for before anything fails
        before = lines()
        event.listen(db.session, "before_flush", fail)
        try:
            with pytest.raises(RuntimeError):
                visitor.submit(path, form)
        finally:
            event.remove(db.session, "before_flush", fail)
        assert lines() == before


def test_a_refusal_is_a_line_that_says_who_asked_for_what(lines, alice, bob, chat):
    message = chat.post(alice.user, "Mine")
    db.session.commit()
    bob.send(chat, "Hello")
    bob.turbo("DELETE", f"/messages/{message.id}")
    assert lines()[-1] == f"refused with 403, DELETE /messages/{message.id}: user {bob.id} from 127.0.0.1"


def test_too_many_requests_are_a_line_each_and_no_second_one(lines, app, monkeypatch, client, alice, caplog):
    monkeypatch.setitem(app.config, "LOGIN_RATE", "1 per minute")
    for _ in range(2):
        log_in(client(), password="wrong")
    assert lines()[-1] == "refused with 429, POST /login: nobody known from 127.0.0.1"
    assert "ratelimit" not in caplog.text


def test_a_path_forges_no_line(lines, alice):
    alice.open("POST", "/chats/%0Alog-in:%20user%201", headers={"X-CSRFToken": "wrong"})
    alice.open("POST", "/login", headers={"X-CSRFToken": "wrong"})
    assert lines() and not any("\n" in line for line in lines())
