"""The client of MCP servers: at real ones, made by the protocol's own SDK, and at servers that misbehave."""

import json
import threading
import time

import pytest

from chatapp.lib import mcp_client, mcp_http
from chatapp.lib.http_clients import HangUp
from chatapp.lib.mcp_client import McpError, connected
from tests.mcp_scripted import Error, Raw, ScriptedServer
from tests.mcp_server import KEY, mcp_server
from tests.servers import wait_until

STREAM = "text/event-stream"
TOOL = {"name": "look", "description": "Looks.", "inputSchema": {"type": "object"}}


@pytest.fixture(scope="module")
def newest():
    with mcp_server() as server:
        yield server.url


@pytest.fixture(scope="module")
def older():
    """It begins with a handshake, wants a key, loses the first session, and does not stream."""
    with mcp_server("--old", "--json", "--key", "--forgetful") as server:
        yield server.url


@pytest.fixture
def server():
    with ScriptedServer() as server:
        server.says["tools/list"] = lambda params: {"tools": [TOOL]}
        server.says["tools/call"] = lambda params: {"content": [{"type": "text", "text": "Seen."}]}
        yield server


def visit(url: str, key: str = "", seconds: float = 60, **options):
    return connected(url, f"Bearer {key}" if key else "", "Tests", seconds, **options)


def names(server, **options) -> list[str]:
    with visit(server.url, **options) as client:
        return [tool.name for tool in client.tools()]


def called(server, **options):
    with visit(server.url, **options) as client:
        return client.call("look", {"at": "it"})


def event(message: dict) -> bytes:
    return b"data: " + json.dumps({"jsonrpc": "2.0"} | message).encode() + b"\n\n"


# At real servers


def test_it_speaks_the_newest_version_of_the_protocol(newest):
    with visit(newest) as client:
        tools = {tool.name: tool for tool in client.tools()}
        assert client.protocol == "2026-07-28" and client.wire.session is None
        assert client.call("forecast", {"city": "Bonn", "days": 2}) == ("Sun in Bonn for 2 days.", False)
    forecast = tools["forecast"]
    assert (forecast.title, forecast.description) == ("Forecast", "The weather of the next days.")
    assert forecast.parameters["required"] == ["city"] and "days" in forecast.parameters["properties"]


def test_it_shakes_hands_with_an_older_server_and_begins_anew_when_that_loses_the_session(older):
    with visit(older, KEY) as client:
        assert client.call("forecast", {"city": "Bonn"}).text == "Sun in Bonn for 1 days."
        assert client.protocol == "2025-11-25" and client.wire.session
        assert "forecast" in [tool.name for tool in client.tools()]


@pytest.mark.parametrize("protocol", ["2026-07-28", "2025-11-25", "2025-03-26"])
def test_what_a_server_spoke_last_time_is_only_a_hint(newest, older, protocol):
    for url in (newest, older):
        with visit(url, KEY, protocol=protocol) as client:
            assert client.call("forecast", {"city": "Bonn"}).text == "Sun in Bonn for 1 days."


def test_a_tool_that_fails_says_so(newest):
    with visit(newest) as client:
        assert client.call("broken", {"city": "Bonn"}) == ("Error executing tool broken", True)
        result = client.call("forecast", {"town": "Bonn"})
        assert result.failed and "city" in result.text


def test_a_wrong_key_is_a_reason_of_its_own(older):
    for key in ("", "wrong"):
        with pytest.raises(McpError, match="refuses our key"), visit(older, key) as client:
            client.tools()


def test_a_call_ends_when_another_thread_hangs_up_and_nothing_else_does(newest):
    hang_up = HangUp()
    began = time.monotonic()
    with pytest.raises(McpError, match="broken off"), visit(newest, seconds=60, hang_up=hang_up) as client:
        client.tools()
        threading.Timer(0.3, hang_up).start()
        client.call("slow", {"seconds": 50})
    assert time.monotonic() - began < 30


