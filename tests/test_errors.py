import pytest

from chatapp import errors
from tests.queries import statements
from tests.visitors import TURBO_STREAM


@pytest.fixture
def broken(app, monkeypatch):
    """The list of chats breaks, as it would in a deploy: with a page and not with a traceback."""

    def breaks():
        raise RuntimeError("secret internals")

    monkeypatch.setattr(app, "testing", False)
    monkeypatch.setitem(app.view_functions, "chats.index", breaks)


def test_a_page_that_does_not_exist_says_so(alice):
    answer = alice.get("/no/such/page")
    assert answer.status_code == 404
    assert "This page does not exist, or you have no access to it." in answer.text
    assert 'href="/"' in answer.text


def test_a_script_gets_one_line_of_text(alice):
    answer = alice.turbo("GET", "/no/such/page")
    assert (answer.status_code, answer.mimetype) == (404, "text/plain")
    assert answer.text == "This page does not exist, or you have no access to it."


def test_what_can_not_be_done_says_what_can(alice):
    answer = alice.turbo("PUT", "/login")
    assert answer.status_code == 405 and "POST" in answer.headers["Allow"]


def test_a_page_that_is_too_old_says_what_to_do(alice):
    alice.log_in()
    answer = alice.open("POST", "/chats", data={"csrf_token": "of another session"})
    assert (answer.status_code, "Reload the page and try again" in answer.text) == (400, True)


def test_what_breaks_tells_nothing_of_the_inside(broken, alice):
    answer = alice.get("/")
    assert answer.status_code == 500
    assert "The mistake is ours" in answer.text
    assert "secret" not in answer.text and "Traceback" not in answer.text


def test_what_breaks_for_a_script_is_one_line(broken, alice):
    assert alice.turbo("GET", "/").text == "The mistake is ours, and it has been noted. Try again in a moment."


def test_what_breaks_is_in_the_log_with_the_id_of_the_request(broken, alice, caplog):
    alice.get("/", headers={"X-Request-Id": "find-me"})
    assert "secret internals" in caplog.text


def test_the_page_for_what_breaks_asks_the_database_nothing(app, alice):
    """It may be what broke; other pages ask it who is looking."""
    alice.log_in()
    cookie = {"Cookie": f"plainwire={alice.http.get_cookie('plainwire').value}"}
    asked = {}
    for code in (404, 500):
        with app.test_request_context("/", headers=cookie), statements() as asked[code]:
            assert f"Words for {code}" in errors.answer(code, "Title", f"Words for {code}").get_data(as_text=True)
    assert asked[404] != [] and asked[500] == []


def test_a_request_that_lost_its_token_on_the_way_is_not_told_to_reload(alice, chat):
    answer = alice.open("POST", f"/chats/{chat.id}/messages", data={"content": "Hi"}, headers={"Accept": TURBO_STREAM})
    assert answer.status_code == 400 and "proxy" in answer.text and "eload" not in answer.text
    stale = alice.open(
        "POST", f"/chats/{chat.id}/messages", data={"csrf_token": "old"}, headers={"Accept": TURBO_STREAM}
    )
    assert stale.status_code == 400 and "Reload" in stale.text
