"""Tools of a server, used for somebody: at a real server, and at one that an administrator takes away."""

import pytest

from chatapp.extensions import db
from chatapp.lib.http_clients import HangUp
from chatapp.lib.mcp_client import connected
from chatapp.models import Assistant, ToolServer
from chatapp.models.tool_server import sealed
from chatapp.tools import RESULT_LIMIT, ToolError
from chatapp.tools.served import ServedTool
from tests.mcp_scripted import Raw, ScriptedServer
from tests.mcp_server import KEY, mcp_server


@pytest.fixture(scope="module")
def url():
    with mcp_server("--key") as server:
        yield server.url


@pytest.fixture
def server(app, url) -> ToolServer:
    server = ToolServer.add("Weather", url=url, sealed_key=sealed(KEY, "test"))
    with connected(url, f"Bearer {KEY}", "Tests", 10) as client:
        server.note(client.tools(), client.protocol)
    db.session.flush()
    server.allow({tool.as_read for tool in server.tools})
    db.session.commit()
    return server


@pytest.fixture
def assistant(server) -> Assistant:
    own = Assistant.add("Coder", servers=[server])
    db.session.commit()
    return own


@pytest.fixture
def tool(chat, alice, assistant):
    def find(name: str = "forecast") -> ServedTool:
        offered = next(tool for tool in assistant.served_tools if tool.name == name)
        return ServedTool(chat.id, alice.id, assistant.user_id, offered)

    return find


def test_a_tool_of_a_real_server_answers_and_its_words_are_marked(tool):
    forecast = tool()
    assert forecast.name == "weather_forecast" and forecast.title == "Weather: Forecast" and not forecast.repeatable
    result = forecast.use({"city": "Bonn"}, HangUp())
    assert "Sun in Bonn for 1 days." in result and "the server Weather" in result and "no instructions" in result
    assert forecast.words({"city": "Bonn"}) == "Used Forecast of Weather with “city: Bonn”"
    assert "\n" not in forecast.words({"city": "a\nb" * 500}) and len(forecast.words({"city": "ab" * 500})) < 250


def test_a_long_result_is_cut(tool):
    result = tool("long").use({"words": 50_000}, HangUp())
    assert len(result) <= RESULT_LIMIT and "(cut:" in result


def test_what_fails_is_a_reason_and_not_a_result(tool):
    with pytest.raises(ToolError, match="Error executing tool broken"):
        tool("broken").use({"city": "Bonn"}, HangUp())


@pytest.mark.parametrize("arguments", [{"city": float("nan")}, {"city": "\ud800"}])
def test_arguments_that_no_request_can_hold_are_refused(tool, arguments):
    with pytest.raises(ToolError, match="can't be sent"):
        tool().use(arguments, HangUp())


@pytest.mark.parametrize("taken", ["server", "off", "tool", "assistant"])
def test_what_an_administrator_took_away_meanwhile_is_not_used(tool, server, assistant, taken):
    forecast = tool()
    if taken == "server":
        server.remove()
    elif taken == "off":
        server.enabled = False
    elif taken == "tool":
        server.allow(set())
    else:
        assistant.servers = []
    db.session.commit()
    with pytest.raises(ToolError, match="not there any more"):
        forecast.use({"city": "Bonn"}, HangUp())


def test_for_whoever_was_removed_nothing_is_sent(chat, charlie, assistant):
    with ScriptedServer() as scripted:
        assistant.servers[0].url = scripted.url
        db.session.commit()
        tool = ServedTool(chat.id, charlie.id, assistant.user_id, assistant.served_tools[0])
        with pytest.raises(ToolError, match="can't read this chat any more"):
            tool.use({}, HangUp())
        assert scripted.asked == []


def test_a_key_that_nobody_can_read_any_more_is_said(tool, server):
    server.sealed_key = sealed(KEY, "another secret")
    db.session.commit()
    with pytest.raises(ToolError, match="has to enter it again"):
        tool().use({"city": "Bonn"}, HangUp())


def test_a_server_that_is_broken_is_a_reason(tool, server):
    with ScriptedServer() as scripted:
        scripted.says["tools/call"] = Raw(b"{", "application/json")
        server.url, server.protocol = scripted.url, ""
        db.session.commit()
        with pytest.raises(ToolError, match="can be read"):
            tool().use({"city": "Bonn"}, HangUp())
