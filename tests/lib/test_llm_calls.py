"""Calls of tools, as servers send them: in pieces, and now and then wrong."""

import json

import pytest

from chatapp.lib import llm
from chatapp.lib.llm import LanguageModel, ModelError
from chatapp.lib.llm_calls import ARGUMENTS_LIMIT, MOST_CALLS, Calls, in_request
from tests.provider import Calling, Failure, Provider, Raw, called, completion, said

TOOLS = [{"type": "function", "function": {"name": "search", "description": "Search", "parameters": {}}}]
ASKED = [{"role": "user", "content": "What is it?"}]


@pytest.fixture
def provider():
    with Provider() as provider:
        yield provider


@pytest.fixture
def model(provider) -> LanguageModel:
    return LanguageModel(provider.url, "key", "model", timeout=60, longest=60, max_tokens=100)


def collected(*events: dict) -> list[tuple]:
    calls = Calls()
    for event in events:
        calls.read(json.dumps(event).encode())
    return [(call.id, call.name, call.text, call.arguments, call.error) for call in calls.collected()]


def fragment(index=None, id=None, name=None, arguments=None) -> dict:
    function = {key: value for key, value in (("name", name), ("arguments", arguments)) if value is not None}
    given = (("index", index), ("id", id), ("function", function or None))
    return {key: value for key, value in given if value is not None}


def test_calls_in_pieces_and_in_turn_are_put_together(provider, model):
    provider.will(Calling((("search", {"query": "budget"}), ("fetch", {"url": "https://a.example"})), "Let me look. "))
    assert "".join(model.stream(ASKED, TOOLS)) == "Let me look. "
    assert [(call.id, call.name, call.arguments, call.error) for call in model.calls] == [
        ("call-0", "search", {"query": "budget"}, None),
        ("call-1", "fetch", {"url": "https://a.example"}, None),
    ]
    assert provider.requests[0]["tools"] == TOOLS


def test_an_answer_without_tools_sends_no_word_of_them_and_its_calls_are_none(provider, model):
    provider.will(Calling((("search", {}),), "Hello"))
    assert "".join(model.stream(ASKED)) == "Hello" and model.calls == []
    assert "tools" not in provider.requests[0]


def test_a_server_may_send_whole_calls_without_an_index():
    calls = collected(called(fragment(id="a", name="one", arguments="{}"), fragment(id="b", name="two")))
    assert calls == [("a", "one", "{}", {}, None), ("b", "two", "", {}, None)]


def test_what_has_neither_index_nor_id_goes_on_with_the_last_call():
    calls = collected(called(fragment(id="a", name="one", arguments='{"x"')), called(fragment(arguments=":1}")))
    assert calls == [("a", "one", '{"x":1}', {"x": 1}, None)]


def test_arguments_may_be_an_object_already():
    assert collected(called(fragment(0, "a", "one", {"x": 1})))[0][3] == {"x": 1}


def test_each_call_has_an_id_of_its_own():
    ids = [call[0] for call in collected(called(*(fragment(n, id, "one") for n, id in enumerate(["a", "a", None]))))]
    assert ids[0] == "a" and len(set(ids)) == 3 and all(ids)


@pytest.mark.parametrize("text", ["{", "[1]", "null", '"x"', "[" * 7_000, "{'a': 1}"])
def test_arguments_that_are_no_object_are_an_error_for_the_model(text):
    _, _, kept, arguments, error = collected(called(fragment(0, "a", "one", text)))[0]
    assert (kept, arguments) == (text, {}) and "JSON" in error


def test_arguments_without_an_end_are_cut_and_an_error():
    calls = Calls()
    for _ in range(100):
        calls.read(json.dumps(called(fragment(0, "a", "one", "é" * 1_000))).encode())
    call = calls.collected()[0]
    assert len(call.text.encode()) <= ARGUMENTS_LIMIT and "longer" in call.error


def test_calls_behind_the_first_few_are_dropped():
    events = [called(fragment(n, f"c{n}", "one", "{}"), fragment(n, arguments=" ")) for n in range(1_000)]
    assert [call[0] for call in collected(*events)] == [f"c{n}" for n in range(MOST_CALLS)]


@pytest.mark.parametrize(
    "strange",
    [
        {"index": 0, "id": 7, "function": {"name": ["x"], "arguments": 3}},
        {"index": True, "function": "x"},
        {"index": -1, "id": "\0\ud83d", "function": {"name": "a b"}},
        {"index": 0, "function": {"name": "x" * 9_000}},
        {},
    ],
)
def test_strange_fragments_break_nothing(strange):
    calls = collected(called(strange), called("x", None, 3), {"choices": [{"delta": {"tool_calls": [{}, 1]}}]})
    assert [call[4] for call in calls] == ["The call names no tool."]


def test_what_comes_back_to_the_server_is_always_readable():
    told = in_request([("a", "one", "{'x"), ("b", "", ""), ("c", "two", '{"x": 1}')])
    assert [call["function"]["arguments"] for call in told] == ["{}", "{}", '{"x": 1}']


@pytest.mark.parametrize("status", [400, 404, 422])
def test_a_server_that_refuses_tools_is_asked_once_without_them(provider, model, status):
    provider.will(Failure(status, "gemma does not support tools"), "Without them.")
    assert "".join(model.stream(ASKED, TOOLS)) == "Without them."
    assert ["tools" in request for request in provider.requests] == [True, False]


def test_a_full_window_is_not_taken_for_a_refusal_of_tools(provider, model):
    provider.will(Failure(400, "Maximum context length exceeded: 3 tokens in the messages, 9 in the functions"))
    with pytest.raises(ModelError, match="too long"):
        list(model.stream(ASKED, TOOLS))
    assert len(provider.requests) == 1


def test_a_server_that_refuses_results_of_tools_makes_a_sentence_for_people(provider, model):
    provider.will(Failure(400, "role 'tool' is not supported"))
    with pytest.raises(ModelError, match="administrator can take the tools away"):
        list(model.stream([*ASKED, {"role": "tool", "tool_call_id": "a", "content": "x"}]))


def test_calls_that_a_limit_cuts_off_are_not_made(provider, model):
    provider.will(Raw(said(called(fragment(0, "a", "search", '{"que')), completion("", "length"))))
    with pytest.raises(llm.CutOff):
        list(model.stream(ASKED, TOOLS))
    assert model.calls == []
