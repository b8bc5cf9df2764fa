import re

import pytest
from sqlalchemy import func, select

from chatapp.extensions import db
from chatapp.lib import passwords
from chatapp.models import Session, User

PASSWORD = "long enough"


def sign_up(visitor, name="Dora", email="dora@example.com", password=PASSWORD, **form):
    return visitor.submit("/signup", {"name": name, "email": email, "password": password, **form})


def user(email="dora@example.com") -> User | None:
    return User.with_email(email)


def test_who_signs_up_is_logged_in(anonymous):
    answer = sign_up(anonymous)
    assert (answer.status_code, answer.location) == (303, "/")
    assert "Hello, <bdi>Dora</bdi>" in anonymous.get("/").text


def test_nobody_makes_himself_an_admin(client):
    sign_up(client(), email="first@example.com")
    sign_up(client(), admin="1", kind="assistant", active="0")
    assert (user().admin, user().kind, user().active) == (False, "person", True)


def test_a_name_is_kept_composed(anonymous):
    assert sign_up(anonymous, name="Zoe\u0308").status_code == 303
    assert user().name == "Zo\u00eb"


def test_an_address_that_is_written_in_another_way_is_the_same(client):
    sign_up(client(), email="dora@straße.example")
    assert sign_up(client(), email="dora@xn--strae-oqa.example").status_code == 422
    answer = client().submit("/login", {"email": "dora@STRAßE.example", "password": PASSWORD})
    assert answer.status_code == 303


def test_an_address_is_the_same_in_large_letters_and_with_spaces(client):
    sign_up(client(), email=" Dora@Example.COM ")
    answer = sign_up(client(), email="dora@example.com")
    assert (answer.status_code, "There is an account with this e-mail already" in answer.text) == (422, True)
    assert db.session.scalar(select(func.count(User.id))) == 1


@pytest.mark.parametrize(
    "form",
    [
        {"name": ""},
        {"name": "   "},
        {"name": "x" * 61},
        {"name": "D\0ra"},
        {"email": ""},
        {"email": "nobody"},
        {"email": "a\0@example.com"},
        {"email": "a" * 300 + "@example.com"},
        {"password": ""},
        {"password": "x" * 7},
        {"password": "x" * 257},
        {"password": "password"},
        {"password": "dora1990"},
        {"name": "\u3164"},
        {"name": "Do\u202era"},
        {"name": "Dora" + "\u0301" * 50},
        {"name": "Аssistant"},
        {"email": "dörа@example.com"},
    ],
)
def test_what_is_no_account_is_refused_and_the_form_shows_why(anonymous, form):
    answer = sign_up(anonymous, **form)
    assert answer.status_code == 422 and 'class="field__errors"' in answer.text
    assert db.session.scalar(select(func.count(User.id))) == 0


@pytest.mark.parametrize(
    "form", [{"name": "x" * 60}, {"password": "My dog, " * 32}, {"password": "pass\0word ünï 👩‍👩‍👧"}]
)
def test_what_just_fits_is_taken(anonymous, form):
    assert sign_up(anonymous, **form).status_code == 303
    assert passwords.belongs(form.get("password", PASSWORD), user().password_hash)


def test_of_two_reasons_against_a_password_the_first_is_shown(anonymous):
    page = sign_up(anonymous, password="x" * 7).text
    assert "Use 8 to 256 characters.</p>" in page and "easy to guess" not in page


def test_a_password_is_never_shown_again(anonymous):
    assert "only-I-know-this" not in sign_up(anonymous, name="", password="only-I-know-this").text


def test_a_script_as_a_name_stays_text(anonymous):
    sign_up(anonymous, name="<script>alert(1)</script>")
    page = anonymous.get("/").text
    assert "<script>alert" not in page and "&lt;script&gt;alert(1)" in page


def test_too_many_accounts_from_one_address_are_429(app, client, monkeypatch):
    monkeypatch.setitem(app.config, "SIGNUP_RATE", "2 per hour")
    answers = [sign_up(client(), email=f"{number}@example.com") for number in range(3)]
    assert [answer.status_code for answer in answers] == [303, 303, 429]
    assert "Wait a moment" in answers[2].text


def test_no_database_connection_is_held_while_a_password_is_hashed(monkeypatch, anonymous):
    held = []
    monkeypatch.setattr(passwords, "hash_of", lambda _: held.append(db.engine.pool.checkedout()) or "a hash")
    assert anonymous.token
    assert sign_up(anonymous).status_code == 303
    assert held == [0]


def test_a_session_that_was_put_there_before_does_not_live_on(anonymous):
    anonymous.get("/signup")
    before = anonymous.http.get_cookie("plainwire").value
    sign_up(anonymous)
    with anonymous.http.session_transaction() as session:
        assert set(session) == {"_user_id", "_fresh", "_id", "_permanent"}
    assert anonymous.http.get_cookie("plainwire").value != before


def test_the_token_in_the_cookie_is_nowhere_in_the_database(anonymous):
    sign_up(anonymous)
    with anonymous.http.session_transaction() as session:
        token = session["_user_id"]
    assert Session.with_token(token) is not None
    assert token not in str(db.session.execute(select(Session.__table__)).all())


def test_without_a_token_nobody_signs_up(anonymous):
    form = {"name": "Dora", "email": "dora@example.com", "password": PASSWORD}
    assert anonymous.open("POST", "/signup", data=form).status_code == 400
    assert user() is None


def test_the_own_style_names_one_author_and_belongs_to_no_shared_cache(alice):
    answer = alice.get(f"/users/{alice.id}.css")
    assert answer.mimetype == "text/css" and f'[data-author-id="{alice.id}"]' in answer.text
    assert answer.cache_control.private
    assert f"/users/{alice.id}.css?v=" in alice.get("/").text


def style_address(visitor) -> str:
    return re.search(r'href="(/users/[^"]+)"', visitor.get("/").text)[1]


def test_the_own_style_is_kept_only_under_the_address_that_says_its_content(alice):
    address = style_address(alice)
    assert alice.get(address).cache_control.max_age >= 86400
    # Two releases run side by side during a deploy. A browser must not keep what a page of the other release asks for.
    of_another_release = alice.get(address[:-4] + "0000")
    assert of_another_release.status_code == 200 and "data-author-id" in of_another_release.text
    assert of_another_release.cache_control.no_store
