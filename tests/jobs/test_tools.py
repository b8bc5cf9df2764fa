"""A reply in rounds: the model calls tools, and goes on with what they have found."""

import json
from threading import Thread

import pytest
from sqlalchemy import func, select

from chatapp.extensions import db
from chatapp.jobs.desk import desk, hang_up_on_ended_replies, renew_leases
from chatapp.jobs.replies import conversation_for, language_model, write
from chatapp.models import Budget, Chat, Figure, Message, ToolUse
from chatapp.models.budget import TOKENS, USED_UP
from chatapp.models.reply import Reply
from chatapp.models.rounds import INTERRUPTED, ROUNDS
from chatapp.models.tool_use import LEFT_OUT, RESULT_LIMIT
from chatapp.tools.toolbox import Toolbox
from tests.lookup import Lookup, ToolError, Wipe
from tests.provider import Calling, Counted, Cut, Failure, Hang, Limited, Thinking, call
from tests.queries import messages_of
from tests.servers import wait_until
from tests.visitors import start_over

BUDGET = call("lookup", query="budget")


@pytest.fixture
def lookup() -> Lookup:
    return Lookup({"budget": "It is 40,000.", "fail": ToolError("The book is closed."), "break": ValueError("x")})


@pytest.fixture
def tools(lookup, monkeypatch) -> list:
    tools = [lookup, Wipe()]
    monkeypatch.setattr("chatapp.tools.registry", [lambda reply: tools])
    return tools


@pytest.fixture
def asked(alice, tools) -> Chat:
    chat = Chat.start(alice.user, "Questions", assistant="always")
    db.session.flush()
    chat.post(alice.user, "How much is it?")
    db.session.commit()
    return chat


def last(chat) -> Message:
    start_over()
    return messages_of(chat)[-1]


def uses(chat) -> list[tuple]:
    rows = db.session.scalars(select(ToolUse).order_by(ToolUse.number, ToolUse.round, ToolUse.place))
    return [(row.number, row.round, row.place, row.name, row.state, row.result) for row in rows]


def roles(request: dict) -> list[str]:
    return [message["role"] for message in request["messages"]]


def test_the_model_is_told_what_its_tool_has_found_and_goes_on(asked, provider, work, lookup):
    provider.will(call("lookup", "Let me look.", query="budget"), "It is forty thousand.")
    work()
    reply = last(asked)
    assert (reply.state, reply.content) == ("complete", "Let me look.\n\nIt is forty thousand.")
    assert uses(asked) == [(1, 1, 0, "lookup", "done", "It is 40,000.")]
    assert lookup.asked == ["budget"] and lookup.transactions == [False]
    first, second = provider.requests
    assert first["tools"] == second["tools"] and first["tools"][0]["function"]["name"] == "lookup"
    assert roles(first) == ["system", "user"]
    assert second["messages"][2:] == [
        {
            "role": "assistant",
            "content": "Let me look.",
            "tool_calls": [
                {"id": "call-0", "type": "function", "function": {"name": "lookup", "arguments": '{"query": "budget"}'}}
            ],
        },
        {"role": "tool", "tool_call_id": "call-0", "content": "It is 40,000."},
    ]


def test_without_tools_a_request_has_no_word_of_them(asked, provider, work, tools):
    tools.clear()
    work()
    assert "tools" not in provider.requests[0]


def test_several_calls_at_once_are_made_one_after_the_other(asked, provider, work, lookup):
    provider.will(Calling((("lookup", {"query": "budget"}), ("lookup", {"query": "fail"}))), "So.")
    work()
    assert [use[2:] for use in uses(asked)] == [
        (0, "lookup", "done", "It is 40,000."),
        (1, "lookup", "failed", "The book is closed."),
    ]
    assert roles(provider.requests[1]) == ["system", "user", "assistant", "tool", "tool"]


@pytest.mark.parametrize(
    ("calling", "told"),
    [
        (Calling((("lookup", "{'x'"),)), "JSON"),
        (call("lookup", query="break"), "Something broke"),
        (call("nothing"), "no such tool"),
        (Calling((("", {}),)), "names no tool"),
    ],
)
def test_a_call_that_cannot_be_made_is_told_to_the_model_and_the_reply_goes_on(asked, provider, work, calling, told):
    provider.will(calling, "All the same.")
    work()
    assert (last(asked).content, uses(asked)[0][4]) == ("All the same.", "failed")
    assert told in provider.requests[1]["messages"][-1]["content"]
    repeated = provider.requests[1]["messages"][-2]["tool_calls"][0]["function"]
    assert repeated["name"] and isinstance(json.loads(repeated["arguments"]), dict)