def test_a_call_that_takes_too_long_ends_and_leaves_the_rest_of_a_reply_alone(newest):
    hang_up = HangUp()
    with pytest.raises(McpError, match="too long"), visit(newest, seconds=2, hang_up=hang_up) as client:
        client.call("slow", {"seconds": 50})
    assert not hang_up.called


# What it sends


def test_the_session_is_sent_with_each_request_and_ended_with_the_visit(server, monkeypatch):
    monkeypatch.setattr(mcp_client, "LEAVE_WITHIN", 60)
    server.says["initialize"] = Raw(
        json.dumps({"jsonrpc": "2.0", "id": 2, "result": {"protocolVersion": "2025-06-18"}}).encode(),
        headers={"Mcp-Session-Id": "s-1"},
    )
    assert called(server).text == "Seen."
    assert server.methods == ["server/discover", "initialize", "notifications/initialized", "tools/call", "DELETE"]
    sent = [{name.lower(): value for name, value in headers.items()} for _, _, headers in server.asked[2:]]
    assert [(one["mcp-session-id"], one["mcp-protocol-version"]) for one in sent] == [("s-1", "2025-06-18")] * 3


def test_no_redirect_is_followed_so_the_key_stays_with_its_address(server):
    with ScriptedServer() as elsewhere:
        for status in (302, 307):
            moved = Raw(status=status, headers={"Location": elsewhere.url})
            server.says["server/discover"] = server.says["initialize"] = moved
            with pytest.raises(McpError, match="leads elsewhere"):
                names(server, key=KEY)
        assert elsewhere.asked == []
    assert server.asked[0][2]["Authorization"] == f"Bearer {KEY}"


def test_all_pages_of_the_list_are_read_and_one_that_never_ends_is_not_read_for_ever(server):
    def page(params: dict) -> dict:
        number = int(params.get("cursor", "0"))
        return {"tools": [TOOL | {"name": f"look{number}"}], "nextCursor": str(number + 1)}

    server.says["tools/list"] = page
    assert names(server) == [f"look{number}" for number in range(20)]
    server.says["tools/list"] = lambda params: {"tools": [TOOL | {"name": f"t{n}"} for n in range(5000)]}
    assert len(names(server)) == 200


def test_the_answer_is_found_among_what_else_a_stream_says(server):
    chatter = event({"method": "notifications/progress", "params": {}}) + b": beat\n\n" + event({"id": 9, "result": {}})
    answer = event({"id": 3, "result": {"content": [{"type": "text", "text": "Late."}]}})
    server.says["tools/call"] = Raw(chatter + answer, STREAM)
    assert called(server).text == "Late."


# Servers that misbehave

RESULT = b'{"jsonrpc": "2.0", "id": 3, "result": '


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        (Raw(b"<html>Hello</html>", "text/html"), "can be read"),
        (Raw(b"{not json"), "can be read"),
        (Raw(b"[" * 200_000), "can be read"),
        (Raw(b'"a text"'), "can be read"),
        (Raw(b'{"jsonrpc": "2.0", "id": 77, "result": {}}'), "can be read"),
        (Raw(RESULT + b"[]}"), "can be read"),
        (Raw(RESULT + b"{}}", headers={"Content-Encoding": "gzip"}), "can be read"),
        (Raw(b"x" * 100_000, times=100), "too much"),
        (Raw(b"data: " + b"x" * 100_000, STREAM, times=100), "too much"),
        (Raw(b": beat\n\n" * 10_000, STREAM, times=100), "too much"),
        (Raw(b"data: {}\n\n", STREAM, times=5_000), "too much"),
        (Raw(b"", STREAM), "can be read"),
        (Raw(b"No", "text/plain", 500), "has a problem"),
        (Raw(b"No", "text/plain", 403), "refuses our key"),
        (Error(-32603, "Sorry\u202e, " + "no " * 5_000), "Sorry, no no"),
        (Error(-32603, ""), "refused this"),
    ],
    ids=range(16),
)
def test_whatever_a_server_says_ends_with_a_reason_for_people(server, said, reason):
    server.says["tools/call"] = said
    with pytest.raises(McpError, match=reason) as error:
        called(server)
    assert len(str(error.value)) < 400


