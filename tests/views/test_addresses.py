"""Changing one's e-mail address."""

import logging

import pytest
from sqlalchemy import update

from chatapp.extensions import db
from chatapp.lib import passwords
from chatapp.models import Admission, User
from chatapp.models.admission import DOMAINS, EVERYBODY, INVITATION
from tests.visitors import PASSWORD

from .test_sessions import log_in, sessions_of

NEW = "alice.new@example.org"


def change(visitor, email=NEW, proof=PASSWORD):
    return visitor.submit("/profile/address", {"email": email, "proof": proof})


def address_of(visitor) -> str:
    return db.session.get(User, visitor.id, populate_existing=True).email


def decide(signup: str) -> None:
    Admission.decide(signup, "example.com", EVERYBODY)
    db.session.commit()


def test_the_new_address_logs_in_and_the_old_one_no_longer(client, alice, caplog):
    with caplog.at_level(logging.INFO, "audit"):
        answer = change(alice, "  Alice.New@Example.ORG ")
    assert (answer.status_code, answer.location) == (303, "/profile")
    page = alice.get("/profile").text
    assert "Your address is changed." in page and NEW in page
    assert f"change of address: user {alice.id} from" in caplog.text and NEW not in caplog.text
    assert log_in(client()).status_code == 422
    assert log_in(client(), email=NEW).status_code == 303


def test_all_other_sessions_end_and_this_one_goes_on(client, alice):
    elsewhere = client()
    log_in(elsewhere)
    change(alice)
    assert len(sessions_of(alice)) == 1
    assert alice.get("/").status_code == 200
    assert elsewhere.get("/").location == "/login"


@pytest.mark.parametrize(
    "email, proof, reason",
    [
        (NEW, "not my password", "This is not your password."),
        (NEW, "", "Enter your password."),
        ("", PASSWORD, "Enter your e-mail address."),
        ("alice at example", PASSWORD, "Write it like name@example.com"),
        ("älice@example.org", PASSWORD, "without accents before the @"),
        ("ALICE@example.com", PASSWORD, "This is your address already."),
        ("bob@example.com", PASSWORD, "There is another account with this address."),
    ],
)
def test_what_does_not_fit_is_refused_and_nothing_typed_is_lost(client, alice, bob, email, proof, reason):
    elsewhere = client()
    log_in(elsewhere)
    answer = change(alice, email, proof)
    assert answer.status_code == 422 and reason in answer.text
    assert f'value="{email.lower()}"' in answer.text and (not proof or proof not in answer.text)
    assert address_of(alice) == "alice@example.com" and elsewhere.get("/").status_code == 200


def test_without_the_password_nobody_learns_who_has_an_account(alice, bob):
    answer = change(alice, "bob@example.com", "a guess")
    assert "There is another account" not in answer.text and "This is not your password." in answer.text


@pytest.mark.parametrize(
    "rate, email, proof", [("PROBE_RATE", "bob@example.com", PASSWORD), ("LOGIN_RATE", NEW, "a guess")]
)
def test_guesses_and_probes_are_limited(app, monkeypatch, alice, bob, rate, email, proof):
    monkeypatch.setitem(app.config, rate, "1 per hour")
    assert [change(alice, email, proof).status_code for _ in range(2)] == [422, 429]


def test_nobody_leaves_the_domains_that_may_sign_up_and_guests_stay_free(alice, bob):
    decide(DOMAINS)
    answer = change(alice)
    assert answer.status_code == 422 and "Accounts are for addresses at example.com." in answer.text
    assert change(alice, "alice2@example.com").status_code == 303
    bob.user.email = "bob@elsewhere.org"
    db.session.commit()
    assert change(bob, "bob@other.org").status_code == 303


def test_where_sign_up_is_by_invitation_any_address_will_do(alice):
    decide(INVITATION)
    assert change(alice).status_code == 303


def test_a_password_that_somebody_changes_meanwhile_proves_nothing_any_more(alice, monkeypatch):
    original, other = passwords.belongs, passwords.hash_of("another one of my own")

    def slowly(*given):
        theirs = update(User).where(User.id == alice.id).values(password_hash=other)
        db.session.execute(theirs, execution_options={"synchronize_session": False})
        return original(*given)

    monkeypatch.setattr("chatapp.lib.passwords.belongs", slowly)
    answer = change(alice)
    assert answer.status_code == 422 and "This is not your password." in answer.text


def test_where_too_many_log_in_at_once_one_tries_again(alice, monkeypatch):
    def busy(*_):
        raise passwords.Busy

    monkeypatch.setattr("chatapp.lib.passwords.belongs", busy)
    answer = change(alice)
    assert answer.status_code == 503 and "Try again in a moment." in answer.text and NEW in answer.text
