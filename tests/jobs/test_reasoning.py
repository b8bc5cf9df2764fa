"""What a model thinks before it answers."""

import re

import pytest
from sqlalchemy import func, select

from chatapp.extensions import db
from chatapp.models import Chat, Message, Reasoning
from chatapp.models.reasoning import LEFT_OUT, REASONING_LIMIT
from chatapp.turbo.testing import captured_broadcasts
from tests.provider import Limited, Thinking
from tests.queries import messages_of
from tests.visitors import start_over


@pytest.fixture
def asked(alice) -> Chat:
    chat = Chat.start(alice.user, "Questions", assistant="always")
    db.session.flush()
    chat.post(alice.user, "How much is it?")
    db.session.commit()
    return chat


def last(chat) -> Message:
    start_over()
    return messages_of(chat)[-1]


def reasoning(visitor, reply, number: int = 1, query: str = "?from=0"):
    return visitor.get(f"/messages/{reply.id}/versions/{number}/reasoning{query}")


def row(visitor, reply) -> str:
    page = visitor.get(f"/chats/{reply.chat_id}").text
    return page.split(f'<article id="message_{reply.id}"')[1].split("</article>")[0]


@pytest.mark.parametrize(
    "said", [Thinking("Let me <b>count</b>.", "Four."), "<think>Let me <b>count</b>.</think>\n\nFour."]
)
def test_what_the_model_thinks_stands_beside_its_answer_and_not_in_it(alice, asked, provider, work, said):
    provider.will(said)
    work()
    reply = last(asked)
    assert (reply.content, reply.state) == ("Four.", "complete") and reply.thought_for >= 1
    assert re.search(r"Thought for \d+ seconds?<", row(alice, reply)) and "Let me" not in row(alice, reply)
    assert reasoning(alice, reply).text == "Let me <b>count</b>."
    assert "Let me &lt;b&gt;count&lt;/b&gt;." in reasoning(alice, reply, query="").text


def test_a_message_without_reasoning_is_not_a_byte_longer(alice, asked, provider, work):
    provider.will("<think>\n\n</think>\n\nFour.")  # models do so that could think and do not
    work()
    assert last(asked).thought_for is None and "reasoning" not in row(alice, last(asked))
    assert reasoning(alice, last(asked)).status_code == 404


def test_the_next_turn_is_not_given_it_and_the_search_does_not_find_it(alice, asked, provider, work):
    provider.will(Thinking("Elephants, perhaps.", "Four."))
    work()
    alice.send(asked, "And then?")
    work()
    assert "Elephants" not in f"{provider.requests[-1]}"
    assert "Nothing found" in alice.get("/search?q=elephants").text


def test_while_the_model_thinks_pages_are_told_so_once_however_much_it_thinks(
    alice, asked, provider, work, monkeypatch
):
    monkeypatch.setattr("chatapp.models.pace.Pace.is_due", lambda self, length: True)
    provider.will(Thinking("One two three four five six seven.", ["Four", "."]))
    with captured_broadcasts(asked.stream_name) as broadcasts:
        work()
    told = [broadcast.html for broadcast in broadcasts if "Thinking …" in broadcast.html]
    assert len(told) == 1 and len(broadcasts) <= 4
    assert "seven" not in "".join(broadcast.html for broadcast in broadcasts)


def test_it_can_be_read_from_where_one_is(alice, asked, provider, work):
    provider.will(Thinking("Grüße 🎉 one two.", "Four."))
    work()
    assert reasoning(alice, last(asked), query="?from=7").text == " one two."
    assert reasoning(alice, last(asked), query="?from=999").text == ""
    assert reasoning(alice, last(asked), query="?from=-5").text == "Grüße 🎉 one two."


def test_it_has_a_limit_and_says_so(alice, asked, provider, work):
    provider.will(Thinking(["x" * 9_000] * 5, "Four."))
    work()
    text = reasoning(alice, last(asked)).text
    assert text == "x" * REASONING_LIMIT + LEFT_OUT and last(asked).content == "Four."


def test_a_nul_and_half_a_character_are_left_out_as_in_an_answer(alice, asked, provider, work):
    provider.will(Thinking(["a\0b", "\ud83d"], "Four."))
    work()
    assert reasoning(alice, last(asked)).text == "ab\ufffd"


def test_each_version_has_its_own(alice, asked, provider, work):
    provider.will(Thinking("First.", "Four."), Thinking("Second.", "Five."), "Six.")
    work()
    for _ in range(2):
        alice.turbo("POST", f"/messages/{last(asked).id}/versions")
        work()
    reply = last(asked)
    assert [reasoning(alice, reply, number).text for number in (1, 2)] == ["First.", "Second."]
    assert reasoning(alice, reply, 3).status_code == 404 and "reasoning" not in row(alice, reply)
    alice.turbo("POST", f"/messages/{reply.id}/versions/1")
    assert f"/messages/{reply.id}/versions/1/reasoning" in row(alice, last(asked))


def test_an_answer_that_is_tried_again_in_its_place_forgets_what_was_thought(alice, asked, provider, work):
    provider.will(Thinking("Hm.", ""), "Four.")
    work()
    assert (last(asked).state, reasoning(alice, last(asked)).text) == ("failed", "Hm.")
    assert ">Reasoning<" in row(alice, last(asked))
    alice.turbo("POST", f"/messages/{last(asked).id}/retries")
    work()
    assert (last(asked).content, last(asked).thought_for) == ("Four.", None)
    assert reasoning(alice, last(asked)).status_code == 404


def test_what_is_thought_before_the_rest_comes_behind_what_was_thought_before(alice, asked, provider, work):
    provider.will(Limited("<think>First.</think>One two"), Thinking("Second.", "two three."))
    work()
    alice.turbo("POST", f"/messages/{last(asked).id}/continuations")
    work()
    assert last(asked).content == "One two three."
    assert reasoning(alice, last(asked)).text == "First.\n\nSecond."


def test_a_model_that_thinks_up_to_its_limit_says_so(asked, provider, work):
    provider.will(Limited("<think>And on and on"))
    work()
    assert (last(asked).state, last(asked).content) == ("failed", "") and "before it said anything" in last(
        asked
    ).failure


def test_it_goes_with_its_message(asked, provider, work):
    provider.will(Thinking("Hm.", "Four."))
    work()
    last(asked).delete()
    db.session.commit()
    assert db.session.scalar(select(func.count()).select_from(Reasoning)) == 0


def test_outsiders_and_who_was_removed_do_not_read_it(bob, charlie, asked, provider, work):
    asked.admit(bob.user)
    db.session.commit()
    provider.will(Thinking("Hm.", "Four."))
    work()
    assert reasoning(bob, last(asked)).text == "Hm."
    asked.dismiss(asked.membership_of(bob.user))
    db.session.commit()
    for visitor in (bob, charlie):
        assert reasoning(visitor, last(asked)).status_code == 404
