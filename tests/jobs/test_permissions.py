"""People are asked before a tool is used: the reply waits without a worker, and goes on once they have decided."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from chatapp.extensions import db, queue
from chatapp.jobs.sweeps import enqueue_forgotten_replies
from chatapp.models import Budget, Chat, Message, ToolUse
from chatapp.models.budget import TOKENS, USED_UP
from chatapp.models.mixins.timestamps import now
from chatapp.models.mixins.tooled import DENIED
from chatapp.models.rounds import LATE
from chatapp.turbo.testing import captured_broadcasts
from tests.lookup import Lookup, Wipe
from tests.provider import Calling, call
from tests.queries import messages_of, statements
from tests.visitors import start_over

BUDGET = call("lookup", "Let me look.", query="<b>budget</b>")


@pytest.fixture
def lookup(monkeypatch) -> Lookup:
    lookup = Lookup({"<b>budget</b>": "It is <i>40,000</i>."})
    monkeypatch.setattr("chatapp.tools.registry", [lambda reply: [lookup]])
    monkeypatch.setattr("chatapp.tools.toolbox.asks_first", lambda chat, tool: True)
    return lookup


@pytest.fixture
def chat(alice, bob, person, lookup) -> Chat:
    """Managed by Alice. Bob has asked, and Rita reads along."""
    chat = Chat.start(alice.user, "Questions", assistant="always")
    db.session.flush()
    chat.admit(bob.user)
    db.session.commit()
    return chat


@pytest.fixture
def asking(chat, bob, provider, work) -> Message:
    """A reply that asks whether it may look something up."""
    provider.will(BUDGET, "It is forty thousand.")
    chat.post(bob.user, "How much is it?")
    db.session.commit()
    work()
    return last(chat)


def last(chat) -> Message:
    start_over()
    return messages_of(chat)[-1]


def uses() -> list[tuple]:
    start_over()
    return list(map(tuple, db.session.execute(select(ToolUse.state, ToolUse.result).order_by(ToolUse.id))))


def address(reply: Message, verb: str, place: int = 0) -> str:
    return f"/messages/{reply.id}/uses/{reply.uses[place].id}/{verb}"


def row(visitor, reply) -> str:
    page = visitor.get(f"/chats/{reply.chat_id}").text
    return page.split(f'<article id="message_{reply.id}"')[1].split("</article>")[0]


def test_a_reply_that_asks_has_ended_its_turn_and_shows_what_would_be_done(asking, alice, lookup):
    assert (asking.state, asking.content, asking.asks) == ("generating", "Let me look.", True)
    assert uses() == [("asking", None)] and lookup.asked == [] and len(queue.replies) == 0
    shown = row(alice, asking)
    assert "Wants to use: Look it up" in shown and "query: &lt;b&gt;budget&lt;/b&gt;" in shown
    assert "typing__dots" not in shown and "Stop" in shown
    assert f'data-user-id="{asking.question.author_id}"' in shown


@pytest.mark.parametrize("who", ["bob", "alice"])
def test_whoever_asked_or_a_manager_allows_it_and_the_reply_goes_on(asking, work, lookup, provider, request, who):
    visitor = request.getfixturevalue(who)
    with captured_broadcasts(asking.chat.stream_name) as broadcasts:
        answer = visitor.turbo("POST", address(asking, "permissions"))
    assert answer.status_code == 201 and len(broadcasts) == 1 and "Look it up …" in broadcasts[0].html
    work()
    assert uses() == [("done", "It is <i>40,000</i>.")]
    assert (last(asking.chat).state, last(asking.chat).content) == (
        "complete",
        "Let me look.\n\nIt is forty thousand.",
    )
    assert provider.requests[-1]["messages"][-1]["content"] == "It is <i>40,000</i>."


def test_what_is_not_allowed_is_told_to_the_model_and_the_reply_goes_on(asking, bob, work, lookup, provider):
    assert bob.submit(address(asking, "refusals")).status_code == 303
    work()
    assert uses() == [("denied", DENIED)] and lookup.asked == []
    assert last(asking.chat).state == "complete"
    assert provider.requests[-1]["messages"][-1]["content"] == DENIED


def test_what_is_allowed_when_the_budget_is_used_up_waits_until_there_is_one_again(asking, bob, work, lookup, provider):
    """The decision stays, and somebody goes on from there later."""
    Budget.decide("USD", TOKENS, person_day=1, place_day=None, place_month=None)
    db.session.commit()
    assert bob.turbo("POST", address(asking, "permissions")).status_code == 201
    work()
    reply = last(asking.chat)
    assert (reply.state, reply.failure) == ("failed", USED_UP["person_day"])
    assert lookup.asked == [] and len(provider.requests) == 1
    Budget.decide("USD", TOKENS, person_day=None, place_day=None, place_month=None)
    db.session.commit()
    bob.turbo("POST", f"/messages/{reply.id}/continuations")
    work()
    assert last(asking.chat).state == "complete" and len(lookup.asked) == 1


def test_a_decision_holds(asking, bob, work, lookup):
    for verb in ("refusals", "permissions"):
        assert bob.turbo("POST", address(asking, verb)).status_code == 201
    work()
    assert uses() == [("denied", DENIED)] and lookup.asked == []


def test_others_decide_nothing(asking, person, charlie, bob):
    rita = person("Rita")
    asking.chat.admit(rita.user)
    db.session.commit()
    before = uses()
    assert rita.turbo("POST", address(asking, "permissions")).status_code == 403
    assert "Allow</button>" not in rita.get(address(asking, "permissions")).text
    assert charlie.turbo("POST", address(asking, "permissions")).status_code == 404
    assert charlie.get(address(asking, "permissions")).status_code == 404
    path = address(asking, "permissions")
    asking.chat.dismiss(asking.chat.membership_of(bob.user))
    db.session.commit()
    assert bob.turbo("POST", path).status_code == 404
    assert uses() == before


def test_a_use_of_another_message_is_not_found(asking, bob, alice):
    other = messages_of(asking.chat)[0]
    assert (
        alice.turbo("POST", address(asking, "permissions").replace(f"/{asking.id}/", f"/{other.id}/")).status_code
        == 404
    )
    assert alice.get(f"/messages/{other.id}/uses/{asking.uses[0].id}").status_code == 404


def test_without_scripts_a_page_has_the_choice_and_the_result(asking, bob, work):
    page = bob.get(address(asking, "permissions")).text
    assert "Allow</button>" in page and "Don’t allow</button>" in page and "&lt;b&gt;budget" in page
    assert bob.submit(address(asking, "permissions")).status_code == 303
    work()
    shown = bob.get(f"/messages/{asking.id}/uses/{asking.uses[0].id}").text
    assert "It is &lt;i&gt;40,000&lt;/i&gt;." in shown and "Allow</button>" not in shown


def test_the_text_of_a_use_can_be_read_from_where_one_is(asking, bob, alice, charlie, work):
    bob.turbo("POST", address(asking, "permissions"))
    work()
    path = f"/messages/{asking.id}/uses/{asking.uses[0].id}?from="
    answer = alice.get(f"{path}0")
    assert answer.text == "query: <b>budget</b>\n\nIt is <i>40,000</i>." and answer.mimetype == "text/plain"
    assert alice.get(f"{path}99").text == "" and charlie.get(f"{path}0").status_code == 404


def test_a_reply_that_asks_can_be_stopped(asking, bob, work, lookup):
    path = address(asking, "permissions")
    bob.turbo("POST", f"/messages/{asking.id}/stops")
    assert last(asking.chat).state == "stopped" and "not finished" in row(bob, last(asking.chat))
    assert bob.turbo("POST", path).status_code == 201
    work()
    assert lookup.asked == [] and last(asking.chat).state == "stopped"


def test_a_stopped_question_is_asked_again_when_somebody_continues(asking, bob, work, lookup, provider):
    bob.turbo("POST", f"/messages/{asking.id}/stops")
    bob.turbo("POST", f"/messages/{asking.id}/continuations")
    work()
    assert last(asking.chat).asks and len(provider.requests) == 1
    bob.turbo("POST", address(last(asking.chat), "permissions"))
    work()
    assert last(asking.chat).content == "Let me look.\n\nIt is forty thousand."


def test_it_does_not_hold_up_what_others_ask(asking, alice, work, provider):
    provider.will("Something else.")
    alice.send(asking.chat, "And what is this?")
    work()
    assert last(asking.chat).content == "Something else."
    start_over()
    assert db.session.get(Message, asking.id).asks


def test_what_nobody_decides_counts_as_not_allowed_after_a_while(asking, work, lookup, provider):
    enqueue_forgotten_replies()
    work()
    assert last(asking.chat).asks
    last(asking.chat).asks_until = last(asking.chat).leased_until = now() - timedelta(seconds=1)
    db.session.commit()
    enqueue_forgotten_replies()
    work()
    assert uses() == [("denied", LATE)] and lookup.asked == []
    assert (last(asking.chat).state, provider.requests[-1]["messages"][-1]["content"]) == ("complete", LATE)


def test_all_calls_of_a_round_are_decided_before_it_goes_on(chat, bob, provider, work, lookup):
    provider.will(Calling((("lookup", {"query": "one"}), ("lookup", {"query": "two"}))), "So.")
    chat.post(bob.user, "Both?")
    db.session.commit()
    work()
    reply = last(chat)
    bob.turbo("POST", address(reply, "permissions"))
    work()
    assert [state for state, _ in uses()] == ["running", "asking"] and lookup.asked == []
    bob.turbo("POST", address(last(chat), "refusals", 1))
    work()
    assert [state for state, _ in uses()] == ["done", "denied"] and lookup.asked == ["one"]
    assert last(chat).content == "So."


def test_what_needs_no_permission_is_done_before_people_are_asked(chat, bob, provider, work, lookup, monkeypatch):
    monkeypatch.setattr("chatapp.tools.toolbox.asks_first", lambda chat, tool: tool.name == "wipe")
    wipe = Wipe()
    monkeypatch.setattr("chatapp.tools.registry", [lambda reply: [lookup, wipe]])
    provider.will(Calling((("wipe", {"query": "one"}), ("lookup", {"query": "two"}))), "So.")
    chat.post(bob.user, "Both?")
    db.session.commit()
    work()
    assert [state for state, _ in uses()] == ["asking", "done"] and last(chat).asks_until
    bob.turbo("POST", address(last(chat), "permissions"))
    work()
    assert wipe.asked == ["one"] and last(chat).content == "So."  # although it may not be used twice


def test_half_a_character_in_arguments_breaks_no_page(chat, bob, provider, work):
    provider.will(Calling((("lookup", '{"query": "a\\u0000\\ud83d\\n\\nb"}'),)))
    chat.post(bob.user, "What?")
    db.session.commit()
    work()
    assert "query: a\ufffd\n\nb" in row(bob, last(chat)) and last(chat).uses[0].words == "Looked up “a\ufffd b”"
    assert bob.get(address(last(chat), "permissions")).status_code == 200
    assert bob.get(f"/messages/{last(chat).id}/uses/{last(chat).uses[0].id}?from=0").status_code == 200


def test_a_decision_is_refused_in_an_archived_chat(asking, bob, alice):
    asking.chat.archive()
    db.session.commit()
    assert alice.turbo("POST", address(asking, "permissions")).status_code in (403, 409, 422)
    assert uses() == [("asking", None)]


def test_a_page_without_tools_costs_no_statement_more_and_one_with_many_costs_one(
    nothing_remembered, alice, bob, chat, provider, work, monkeypatch
):
    monkeypatch.setattr("chatapp.tools.toolbox.asks_first", lambda chat, tool: False)

    def cost() -> int:
        with statements() as seen:
            assert alice.get(f"/chats/{chat.id}").status_code == 200
        assert sum("FROM tool_uses" in statement for statement, _ in seen) <= 1
        return len(seen)

    provider.will("No tools.")
    alice.send(chat, "One"), work()
    cost()
    without = cost()
    provider.will(Calling((("lookup", {"query": "one"}), ("lookup", {"query": "two"}))), "So.", BUDGET, "It is.")
    for words in ("Two", "Three"):
        alice.send(chat, words), work()
    assert cost() == without + 1