def test_a_server_that_never_ends_is_hung_up_on(server, monkeypatch):
    monkeypatch.setattr(mcp_http, "MOST", 10**12)
    server.says["tools/call"] = Raw(b": beat\n\n" * 1_000, STREAM, times=0)
    with pytest.raises(McpError, match="too long"):
        called(server, seconds=1)


def test_where_nobody_listens_the_server_cant_be_reached():
    with pytest.raises(McpError, match="can't be reached"), visit("http://127.0.0.1:9/mcp") as client:
        client.tools()


@pytest.mark.parametrize("version", [None, 7, "1999-01-01", "2024-11-05"])
def test_a_version_that_is_not_spoken_here_is_a_reason(server, version):
    server.says["initialize"] = lambda params: {"protocolVersion": version}
    with pytest.raises(McpError, match="another version"):
        names(server)


def test_tools_that_cant_be_used_are_left_out_and_the_others_are_cut_to_what_people_can_see(server):
    proper = {"name": "good", "title": "Good\u202e\n one" + "x" * 200, "description": "a\u200bb\r\n" + "y" * 50_000}
    hostile = [
        "look", None, {}, {"name": 7}, TOOL | {"name": "a b"}, TOOL | {"name": "x" * 200}, TOOL | {"inputSchema": "no"},
        TOOL | {"inputSchema": {"type": "string"}}, TOOL | {"inputSchema": {"type": "object", "x": "y" * 10_000}},
        TOOL | {"inputSchema": {"type": "object", "x": float("nan")}}, TOOL | {"inputSchema": {"x": "\ud800"}},
        TOOL | {"inputSchema": {"type": "object", "properties": {"a": {"type": "string", "x-mcp-header": "A"}}}},
        TOOL | {"inputSchema": {"type": "object", "x": json.loads("[" * 50 + "]" * 50)}},
    ]  # fmt: skip
    server.says["tools/list"] = lambda params: {"tools": [*hostile, proper | {"inputSchema": {}}]}
    with visit(server.url) as client:
        (tool,) = client.tools()
    assert tool.name == "good" and tool.title.startswith("Good onex") and len(tool.title) == 80
    assert tool.description.startswith("ab\nyyy") and len(tool.description) == 1_000 and "cut" in tool.description
    assert tool.parameters == {"type": "object", "properties": {}}


def test_what_is_no_text_is_named_and_what_has_none_says_so(server):
    blocks = [
        {"type": "text", "text": "One"},
        {"type": "image", "data": "…"},
        {"type": "resource", "resource": {"uri": "file:///a", "text": "Two"}},
        {"type": "resource_link", "name": "b", "uri": "https://b.example"},
        {"type": "text", "text": 7},
        "three",
    ]
    server.says["tools/call"] = lambda params: {"content": blocks}
    assert called(server).text == "One\n\n(An image, which is not shown here.)\n\nTwo\n\nb: https://b.example"
    server.says["tools/call"] = lambda params: {"content": [], "structuredContent": {"sum": 3}}
    assert called(server).text == '{"sum": 3}'
    server.says["tools/call"] = lambda params: {"content": "no list"}
    assert called(server).text == "The tool gave no text."
    server.says["tools/call"] = lambda params: {"resultType": "input_required", "inputRequests": []}
    assert called(server).failed


def test_the_connection_of_a_visit_is_closed_whatever_happened(server):
    before = threading.active_count()
    for _ in range(3):
        called(server)
    wait_until(lambda: threading.active_count() <= before + 1)