def test_in_the_eighth_round_no_tools_are_offered_and_the_reply_ends(asked, provider, work, lookup):
    provider.will(BUDGET)
    work()
    assert [bool(request.get("tools")) for request in provider.requests] == [True] * (ROUNDS - 1) + [False]
    assert len(lookup.asked) == ROUNDS - 1
    assert (last(asked).state, last(asked).failure) == ("failed", "The model gave an empty answer.")


def test_a_model_that_has_spoken_may_end_with_a_call(asked, provider, work):
    provider.will(call("lookup", "Noted.", query="budget"), "")
    work()
    assert (last(asked).state, last(asked).content) == ("complete", "Noted.")


def test_a_long_result_is_cut_and_one_with_strange_letters_is_kept(asked, provider, work, lookup):
    lookup.answers |= {"long": "x" * 50_000, "odd": "a\0b\ud83d"}
    provider.will(Calling((("lookup", {"query": "long"}), ("lookup", {"query": "odd"}))), "So.")
    work()
    long, odd = (use[5] for use in uses(asked))
    assert len(long) == RESULT_LIMIT and long.endswith(LEFT_OUT) and odd == "ab\ufffd"


def test_results_that_overflow_the_window_are_cut_and_a_request_never_exceeds_it(asked, provider, work, lookup, app):
    from chatapp.models.conversation import weight, weight_of_tools

    app.config["ASSISTANT_CONTEXT_TOKENS"], before = 3_000, app.config["ASSISTANT_CONTEXT_TOKENS"]
    lookup.answers |= {f"{n}": f"{n}" * 8_000 for n in range(6)}
    provider.will(*(call("lookup", f"Round {n}.", query=f"{n}") for n in range(6)), "So.")
    try:
        work()
    finally:
        app.config["ASSISTANT_CONTEXT_TOKENS"] = before
    assert last(asked).state == "complete" and last(asked).content.endswith("Round 5.\n\nSo.")
    for request in provider.requests:
        taken = sum(map(weight, request["messages"])) + weight_of_tools(request.get("tools", []))
        assert taken <= 3_000 - app.config["ASSISTANT_REPLY_TOKENS"] or taken <= 1_500
    final = [message["content"] for message in provider.requests[-1]["messages"] if message["role"] == "tool"]
    assert final[-1].startswith("5") and len(final[-1]) > len(final[0])
    assert provider.requests[-1]["messages"][1]["content"] == "How much is it?"


def test_tokens_of_all_rounds_are_counted_together(asked, provider, work):
    counted = Counted("It is.", 30, 7)
    provider.will(BUDGET, counted)
    work()
    figure = db.session.scalar(select(Figure))
    assert figure.estimated and figure.tokens_in > 30 and figure.tokens_out >= 7
    assert figure.took_ms >= figure.first_ms
    assert db.session.scalar(select(func.count()).select_from(Figure)) == 1


def test_what_is_thought_before_and_after_a_call_stands_apart(alice, asked, provider, work):
    provider.will(call("lookup", "<think>First.</think>Look.", query="budget"), Thinking("Second.", "Done."))
    work()
    reply = last(asked)
    assert alice.get(f"/messages/{reply.id}/versions/1/reasoning?from=0").text == "First.\n\nSecond."


def test_a_server_that_takes_no_tools_still_answers(asked, provider, work):
    provider.will(Failure(400, "this model does not support tools"), "Without.")
    work()
    assert last(asked).content == "Without." and uses(asked) == []


def test_a_limit_in_a_later_round_leaves_the_text_cut_off(asked, provider, work):
    provider.will(call("lookup", "Look.", query="budget"), Limited("And then"))
    work()
    assert (last(asked).state, last(asked).content) == ("cut", "Look.\n\nAnd then")


# Versions


