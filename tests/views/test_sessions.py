import re
from datetime import timedelta

import pytest
from argon2 import extract_parameters
from sqlalchemy import delete, event, select, update

from chatapp.extensions import db
from chatapp.lib import passwords
from chatapp.models import Session, User
from chatapp.models.mixins.timestamps import now
from chatapp.models.session import SEEN_EVERY
from tests.visitors import PASSWORD

WRONG = "That e-mail and password do not belong together."


def log_in(visitor, email="alice@example.com", password=PASSWORD, next=None):
    return visitor.submit("/login", {"email": email, "password": password} | ({"next": next} if next else {}))


def sessions_of(visitor) -> list[Session]:
    return list(db.session.scalars(select(Session).filter_by(user_id=visitor.id).order_by(Session.id)))


# In


def test_the_right_password_logs_in(client, alice):
    visitor = client()
    answer = log_in(visitor)
    assert (answer.status_code, answer.location) == (303, "/")
    assert visitor.get("/").status_code == 200


def test_to_log_in_again_takes_the_place_of_the_session_before(client, alice):
    visitor = client()
    log_in(visitor)
    log_in(visitor)
    assert len(sessions_of(alice)) == 1


def test_a_wrong_password_and_an_unknown_address_look_the_same(client, alice):
    wrong = log_in(client(), password="not the password")
    unknown = log_in(client(), email="nobody@example.com")
    assert wrong.status_code == unknown.status_code == 422
    assert WRONG in wrong.text
    assert alike(wrong, "alice@example.com") == alike(unknown, "nobody@example.com")
    assert set(wrong.headers.keys()) == set(unknown.headers.keys())


def test_an_unknown_address_costs_as_much_work_as_a_known_one(monkeypatch, client, person):
    dora, verified = User.sign_up("Dora", "dora@example.com", "long enough"), []
    db.session.commit()
    noting = type("Noting", (), {"verify": lambda self, *arguments: verified.append(arguments) or True})()
    monkeypatch.setattr(passwords, "_hasher", noting)
    log_in(client(), email="nobody@example.com", password="guess")
    [(hash, password)] = verified
    assert password == "guess" and hash != dora.password_hash
    assert extract_parameters(hash) == extract_parameters(dora.password_hash)


def test_no_database_connection_is_held_while_a_password_is_checked(monkeypatch, client, alice):
    held = []
    monkeypatch.setattr(passwords, "belongs", lambda *_: held.append(db.engine.pool.checkedout()) or True)
    monkeypatch.setattr(passwords, "hash_of", lambda _: held.append(db.engine.pool.checkedout()) or "a new hash")
    visitor = client(alice.user)
    visitor.get("/")
    assert log_in(visitor).status_code == 303
    assert held == [0, 0]


def test_the_hash_of_an_older_release_is_renewed_by_a_log_in(client, alice):
    before = alice.user.password_hash
    assert passwords.is_outdated(before)
    assert log_in(client(), password="wrong").status_code == 422
    assert alice.user.password_hash == before
    assert log_in(client()).status_code == 303
    assert not passwords.is_outdated(alice.user.password_hash)
    assert log_in(client()).status_code == 303


def test_a_log_in_that_finds_a_long_line_keeps_the_address_and_says_to_come_back(monkeypatch, client, alice):
    def busy(*_):
        raise passwords.Busy

    monkeypatch.setattr(passwords, "belongs", busy)
    answer = log_in(client())
    assert (answer.status_code, "Try again in a moment." in answer.text) == (503, True)
    assert "alice@example.com" in answer.text


def test_a_deactivated_account_looks_like_a_wrong_password(client, alice):
    alice.user.deactivate()
    db.session.commit()
    answer = log_in(client())
    assert answer.status_code == 422 and WRONG in answer.text


@pytest.mark.parametrize("form", [{"email": ""}, {"password": ""}, {"email": "a\0b"}, {"password": "x" * 257}])
def test_a_form_that_can_not_be_right_is_refused(client, alice, form):
    assert log_in(client(), **form).status_code == 422


