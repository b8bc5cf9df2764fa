"""The limits of requests."""

import re

import pytest

from chatapp.config import SETTINGS, rate
from chatapp.extensions import turbo
from tests.routes import address, unsafe
from tests.visitors import PASSWORD, Visitor

#: More than any limit that no setting says.
ENOUGH = 40


def from_(app, ip: str) -> Visitor:
    visitor = Visitor(app)
    visitor.http.environ_base["REMOTE_ADDR"] = ip
    return visitor


def log_in(visitor, password: str = PASSWORD) -> int:
    return visitor.reload().submit("/login", {"email": "alice@example.com", "password": password}).status_code


def sign_up(visitor, email: str) -> int:
    return visitor.reload().submit("/signup", {"name": "Dora", "email": email, "password": "long enough"}).status_code


# Everything


@pytest.fixture
def strict(app, monkeypatch):
    """Every request with a limit succeeds once."""
    for setting in SETTINGS:
        if setting.kind is rate:
            monkeypatch.setitem(app.config, setting.name, "1 per day")


@pytest.mark.any_database
def test_every_request_that_changes_something_has_a_limit(app, strict, person):
    tried = unsafe(app)
    assert len(tried) > 15
    unlimited = []
    for number, route in enumerate(tried):
        visitor = person(f"Person{number}")
        visitor.http.environ_base["REMOTE_ADDR"] = f"192.0.2.{number}"
        codes = []
        while 429 not in codes and len(codes) < ENOUGH:
            visitor.log_in()  # the previous request may have logged out
            codes.append(visitor.turbo(route.method, address(route.rule)).status_code)
        if 429 not in codes:
            unlimited.append(route)
    assert unlimited == []


def test_a_crowd_of_new_chats_is_stopped(app, alice):
    codes = [alice.submit("/chats", {"title": "Spam", "kind": "open"}).status_code for _ in range(31)]
    assert set(codes[:30]) == {303} and codes[30] == 429


def test_who_begins_too_many_streams_is_put_off_with_a_stream_that_ends(app, monkeypatch, alice, chat):
    """After a 429 a browser would never come back."""
    monkeypatch.setitem(app.config, "STREAM_RATE", "1 per hour")
    answers = [alice.get(f"/chats/{chat.id}/stream?revision={chat.revision}&wait=0") for _ in range(2)]
    assert [(answer.status_code, answer.mimetype) for answer in answers] == [(200, "text/event-stream")] * 2
    assert re.fullmatch(r"retry: \d+\n\n", answers[1].text) and "id: " in answers[0].text


# Accounts


def test_accounts_made_one_after_the_other_in_one_browser_count_for_its_network(app, monkeypatch, anonymous):
    monkeypatch.setitem(app.config, "SIGNUP_RATE", "2 per hour")
    assert [sign_up(anonymous, f"{number}@example.com") for number in range(3)] == [303, 303, 429]


def test_nobody_finds_out_who_has_an_account_by_signing_up_for_many_addresses(app, monkeypatch, client, alice):
    monkeypatch.setitem(app.config, "PROBE_RATE", "2 per hour")
    assert [sign_up(client(), "alice@example.com") for _ in range(3)] == [422, 422, 429]


def test_nobody_finds_out_who_has_an_account_by_adding_many_members(app, monkeypatch, alice, bob, chat):
    monkeypatch.setitem(app.config, "PROBE_RATE", "2 per hour")

    def add(email: str) -> int:
        return alice.submit(f"/chats/{chat.id}/members", {"email": email}).status_code

    assert [add("bob@example.com") for _ in range(4)] == [303] * 4
    assert [add(f"{number}@example.com") for number in range(3)] == [422, 422, 429]


# Guesses


def test_guesses_from_one_ipv6_network_count_together(app, monkeypatch, alice):
    monkeypatch.setitem(app.config, "LOGIN_ACCOUNT_RATE", "1000 per minute")  # which counts all networks together
    codes = [log_in(from_(app, f"2001:db8::{number:x}"), "a guess") for number in range(1, 22)]
    assert codes == [422] * 20 + [429]


def test_people_on_other_networks_of_a_server_that_listens_on_both_do_not_count_together(app, monkeypatch, alice):
    monkeypatch.setitem(app.config, "LOGIN_RATE", "1 per minute")
    codes = [log_in(from_(app, f"::ffff:192.0.2.{number}"), "a guess") for number in range(1, 4)]
    assert codes == [422] * 3


@pytest.fixture
def guessed_at(app, alice, monkeypatch):
    """Alice, who has logged in before; since then somebody guesses from many networks until he is stopped."""
    monkeypatch.setitem(app.config, "LOGIN_ACCOUNT_RATE", "5 per day")
    own = from_(app, "192.0.2.200")
    assert log_in(own) == 303
    own.submit("/logout")
    codes = [log_in(from_(app, f"198.51.100.{number}"), "a guess") for number in range(1, 8)]
    assert codes == [422] * 5 + [429] * 2
    return own


def test_guesses_from_many_networks_at_one_account_are_stopped(app, guessed_at):
    assert log_in(from_(app, "203.0.113.1"), "a guess") == 429
    assert log_in(from_(app, "203.0.113.1")) == 429


def test_guesses_do_not_lock_the_owner_out_of_a_browser_he_knows(guessed_at):
    guessed_at.http.environ_base["REMOTE_ADDR"] = "203.0.113.9"
    assert log_in(guessed_at, "mistyped") == 422
    assert log_in(guessed_at) == 303


def test_a_known_browser_has_limits_of_its_own(app, monkeypatch, guessed_at):
    monkeypatch.setitem(app.config, "LOGIN_RATE", "2 per hour")
    assert [log_in(guessed_at, "a guess") for _ in range(3)] == [422, 422, 429]


def test_the_browser_of_somebody_else_is_no_known_one(guessed_at, bob):
    assert bob.submit("/login", {"email": "bob@example.com", "password": PASSWORD}).status_code == 303
    assert log_in(bob) == 429


@pytest.mark.parametrize("forged", ["nonsense", "WyJ4IiwieSJd.AAAA", ""])
def test_a_cookie_that_was_forged_makes_no_known_browser(app, guessed_at, forged):
    stranger = from_(app, "203.0.113.5")
    stranger.http.set_cookie("plainwire_device", forged, path="/login")
    assert log_in(stranger, "a guess") == 429


def test_right_passwords_do_not_use_up_the_guesses(app, monkeypatch, alice):
    monkeypatch.setitem(app.config, "LOGIN_ACCOUNT_RATE", "2 per day")
    assert [log_in(from_(app, f"192.0.2.{number}")) for number in range(1, 5)] == [303] * 4


def test_what_somebody_types_makes_no_long_key_and_is_not_kept(app, client, monkeypatch):
    client().submit("/login", {"email": "x" * 50_000, "password": "a guess"})
    client().submit("/login", {"email": "secret@example.com", "password": "a guess"})
    keys = [key.decode() for key in turbo.publisher.redis.scan_iter()]
    assert len(keys) >= 2
    assert max(map(len, keys)) < 200 and not any("secret" in key for key in keys)
