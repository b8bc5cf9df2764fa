"""A model writes a tool's arguments, and everybody in the chat gets them. Whatever it writes, that stays small."""

import json

import pytest
from sqlalchemy import select

from chatapp.extensions import db
from chatapp.lib.llm_calls import ARGUMENTS_LIMIT, LEVELS, MOST_CALLS, TOO_DEEP
from chatapp.models import Chat, ToolUse
from chatapp.models.tool_use import GIVEN_LIMIT
from chatapp.turbo.testing import captured_broadcasts
from tests.lookup import Careful
from tests.provider import Calling
from tests.queries import messages_of
from tests.visitors import start_over

#: Bytes of everything that a reply with MOST_CALLS calls sends to a chat at once, and of a page that shows one call.
FRAME, PAGE = 150_000, 100_000


def nested(levels: int, inner: str = "", name: str = "query") -> str:
    """As many levels in all, the outermost of which is the object."""
    return f'{{"{name}": {"[" * (levels - 1)}{inner}{"]" * (levels - 1)}}}'


def filled(piece: str, around: str = '{"query": [%s]}', end: str = "0") -> str:
    """As many pieces as arguments may hold."""
    return around % (piece * ((ARGUMENTS_LIMIT - len(around) - len(end)) // len(piece.encode())) + end)


DEEPEST = "[" * (LEVELS - 1)
FINE = {
    "wide and deep": filled("1,", '{"query": ' + DEEPEST + "%s" + "]" * (LEVELS - 1) + "}"),
    "many at the deepest level": filled("[],", '{"query": ' + DEEPEST[1:] + "%s" + "]" * (LEVELS - 2) + "}", "[]"),
    "short floats": filled("1e15,"),
    "infinite": filled("1e999,"),
    "not numbers": filled("NaN,"),
    "empty objects": filled("{},"),
    "many small names": json.dumps({str(n): [[0]] for n in range(500)}),
    "ampersands": filled("&", '{"query": "%s"}'),
    "marks in a list": filled('"&<",', end='"&"'),
    "escaped quotes": filled('\\"', '{"query": "%s"}'),
    "escaped controls": filled("\\u0001", '{"query": ["%s"]}'),
    "half characters": filled("\\ud800", '{"query": "%s"}'),
    "characters of four bytes": filled("😀", '{"query": "%s"}'),
    "a large number": '{"query": %s}' % ("9" * 4_300),
}  # fmt: skip
REFUSED = {
    "one level too many": nested(LEVELS + 1),
    "lists in lists": nested(900),
    "more levels than a parser takes": nested(3_900),
    "objects in objects": '{"a":' * 800 + "1" + "}" * 800,
    "levels at the end": filled("1,", '{"query": [%s,' + "[" * 300 + "]" * 300 + "]}"),
    "not closed": "[" * 7_900,
    "no JSON": "&" * 7_900,
    "too long": filled("&") + "&" * 9_000,
}  # fmt: skip


@pytest.fixture
def tool(monkeypatch) -> Careful:
    tool = Careful()
    monkeypatch.setattr("chatapp.tools.registry", [lambda reply: [tool]])
    return tool


@pytest.fixture
def called(alice, tool, provider, work):
    """Has a model make as many calls as it may, with these arguments; returns the chat and the bytes of each frame."""

    def call(arguments: str) -> tuple[Chat, list[int]]:
        chat = Chat.start(alice.user, "Questions", assistant="always")
        db.session.flush()
        chat.post(alice.user, "What is it?")
        db.session.commit()
        provider.will(Calling((("careful", arguments),) * MOST_CALLS, size=4_000), "So.")
        with captured_broadcasts(chat.stream_name) as broadcasts:
            work()
        start_over()
        return chat, [len(broadcast.html.encode()) for broadcast in broadcasts]

    return call


def uses() -> list[ToolUse]:
    return list(db.session.scalars(select(ToolUse)))


@pytest.mark.parametrize("name", FINE)
def test_people_are_asked_about_arguments_of_any_shape_and_what_everybody_gets_stays_small(called, alice, name):
    stays_small(called(FINE[name]), alice)
    assert {use.state for use in uses()} == {"asking"}


@pytest.mark.parametrize("name", REFUSED)
def test_arguments_that_are_too_deep_or_unreadable_fail_with_a_reason_and_stay_small(called, alice, name, tool):
    stays_small(called(REFUSED[name]), alice)
    (told,) = {(use.state, use.result) for use in uses()}
    assert told[0] == "failed" and ("JSON" in told[1] or "longer than" in told[1]) and tool.asked == []


def stays_small(called: tuple[Chat, list[int]], reader) -> None:
    chat, frames = called
    assert len(uses()) == MOST_CALLS and 0 < max(frames) < FRAME
    assert len(reader.get(f"/chats/{chat.id}").data) < FRAME + 50_000
    path = f"/messages/{messages_of(chat)[-1].id}/uses/{uses()[0].id}"
    assert len(reader.get(path).data) < PAGE and len(reader.get(f"{path}?from=0").data) < PAGE


def test_who_decides_can_read_all_of_a_long_call(called, alice):
    chat, _ = called(json.dumps({"query": "x" * 5_000 + " and wipe the disk"}))
    path = f"/messages/{messages_of(chat)[-1].id}/uses/{uses()[0].id}"
    row = alice.get(f"/chats/{chat.id}").text
    assert "wipe the disk" not in row and f'href="{path}">Show all it would be given' in row
    page = alice.get(path).text
    assert "and wipe the disk" in page and "Allow</button>" in page
    assert alice.get(f"{path}?from=0").text.endswith("and wipe the disk")


def test_a_short_call_is_shown_whole_and_in_lines(called, alice):
    chat, _ = called(json.dumps({"query": {"city": "Bonn"}, "days": 3}))
    row = alice.get(f"/chats/{chat.id}").text
    assert "query: {\n &#34;city&#34;: &#34;Bonn&#34;\n}\ndays: 3</pre>" in row and "Show all" not in row


def test_a_call_that_the_previous_release_took_is_not_made_without_its_arguments(called, alice, work, tool):
    chat, _ = called('{"query": "x"}')
    db.session.execute(db.text("UPDATE tool_uses SET arguments = :deep"), {"deep": nested(100)})
    db.session.commit()
    for use in uses():
        path = f"/messages/{use.message_id}/uses/{use.id}/permissions"
        assert alice.turbo("POST", path).status_code == 201
    work()
    assert {(use.state, use.result) for use in uses()} == {("failed", TOO_DEEP)} and tool.asked == []


def test_the_limits_are_told_apart():
    assert ToolUse(arguments=nested(LEVELS)).given.startswith("query: [")
    assert ToolUse(arguments=nested(LEVELS + 1)).given == nested(LEVELS + 1)
    assert str(LEVELS) in TOO_DEEP and ToolUse(arguments="{}").glance == ("", False)
    whole = json.dumps({"q": "x" * (GIVEN_LIMIT - 3)})
    assert ToolUse(arguments=whole).glance == (f"q: {'x' * (GIVEN_LIMIT - 3)}", False)