def test_guesses_are_slowed_down_for_each_account_and_address(app, client, alice, bob, monkeypatch):
    monkeypatch.setitem(app.config, "LOGIN_RATE", "3 per minute")
    guesses = [log_in(client(), password="guess").status_code for _ in range(4)]
    assert guesses == [422, 422, 422, 429]
    assert log_in(client()).status_code == 429
    assert log_in(client(), email="ALICE@example.com ").status_code == 429
    assert log_in(client(), email="bob@example.com").status_code == 303


def test_guesses_at_many_accounts_from_one_address_are_slowed_down(app, client, monkeypatch):
    monkeypatch.setitem(app.config, "LOGIN_ADDRESS_RATE", "3 per minute")
    guesses = [log_in(client(), email=f"user{number}@example.com").status_code for number in range(4)]
    assert guesses == [422, 422, 422, 429]


def test_a_log_in_takes_nothing_over_from_the_session_before(client, alice, bob):
    visitor = client(bob.user)
    with visitor.http.session_transaction() as session:
        session["planted"] = "by somebody else"
    assert log_in(visitor).status_code == 303
    with visitor.http.session_transaction() as session:
        assert "planted" not in session and "_user_id" in session


# Where to, afterwards


@pytest.mark.parametrize("next", ["/chats/7", "/chats/7/messages?before=3", "/"])
def test_after_the_log_in_comes_the_page_that_was_asked_for(client, alice, next):
    assert log_in(client(), next=next).location == next


@pytest.mark.parametrize(
    "next",
    [
        "https://evil.example",
        "//evil.example",
        "///evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "/\t/evil.example",
        "/\n/evil.example",
        "\t//evil.example",
        " //evil.example",
        "javascript:alert(1)",
        "evil.example",
        "http:evil.example",
        "//[",
        "/\t/[",
        "",
    ],
)
def test_after_the_log_in_nobody_lands_elsewhere(client, alice, next):
    answer = log_in(client(), next=next)
    assert (answer.status_code, answer.location) == (303, "/")


@pytest.mark.parametrize("next", ["https://evil.example", "//evil.example", "//[", "/\\evil.example"])
def test_the_form_does_not_carry_a_foreign_address_along(anonymous, next):
    answer = anonymous.get("/login", query_string={"next": next})
    assert answer.status_code == 200 and "evil" not in answer.text


def test_what_was_asked_for_survives_a_wrong_password(client, alice):
    assert 'name="next" value="/chats/7"' in log_in(client(), password="wrong", next="/chats/7").text


# Out


def test_logging_out_ends_the_session_here_only(client, alice):
    here, there = client(alice.user), client(alice.user)
    answer = here.submit("/logout")
    assert (answer.status_code, answer.location) == (303, "/login")
    assert here.get("/").status_code == 303
    assert there.get("/").status_code == 200


def test_after_a_log_out_the_browser_forgets_what_it_kept(alice):
    assert alice.submit("/logout").headers["Clear-Site-Data"] == '"cache"'


def test_logging_out_everywhere_ends_all_sessions_and_those_of_nobody_else(client, alice, bob):
    browsers = [client(alice.user), client(alice.user)]
    bob.get("/")
    answer = browsers[0].submit("/sessions", method="DELETE")
    assert (answer.status_code, answer.location) == (303, "/login")
    assert answer.headers["Clear-Site-Data"] == '"cache"'
    assert [browser.get("/").status_code for browser in (*browsers, bob)] == [303, 303, 200]
    assert sessions_of(alice) == []


def test_nobody_is_logged_out_everywhere_by_an_address_alone(alice):
    alice.log_in()
    assert alice.open("POST", "/sessions", data={"_method": "delete"}).status_code == 400
    assert alice.submit("/sessions").status_code == 405
    assert alice.get("/").status_code == 200


