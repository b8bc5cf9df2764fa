"""A reply whose assistant has the tools that an administrator gave it, from the question to the answer."""

import pytest
from sqlalchemy import select

from chatapp.extensions import db
from chatapp.models import Assistant, Chat, ToolUse
from tests.provider import call
from tests.queries import messages_of
from tests.visitors import start_over


@pytest.fixture
def asked(alice) -> Chat:
    assistant = Assistant.add("Coder", tools="search web")
    chat = Chat.start(alice.user, "Plans", assistant="always")
    db.session.flush()
    chat.admit(assistant.user)
    for text in ("The budget is forty thousand.", "Lunch is at noon.", "How much is it?"):
        chat.assistant = "always" if text.endswith("?") else "never"
        chat.post(alice.user, text)
    db.session.commit()
    return chat


def use_of(chat: Chat) -> ToolUse:
    start_over()
    return db.session.scalar(select(ToolUse))


def test_it_finds_what_was_said_long_ago_and_asks_nobody_about_that(asked, provider, work):
    provider.will(call("search_chat", query="budget"), "Forty thousand.")
    work()
    use = use_of(asked)
    assert (use.state, use.words) == ("done", "Searched this chat for “budget”")
    assert "forty thousand" in use.result and "noon" not in use.result
    assert messages_of(asked)[-1].content == "Forty thousand."
    assert "forty thousand" in provider.requests[1]["messages"][-1]["content"]


def test_people_are_asked_before_it_reads_a_page_of_the_web(asked, provider, work):
    provider.will(call("read_web_page", url="https://example.com/budget"), "So much.")
    work()
    use = use_of(asked)
    assert (use.state, use.words) == ("asking", "Read “https://example.com/budget”")
    assert messages_of(asked)[-1].asks and len(provider.requests) == 1
