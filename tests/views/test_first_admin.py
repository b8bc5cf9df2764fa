import re
import threading

import pytest
from sqlalchemy import func, select

from chatapp.authentication import setup_token
from chatapp.extensions import db
from chatapp.models import User
from tests.servers import gunicorn, wait_until
from tests.visitors import Visitor, start_over

AT_ONCE = 6


@pytest.fixture
def local(app, monkeypatch):
    """A developer's own server, as bin/dev starts it."""
    monkeypatch.setitem(app.config, "SETUP_WITHOUT_TOKEN", True)


@pytest.fixture
def token(app) -> str:
    return setup_token()


def sign_up(visitor, name: str, **form):
    email = f"{name.lower()}@example.com"
    return visitor.submit("/signup", {"name": name, "email": email, "password": "long enough", **form})


def admins() -> list[str]:
    return list(db.session.scalars(select(User.name).where(User.admin).order_by(User.id)))


def test_the_first_stranger_on_a_deploy_is_no_admin(client):
    assert sign_up(client(), "Stranger").status_code == 303
    assert admins() == []


def test_whoever_has_the_set_up_token_is_the_admin_even_after_a_stranger(client, token):
    sign_up(client(), "Stranger")
    assert sign_up(client(), "Ada", setup_token=f" {token} ").status_code == 303
    assert admins() == ["Ada"]


def test_the_token_makes_one_admin_and_then_it_is_worth_nothing(client, token):
    sign_up(client(), "Ada", setup_token=token)
    assert sign_up(client(), "Bob", setup_token=token).status_code == 303
    assert admins() == ["Ada"]


@pytest.mark.parametrize("wrong", ["wrong", "ünï", "0" * 32])
def test_a_wrong_token_is_refused_with_advice_and_loses_nothing_typed(anonymous, wrong):
    answer = sign_up(anonymous, "Mallory", setup_token=wrong)
    assert (answer.status_code, "This is not the set-up token" in answer.text) == (422, True)
    assert "mallory@example.com" in answer.text
    assert db.session.scalar(select(func.count(User.id))) == 0


def test_the_form_asks_for_the_token_only_until_there_is_an_admin(client, token):
    assert 'name="setup_token"' in client().get("/signup").text
    sign_up(client(), "Ada", setup_token=token)
    assert 'name="setup_token"' not in client().get("/signup").text


def test_on_a_server_of_ones_own_the_first_account_is_the_admin_and_no_other(local, client):
    assert 'name="setup_token"' not in client().get("/signup").text
    sign_up(client(), "Ada")
    sign_up(client(), "Bob")
    assert admins() == ["Ada"]


def test_the_assistant_is_not_the_first_account(local, anonymous):
    User.assistant()
    db.session.commit()
    sign_up(anonymous, "Ada")
    assert admins() == ["Ada"]


def test_of_those_who_sign_up_first_at_the_same_moment_exactly_one_is_the_admin(local, app):
    visitors = [Visitor(app) for _ in range(AT_ONCE)]
    assert all(visitor.token for visitor in visitors)
    together = threading.Barrier(AT_ONCE)

    def run(number: int) -> None:
        together.wait()
        sign_up(visitors[number], f"Person{number}")

    threads = [threading.Thread(target=run, args=(number,)) for number in range(AT_ONCE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    start_over()
    assert db.session.scalar(select(func.count(User.id))) == AT_ONCE
    assert len(admins()) == 1


def test_the_log_of_a_server_without_an_admin_shows_the_token(token, redis, database_url):
    """The process of a deploy has the key of this test's app, and so the same token."""
    settings = {"DATABASE_URL": database_url, "REDIS_URL": redis.url, "SECRET_KEY": "test"}
    with gunicorn(settings) as web:
        words = rf"no administrator yet.*/signup.*{token}"
        wait_until(lambda: re.search(words, web.log), what="the token in the log")


def test_the_log_of_a_server_with_an_admin_shows_no_token(admin, token, redis, database_url):
    settings = {"DATABASE_URL": database_url, "REDIS_URL": redis.url, "SECRET_KEY": "test"}
    with gunicorn(settings) as web:
        web.stop()
        assert token not in web.log


def test_the_first_visitor_is_told_what_this_is_and_that_the_first_account_is_the_admins(anonymous, local):
    for address in ("/login", "/signup"):
        page = anonymous.get(address).text
        assert "Chat for teams" in page
        assert "The first account becomes the administrator’s." in page
    page = anonymous.get("/login").text
    assert "Create the first account" in page and page.count('href="/signup"') == 1


def test_the_first_visitor_of_a_deploy_is_told_of_the_set_up_token(anonymous):
    assert "signs up with its set-up token" in anonymous.get("/signup").text


def test_later_visitors_hear_nothing_of_administrators(client, anonymous, token):
    sign_up(client(), "Ada", setup_token=token)
    for address in ("/login", "/signup"):
        assert "administrator" not in anonymous.get(address).text
    assert "Welcome back" in anonymous.get("/login").text
