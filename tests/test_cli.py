import contextvars
import re

import pytest
from sqlalchemy import insert, select

from chatapp.extensions import db
from chatapp.models import Chat, Message, User
from chatapp.models.search import Search
from chatapp.turbo.testing import captured_broadcasts
from tests.queries import messages_of
from tests.visitors import start_over


@pytest.fixture
def run(app):
    """``run("users", "promote", …)``: as in a shell, in a context of its own."""

    def run(*arguments: str):
        result = contextvars.Context().run(app.test_cli_runner().invoke, args=arguments)
        start_over()
        return result

    return run


def test_what_is_posted_from_a_shell_is_live(run, alice, chat):
    with captured_broadcasts(chat.stream_name) as broadcasts:
        result = run("chats", "post", str(chat.id), "alice@example.com", "Deploy done")
    assert result.exit_code == 0 and "is in Plans." in result.output
    assert "Deploy done" in broadcasts[0].html
    assert "Deploy done" in alice.get(f"/chats/{chat.id}").text


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["chats", "post", "999999", "alice@example.com", "x"], "There is no chat 999999."),
        (["chats", "post", "{chat}", "nobody@example.com", "x"], "Nobody has the e-mail address nobody@example.com."),
        (["users", "promote", "nobody@example.com"], "Nobody has the e-mail address"),
        (["users", "deactivate", "nobody@example.com"], "Nobody has the e-mail address"),
    ],
)
def test_what_does_not_exist_is_said_in_one_line(run, chat, arguments, words):
    result = run(*(argument.format(chat=chat.id) for argument in arguments))
    assert result.exit_code == 1
    assert words in result.output and "Traceback" not in result.output


def test_promoting_makes_an_admin(run, alice):
    assert run("users", "promote", "Alice@Example.com").exit_code == 0
    assert alice.user.admin


def test_deactivating_logs_out_everywhere(run, client, alice, bob):
    browsers = [client(alice.user), client(alice.user)]
    assert run("users", "deactivate", "alice@example.com").exit_code == 0
    assert [browser.get("/").status_code for browser in browsers] == [303, 303]
    assert bob.get("/").status_code == 200


def test_a_reply_is_asked_for_from_a_shell_too(run, alice, provider, work):
    chat = Chat.start(alice.user, "Questions", assistant="always")
    db.session.commit()
    run("chats", "post", str(chat.id), "alice@example.com", "How are you?")
    work()
    assert messages_of(chat)[-1].author.kind == "assistant"


def test_an_empty_installation_gets_an_example_team_that_can_log_in(run, anonymous):
    result = run("demo")
    assert result.exit_code == 0, result.output
    password = re.search(r"have the password (\S+)", result.output)[1]
    anonymous.submit("/login", {"email": "maya@example.com", "password": password})
    page = anonymous.get("/").text
    assert all(words in page for words in ("Launch", "Kitchen", "Priya Nair", "Invite people"))
    assert page.count("data-unread>") == 2 and "<title>Chats · Fernlight</title>" in page
    launch = db.session.scalars(select(Chat).filter_by(title="Launch")).one()
    assert [assistant.name for assistant in launch.assistants] == ["Assistant", "Scribe"]
    assert "what is still open" in anonymous.get(f"/chats/{launch.id}").text
    assert User.with_email("maya@example.com").admin and not User.with_email("lucia@example.com").admin


def test_the_example_team_moves_in_nowhere_else(run, alice):
    result = run("demo")
    assert result.exit_code == 1 and "There are people here already" in result.output
    assert db.session.scalars(select(User.name).where(User.kind == "person")).all() == ["Alice"]


def test_the_search_is_filled_at_once_from_a_shell(run, alice, chat, monkeypatch):
    monkeypatch.setattr("chatapp.models.search_text.BATCH", 2)
    row = {"chat_id": chat.id, "author_id": alice.id, "content": "old tea", "state": "complete", "revision": 1}
    db.session.execute(insert(Message), [row] * 5)
    db.session.commit()
    result = run("search", "fill")
    assert result.exit_code == 0 and "knows all messages" in result.output
    assert len(Search(alice.user, "tea").newest()[0]) == 5