def test_a_cookie_that_was_copied_is_worth_nothing_after_the_log_out(client, alice):
    visitor, thief = client(alice.user), client()
    thief.http.set_cookie("plainwire", visitor.http.get_cookie("plainwire").value)
    assert thief.get("/").status_code == 200
    visitor.submit("/logout")
    assert thief.get("/").status_code == 303


def test_logging_out_without_being_logged_in_is_harmless(anonymous):
    assert anonymous.submit("/logout").location == "/login"


def test_logging_out_needs_a_token(alice):
    alice.log_in()
    assert alice.open("POST", "/logout").status_code == 400
    assert alice.get("/").status_code == 200


# Elsewhere


def test_the_list_shows_every_session_and_marks_this_one(client, alice):
    client(alice.user), client(alice.user)
    page = alice.get("/sessions").text
    assert page.count('class="row device"') == 3 and page.count("This device") == 1


def test_a_session_that_is_ended_elsewhere_is_logged_out(client, alice):
    other = client(alice.user)
    lost = sessions_of(alice)[0].id
    answer = alice.submit(f"/sessions/{lost}", method="DELETE")
    assert (answer.status_code, answer.location) == (303, "/sessions")
    assert other.get("/").location == "/login"
    assert other.turbo("GET", "/").status_code == 401
    assert alice.get("/").status_code == 200


def test_a_session_that_is_ended_elsewhere_while_it_is_used_is_logged_out(app, alice):
    alice.get("/")
    db.session.execute(update(Session).values(last_seen_at=now() - SEEN_EVERY))
    db.session.commit()

    def end_elsewhere(session, *_):
        with db.engine.begin() as connection:
            connection.execute(delete(Session))

    event.listen(db.session, "before_flush", end_elsewhere, once=True)
    assert alice.get("/").location == "/login"
    assert sessions_of(alice) == []


def test_nobody_ends_the_sessions_of_somebody_else(client, alice, charlie, anonymous):
    client(alice.user)
    id = sessions_of(alice)[0].id
    assert charlie.submit(f"/sessions/{id}", method="DELETE").status_code == 404
    assert charlie.turbo("DELETE", f"/sessions/{id}").status_code == 404
    assert anonymous.submit(f"/sessions/{id}", method="DELETE").location == "/login"
    assert len(sessions_of(alice)) == 1


def test_an_anonymous_visitor_sees_no_sessions(anonymous):
    assert anonymous.get("/sessions").location == "/login?next=/sessions"


def test_nobody_sees_the_sessions_of_others(alice, charlie):
    alice.get("/", headers={"User-Agent": "Alice's own browser"})
    assert "Alice&#39;s own" not in charlie.get("/sessions").text


def test_a_user_agent_is_cut_and_stays_text(client, alice):
    visitor = client()
    form = {"csrf_token": visitor.token, "email": "alice@example.com", "password": PASSWORD}
    visitor.open("POST", "/login", data=form, headers={"User-Agent": "<b>x</b>" + "y" * 500})
    assert len(sessions_of(alice)[0].user_agent) == 300
    assert "<b>x</b>" not in visitor.get("/sessions").text


# Being seen


def test_the_cookie_is_renewed_now_and_then_and_not_in_every_answer(alice):
    alice.get("/")
    assert "Set-Cookie" not in alice.get("/").headers
    sessions_of(alice)[0].last_seen_at = now() - timedelta(minutes=11)
    db.session.commit()
    assert "Set-Cookie" in alice.get("/").headers
    assert now() - sessions_of(alice)[0].last_seen_at < timedelta(minutes=1)


@pytest.mark.parametrize("value", ["nonsense", "eyJhIjoxfQ.aaaa.bbbb", ""])
def test_a_cookie_that_is_none_of_ours_is_nobody(client, value):
    visitor = client()
    visitor.http.set_cookie("plainwire", value)
    assert visitor.get("/").location == "/login"


def alike(answer, email: str) -> str:
    """The page without what is different in every answer."""
    page = answer.text.replace(email, "")
    return re.sub(r'"csp-nonce" content="[^"]+"|"csrf-token" content="[^"]+"|value="[\w.-]{60,}"', "", page)
