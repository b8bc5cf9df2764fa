"""Which tools the assistant of a reply has, and whether people are asked."""

import re

import pytest

from chatapp.extensions import db
from chatapp.lib.mcp_texts import Described
from chatapp.models import Assistant, Chat, Message, ToolServer, User
from chatapp.tools import tools_for
from chatapp.tools.permission import asks_first


@pytest.fixture
def server(app) -> ToolServer:
    server = ToolServer.add("Weather", url="http://127.0.0.1:9/mcp")
    server.note([Described(name, "", "Tells.", {"type": "object"}) for name in ("forecast", "rain")], "")
    db.session.flush()
    server.allow({server.tools[0].as_read})
    return server


@pytest.fixture
def coder(server) -> Assistant:
    return Assistant.add("Coder", tools="search web", servers=[server])


def reply_in(chat: Chat, asker, assistant: User | None = None) -> Message:
    reply = chat.post(asker.user, "What now?").begin_reply(assistant)
    db.session.commit()
    return reply


def names(reply: Message) -> list[str]:
    return [tool.name for tool in tools_for(reply)]


def test_an_assistant_has_what_an_administrator_gave_it(chat, alice, coder):
    tools = tools_for(reply_in(chat, alice, coder.user))
    assert [tool.name for tool in tools] == ["search_chat", "read_messages", "read_web_page", "weather_forecast"]
    for tool in tools:
        assert re.fullmatch(r"[a-zA-Z0-9_-]{1,64}", tool.name) and tool.title and tool.description
        assert tool.parameters["type"] == "object" and tool.words({}) and tool.words({"query": 7, "x": ["y"]})


def test_the_built_in_one_has_none_until_it_is_edited(chat, alice):
    assert names(reply_in(chat, alice)) == []
    Assistant.edit_built_in("Assistant", model="m", tools="web")
    db.session.commit()
    assert names(reply_in(chat, alice)) == ["read_web_page"]


def test_a_chat_can_do_without(chat, alice, coder):
    chat.tools = "never"
    assert names(reply_in(chat, alice, coder.user)) == []


def test_tools_act_for_the_one_who_asked_last(chat, alice, bob, coder):
    reply = reply_in(chat, alice, coder.user)
    reply.asker_id = bob.id
    assert {tool.asker_id for tool in tools_for(reply)} == {bob.id}


def test_a_chat_asks_first_until_somebody_says_otherwise_and_never_about_itself(chat, alice, coder):
    asked = {tool.name: asks_first(chat, tool) for tool in tools_for(reply_in(chat, alice, coder.user))}
    outside = {"read_web_page": True, "weather_forecast": True}
    assert asked == {"search_chat": False, "read_messages": False} | outside
    chat.tools = "use"
    assert not any(asks_first(chat, tool) for tool in tools_for(reply_in(chat, alice, coder.user)))


def test_nothing_is_used_unasked_in_a_chat_that_uses_no_tools(chat, alice, coder):
    tools = tools_for(reply_in(chat, alice, coder.user))
    chat.tools = "never"
    assert {tool.name for tool in tools if asks_first(chat, tool)} == {"read_web_page", "weather_forecast"}


def test_a_chat_knows_whether_one_of_its_assistants_has_tools(chat, coder):
    assert not chat.offers_tools
    chat.admit(coder.user)
    db.session.flush()
    assert chat.offers_tools
    coder.tools, coder.servers = "", []
    assert not chat.offers_tools
