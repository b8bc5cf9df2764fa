"""Somebody takes tools away from an assistant while it writes: from then on the reply does without them."""

import pytest
from sqlalchemy import select

from chatapp.extensions import db
from chatapp.jobs.replies import conversation_for, language_model
from chatapp.lib.mcp_texts import Described
from chatapp.models import Assistant, Chat, Message, ToolServer, ToolUse
from chatapp.models.reply import Reply
from chatapp.models.rounds import UNKNOWN
from chatapp.tools import web_page
from chatapp.tools.served import ServedTool
from chatapp.tools.toolbox import Toolbox
from tests.lookup import Lookup
from tests.provider import Calling, call
from tests.queries import messages_of
from tests.visitors import start_over

LOOKUP, WEB, RAIN = ("lookup", {"query": "x"}), ("read_web_page", {"url": "https://example.com/"}), ("weather_rain", {})


@pytest.fixture
def outside(monkeypatch) -> list[str]:
    """The tools that were used outside of the app."""
    used = []
    monkeypatch.setattr(web_page.WebPage, "_text", lambda *_: used.append("read_web_page") or "A page.")
    monkeypatch.setattr(ServedTool, "use", lambda tool, *_: used.append(tool.name) or "Rain.")
    return used


@pytest.fixture
def coder(app) -> Assistant:
    server = ToolServer.add("Weather", url="http://127.0.0.1:9/mcp")
    server.note([Described("rain", "", "Tells.", {"type": "object"})], "")
    db.session.flush()
    server.allow({server.tools[0].as_read})
    return Assistant.add("Coder", tools="web", servers=[server])


@pytest.fixture
def chat(alice, coder) -> Chat:
    chat = Chat.start(alice.user, "Plans", assistant="always")
    db.session.flush()
    chat.admit(coder.user)
    db.session.commit()
    return chat


@pytest.fixture
def ask(chat, alice, work):
    def ask(tools: str) -> list[tuple]:
        """Has a question answered in a chat with this setting, and returns what came of the calls."""
        chat.tools = tools
        chat.post(alice.user, "How is the weather?")
        db.session.commit()
        work()
        return uses()

    return ask


@pytest.fixture
def meanwhile(app, monkeypatch):
    """Has a change made while the tool lookup is used."""

    def make(change, chat_id: int) -> None:
        lookup = Lookup()
        lookup.use = lambda *_: elsewhere(app, change, chat_id)
        monkeypatch.setattr("chatapp.tools.registry", [lambda reply: [lookup]])

    return make


def elsewhere(app, change, chat_id: int) -> str:
    with app.app_context():  # it has a session of its own
        change(chat_id)
        db.session.commit()
    return "Nothing."


def uses() -> list[tuple]:
    start_over()
    return [(use.name, use.state, use.result) for use in db.session.scalars(select(ToolUse).order_by(ToolUse.id))]


def never(chat_id: int) -> None:
    db.session.get(Chat, chat_id).tools = "never"


def take_web(chat_id: int) -> None:
    db.session.scalar(select(Assistant)).tools = ""


def take_server(chat_id: int) -> None:
    db.session.scalar(select(Assistant)).servers = []


def turn_server_off(chat_id: int) -> None:
    db.session.scalar(select(ToolServer)).enabled = False


def retire(chat_id: int) -> None:
    db.session.scalar(select(Assistant)).retire()


def disallow(chat_id: int) -> None:
    db.session.scalar(select(ToolServer)).allow(set())


WITHDRAWALS = [
    (WEB, never), (RAIN, never), (WEB, take_web), (RAIN, take_server), (RAIN, turn_server_off), (RAIN, disallow),
]  # fmt: skip


def names(request: dict) -> set[str]:
    return {tool["function"]["name"] for tool in request.get("tools", [])}


@pytest.mark.parametrize(("calling", "change"), WITHDRAWALS)
def test_a_tool_taken_away_between_two_rounds_is_neither_offered_nor_used(
    chat, ask, meanwhile, provider, outside, calling, change
):
    meanwhile(change, chat.id)
    provider.will(Calling((LOOKUP,)), Calling((calling,)), "So.")
    assert ask("ask") == [("lookup", "done", "Nothing."), (calling[0], "failed", UNKNOWN)] and outside == []
    assert calling[0] in names(provider.requests[0])
    assert not any(calling[0] in names(request) for request in provider.requests[1:])
    assert messages_of(chat)[-1].content == "So."


@pytest.mark.parametrize(("calling", "change"), [*WITHDRAWALS, (WEB, retire)])
def test_a_tool_taken_away_before_its_turn_in_a_round_is_not_used(
    chat, ask, meanwhile, provider, outside, calling, change
):
    meanwhile(change, chat.id)
    provider.will(Calling((LOOKUP, calling)), "So.")
    assert ask("use") == [("lookup", "done", "Nothing."), (calling[0], "failed", UNKNOWN)] and outside == []


@pytest.mark.parametrize(("calling", "change"), WITHDRAWALS)
def test_a_tool_taken_away_while_the_model_speaks_is_not_used(app, chat, alice, provider, outside, calling, change):
    chat.post(alice.user, "How is the weather?")
    db.session.commit()
    reply = messages_of(chat)[-1]
    provider.will(Calling((calling,)), "So.")
    steps = Reply(reply, conversation_for(reply.question), language_model(), Toolbox).steps()
    next(steps)
    db.session.commit()
    elsewhere(app, change, chat.id)
    for _ in steps:
        db.session.commit()
    assert calling[0] in names(provider.requests[0])
    assert uses() == [(calling[0], "failed", UNKNOWN)] and outside == []
    assert db.session.get(Message, reply.id).content == "So."


def test_what_people_allow_is_not_done_once_the_chat_uses_no_tools(chat, ask, alice, work, provider, outside):
    provider.will(Calling((WEB,)), "So.")
    assert ask("ask") == [("read_web_page", "asking", None)]
    reply, use = messages_of(chat)[-1], db.session.scalar(select(ToolUse))
    never(chat.id)
    db.session.commit()
    assert alice.turbo("POST", f"/messages/{reply.id}/uses/{use.id}/permissions").status_code == 201
    work()
    assert uses() == [("read_web_page", "failed", UNKNOWN)] and outside == []


def test_a_tool_given_meanwhile_may_be_used_from_then_on(chat, ask, meanwhile, provider, outside, coder):
    def give(chat_id: int) -> None:
        db.session.scalar(select(Assistant)).tools = "web"

    coder.tools = ""
    meanwhile(give, chat.id)
    provider.will(Calling((LOOKUP,)), call("read_web_page", url="https://example.com/"), "So.")
    assert [state for _, state, _ in ask("use")] == ["done", "done"] and outside == ["read_web_page"]