def test_answering_again_begins_without_rows_and_each_version_keeps_its_own(alice, asked, provider, work):
    provider.will(call("lookup", "One.", query="budget"), "A.", "B.")
    work()
    alice.turbo("POST", f"/messages/{last(asked).id}/versions")
    work()
    reply = last(asked)
    assert (reply.content, reply.uses, roles(provider.requests[-1])) == ("B.", [], ["system", "user"])
    alice.turbo("POST", f"/messages/{reply.id}/versions/1")
    reply = last(asked)
    assert (reply.content, [use.state for use in reply.uses]) == ("One.\n\nA.", ["done"])


def test_trying_again_forgets_the_rows_of_a_reply_without_text(alice, asked, provider, work):
    provider.will(BUDGET, Failure(500), Failure(500), "Well.")
    work()
    assert last(asked).state == "failed" and len(uses(asked)) == 1
    alice.turbo("POST", f"/messages/{last(asked).id}/retries")
    work()
    assert (last(asked).content, uses(asked), last(asked).first_use_id) == ("Well.", [], None)
    assert roles(provider.requests[-1]) == ["system", "user"]


def test_continue_goes_on_with_the_rows(alice, asked, provider, work, lookup):
    provider.will(call("lookup", "Look.", query="budget"), Cut("One two"), "two three.")
    work()
    assert (last(asked).state, last(asked).content) == ("failed", "Look.\n\nOne two")
    alice.turbo("POST", f"/messages/{last(asked).id}/continuations")
    work()
    assert (last(asked).state, last(asked).content) == ("complete", "Look.\n\nOne two three.")
    assert roles(provider.requests[-1]) == ["system", "user", "assistant", "tool", "assistant", "user"]
    assert provider.requests[-1]["messages"][4]["content"] == "One " and lookup.asked == ["budget"]


def test_rows_go_with_their_message(asked, provider, work):
    provider.will(BUDGET, "It is.")
    work()
    last(asked).delete()
    db.session.commit()
    assert uses(asked) == []


# While a tool runs


def test_no_transaction_is_open_while_a_tool_runs(asked, provider, lookup):
    provider.will(BUDGET, "It is.")
    reply, session, open_ones = last(asked), db.session(), []
    lookup.use = lambda arguments, hang_up: f"{open_ones.append(session.in_transaction())}"
    for _ in Reply(reply, conversation_for(reply.question), language_model(), Toolbox).steps():
        db.session.commit()
    assert (last(asked).content, open_ones) == ("It is.", [False])


@pytest.fixture
def running(asked, provider, lookup):
    """A tool hangs, in another thread."""
    provider.will(call("lookup", "Look.", query="hang"), "It is.")
    reply = last(asked)
    thread = Thread(target=write, args=(reply.id,))
    thread.start()
    wait_until(lambda: lookup.asked == ["hang"])
    start_over()
    yield thread
    lookup.hung_up.set()
    desk.hand_over()
    thread.join(10)
    assert not thread.is_alive()


def test_the_row_is_there_before_the_tool_is_used(asked, running):
    assert uses(asked) == [(1, 1, 0, "lookup", "running", None)]
    assert (last(asked).content, last(asked).uses[0].begun_at is not None) == ("Look.", True)


@pytest.mark.parametrize("verb", ["stop", "delete"])
def test_a_tool_ends_as_soon_as_somebody_ends_its_reply(asked, running, lookup, verb):
    getattr(last(asked), verb)()
    db.session.commit()
    hang_up_on_ended_replies()
    wait_until(lookup.hung_up.is_set)
    running.join(10)
    assert not running.is_alive()
    states = db.session.scalars(select(Message.state).where(Message.question_id.is_not(None)))
    assert states.all() == ["stopped"] and lookup.asked == ["hang"]


def test_the_lease_is_renewed_while_a_tool_runs(asked, running):
    before = last(asked).leased_until
    renew_leases()
    assert last(asked).leased_until > before


def test_a_worker_that_is_asked_to_stop_hands_its_tool_over(asked, running, provider, work, lookup):
    desk.hand_over()
    wait_until(lookup.hung_up.is_set)
    running.join(10)
    assert (last(asked).state, last(asked).is_leased) == ("generating", False)
    lookup.answers["hang"] = "unused"
    lookup.use = lambda arguments, hang_up: "Once more."
    work()
    assert uses(asked) == [(1, 1, 0, "lookup", "done", "Once more.")]
    assert (last(asked).state, last(asked).content) == ("complete", "Look.\n\nIt is.")


# After a death

NO_END = "UPDATE messages SET state = 'generating', leased_until = NULL, leased_at = NULL WHERE id = :id"


