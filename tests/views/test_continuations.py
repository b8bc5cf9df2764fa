"""Continuing a reply that was cut off at its limit."""

import pytest

from chatapp.extensions import db, queue
from chatapp.models import Chat, Message
from chatapp.models.conversation import GO_ON
from chatapp.models.mixins.generated import REPLY_LIMIT
from tests.provider import Cut, Limited
from tests.queries import messages_of
from tests.visitors import start_over


@pytest.fixture
def asked(alice, bob) -> Chat:
    """A chat of Alice and Bob with a question in it."""
    chat = Chat.start(alice.user, "Questions", assistant="always")
    db.session.flush()
    chat.admit(bob.user)
    chat.post(alice.user, "Tell me a story")
    db.session.commit()
    return chat


@pytest.fixture
def reply(asked, provider, work) -> Message:
    """A reply that was cut off."""
    provider.will(Limited("Once upon a time"))
    work()
    return last(asked)


def last(chat) -> Message:
    start_over()
    return messages_of(chat)[-1]


def go_on(visitor, reply, work) -> Message:
    assert visitor.turbo("POST", f"/messages/{reply.id}/continuations").status_code == 201
    work()
    return last(reply.chat)


def test_a_reply_that_was_cut_off_says_so_and_offers_to_go_on(bob, asked, reply):
    assert (reply.state, reply.content) == ("cut", "Once upon a time")
    page = bob.get(f"/chats/{asked.id}").text
    assert "reached its limit" in page and f'href="/messages/{reply.id}/continuations"' in page


def test_the_rest_comes_behind_what_there_is(bob, reply, provider, work):
    provider.will("time there was a king.")
    told = go_on(bob, reply, work)
    assert (told.id, told.state, told.content) == (reply.id, "complete", "Once upon a time there was a king.")


@pytest.mark.parametrize(
    ("begun", "told", "rest", "whole"),
    [
        ("Once upon a drag", "Once upon a ", ["dragon's ", "tail."], "Once upon a dragon's tail."),  # inside a word
        ("He came home.", "He came ", ["home. ", "Then"], "He came home. Then"),
        ("It ends here.", "It ends ", ["here."], "It ends here."),  # there was no rest
        ("Once upon a", "Once upon ", [" ", " a time"], "Once upon a time"),  # with a space, or spaces
        ("def f():\n    ret", "def f():\n    ", ["return 1"], "def f():\n    return 1"),
        ("- one\n- two", "- one\n- ", ["two\n- three"], "- one\n- two\n- three"),
        ("从前有一个国王住在一座很大很大的城堡里他有三个女儿她们都非常美丽而且非常聪明有一天", None, ["国王说"], None),
    ],
)
def test_the_rest_is_joined_between_two_words_and_never_inside_of_one(
    bob, asked, provider, work, begun, told, rest, whole
):
    provider.will(Limited([begun]), rest)
    work()
    assert last(asked).content == begun
    assert go_on(bob, last(asked), work).content == (whole or begun + rest[0])
    assert {"role": "assistant", "content": told or begun} in provider.requests[-1]["messages"]


def test_the_model_is_told_how_far_it_came(bob, reply, provider, work):
    provider.will("time there was a king.")
    go_on(bob, reply, work)
    assert [(turn["role"], turn["content"]) for turn in provider.requests[-1]["messages"][1:]] == [
        ("user", "Tell me a story"),
        ("assistant", "Once upon a "),
        ("user", GO_ON),
    ]


def test_it_can_be_cut_off_again_and_gone_on_with_again(bob, reply, provider, work):
    provider.will(Limited("time there w"), "was a king.")
    assert go_on(bob, reply, work).state == "cut"
    assert go_on(bob, reply, work).content == "Once upon a time there was a king."


def test_what_there_is_stays_when_going_on_fails_and_is_tried_again(bob, reply, provider, work):
    provider.will(Cut("time there was"), "time there lived a king.")
    assert go_on(bob, reply, work).state == "failed"
    bob.turbo("POST", f"/messages/{reply.id}/retries")
    work()
    assert last(reply.chat).content == "Once upon a time there lived a king."


def test_a_rest_that_is_empty_leaves_what_there_is(bob, reply, provider, work):
    provider.will("")
    told = go_on(bob, reply, work)
    assert (told.state, told.content) == ("failed", "Once upon a time")


def test_a_reply_as_long_as_any_may_be_is_not_gone_on_with(bob, asked, provider, work):
    provider.will(["x" * (REPLY_LIMIT + 1)])
    work()
    reply = last(asked)
    assert reply.state == "cut" and "/continuations" not in bob.get(f"/chats/{asked.id}").text
    bob.turbo("POST", f"/messages/{reply.id}/continuations")
    assert (reply.state, len(queue.replies)) == ("cut", 0)


@pytest.mark.parametrize("state", ["failed", "stopped"])
def test_what_failed_or_was_stopped_is_gone_on_with_too(bob, asked, reply, provider, work, state):
    reply.state = state
    db.session.commit()
    assert f'href="/messages/{reply.id}/continuations"' in bob.get(f"/chats/{asked.id}").text
    provider.will("time there was a king.")
    told = go_on(bob, reply, work)
    assert (told.state, told.content) == ("complete", "Once upon a time there was a king.")


@pytest.mark.parametrize(
    ("state", "content"), [("complete", "Once"), ("generating", "Once"), ("failed", ""), ("stopped", " ")]
)
def test_only_what_ended_early_with_some_text_is_gone_on_with(bob, reply, state, content):
    reply.state, reply.content = state, content
    db.session.commit()
    before = reply.chat.revision
    assert bob.turbo("POST", f"/messages/{reply.id}/continuations").status_code == 201
    assert (reply.state, reply.chat.revision, len(queue.replies)) == (state, before, 0)


def test_a_plain_form_goes_on_too(bob, asked, reply):
    assert f'action="/messages/{reply.id}/continuations"' in bob.get(f"/messages/{reply.id}/continuations").text
    answer = bob.submit(f"/messages/{reply.id}/continuations")
    assert (answer.status_code, answer.location, reply.state) == (303, f"/chats/{asked.id}", "generating")


def test_outsiders_do_not_go_on(charlie, anonymous, reply):
    for visitor, status in ((charlie, 404), (anonymous, 401)):
        assert visitor.turbo("POST", f"/messages/{reply.id}/continuations").status_code == status
    assert reply.state == "cut"


def test_what_was_cut_off_is_told_to_the_model_later(bob, asked, reply, provider, work):
    bob.send(asked, "And then?")
    work()
    assert {"role": "assistant", "content": "Once upon a time"} in provider.requests[-1]["messages"]


def test_a_stopped_reply_offers_to_try_again(bob, asked, provider, work):
    reply = last(asked)
    bob.turbo("POST", f"/messages/{reply.id}/stops")
    assert f'href="/messages/{reply.id}/retries"' in bob.get(f"/chats/{asked.id}").text
    work()
    bob.turbo("POST", f"/messages/{reply.id}/retries")
    work()
    assert last(asked).state == "complete"


@pytest.mark.parametrize(("state", "words"), [("generating", "…"), ("stopped", "Stopped"), ("failed", "No answer")])
def test_the_list_says_why_a_reply_is_empty(bob, asked, state, words):
    reply = last(asked)
    reply.state = state
    db.session.commit()
    assert f"</span>: {words}</span>" in bob.get("/").text