def after_a_death(reply: Message, *, content: str, use: dict | None = None) -> None:
    """As a killed worker leaves it."""
    db.session.execute(db.text(NO_END), {"id": reply.id})
    db.session.execute(db.text("UPDATE messages SET content = :c WHERE id = :id"), {"id": reply.id, "c": content})
    for name, value in (use or {}).items():
        db.session.execute(db.text(f"UPDATE tool_uses SET {name} = :v"), {"v": value})
    db.session.commit()
    start_over()
    reply.chat.enqueue(reply)
    db.session.commit()


def test_another_worker_goes_on_between_two_rounds(asked, provider, work, lookup):
    provider.will(call("lookup", "Look.", query="budget"), "One two.", "It is.")
    work()
    after_a_death(last(asked), content="Look.")
    work()
    assert last(asked).content == "Look.\n\nIt is."
    assert roles(provider.requests[-1]) == ["system", "user", "assistant", "tool"]
    assert lookup.asked == ["budget"] and len(uses(asked)) == 1


def test_another_worker_goes_on_in_the_middle_of_a_later_round(asked, provider, work):
    provider.will(call("lookup", "Look.", query="budget"), "One two three.", "two three.")
    work()
    after_a_death(last(asked), content="Look.\n\nOne tw")
    work()
    assert last(asked).content == "Look.\n\nOne two three."
    assert provider.requests[-1]["messages"][4:][0] == {"role": "assistant", "content": "One "}


def test_a_call_whose_result_is_missing_is_made_once_more(asked, provider, work, lookup):
    provider.will(BUDGET, "One.", "It is.")
    work()
    after_a_death(last(asked), content="", use={"state": "running", "result": None})
    work()
    assert lookup.asked == ["budget", "budget"] and last(asked).content == "It is."
    assert uses(asked) == [(1, 1, 0, "lookup", "done", "It is 40,000.")]


def test_a_call_that_may_not_be_made_twice_is_not(asked, provider, work, tools):
    provider.will(call("wipe", query="board"), "One.", "It is.")
    work()
    assert tools[1].asked == ["board"]
    after_a_death(last(asked), content="", use={"state": "running", "result": None})
    work()
    assert tools[1].asked == ["board"] and uses(asked)[0][4:] == ("failed", INTERRUPTED)
    assert last(asked).content == "It is."


def test_a_tool_that_was_taken_away_meanwhile_is_not_used(asked, provider, work, tools, lookup):
    provider.will(BUDGET, "One.", "It is.")
    work()
    tools.clear()
    after_a_death(last(asked), content="", use={"state": "running", "result": None})
    work()
    assert lookup.asked == ["budget"] and "no such tool" in uses(asked)[0][5]


def test_a_model_that_falls_silent_behind_a_call_can_be_stopped(asked, provider):
    provider.will(BUDGET, Hang("And"))
    reply = last(asked)
    thread = Thread(target=write, args=(reply.id,))
    thread.start()
    wait_until(lambda: last(asked).content == "And")
    last(asked).stop()
    db.session.commit()
    hang_up_on_ended_replies()
    thread.join(20)
    assert not thread.is_alive() and (last(asked).state, last(asked).content) == ("stopped", "And")
    provider.release()


def test_a_budget_that_a_round_has_used_up_ends_the_reply_before_the_next_one(asked, provider, work, lookup):
    """It says so, and can be continued from there: nothing that was paid for is lost."""
    Budget.decide("USD", TOKENS, person_day=10, place_day=None, place_month=None)
    db.session.commit()
    provider.will(call("lookup", "Let me look.", query="budget"), "It is forty thousand.")
    work()
    reply = last(asked)
    assert (reply.state, reply.content, reply.failure) == ("failed", "Let me look.", USED_UP["person_day"])
    assert [state for *_, state, _ in uses(asked)] == ["done"] and len(provider.requests) == 1
    spent = db.session.scalars(select(Figure.tokens_in + Figure.tokens_out)).all()
    assert len(spent) == 1 and spent[0] >= 10
    Budget.decide("USD", TOKENS, person_day=None, place_day=None, place_month=None)
    reply.chat.resume(reply, reply.question.author)
    db.session.commit()
    work()
    assert (last(asked).state, last(asked).content) == ("complete", "Let me look.\n\nIt is forty thousand.")
