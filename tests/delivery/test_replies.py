"""A worker that dies in the middle of a reply."""

import pytest

from tests.provider import Hang
from tests.servers import wait_until

from .live import LivePage
from .page import Page, differences


@pytest.mark.usefixtures("no_other_worker")
def test_a_reply_whose_worker_was_killed_is_written_by_the_next_one(world, new_chat, one_more):
    chat, worker = new_chat(assistant="always"), one_more()
    wait_until(lambda: states(world, chat) == ["complete"], 30)
    world.assistant_will(Hang(after="Thinking"), "Forty-two.")
    with LivePage(world.door("Ada"), chat) as page:
        world.direct.post(chat=chat, email=world.email("Bob"), content="What is the answer?")
        wait_until(lambda: "Thinking" in page.list.shown[-1].html)
        worker.kill9()
        worker.start()
        wait_until(lambda: "Forty-two." in page.list.shown[-1].html, 30)
        wait_until(lambda: differences(page, Page(world.door("Ada"), chat).load()) == [])
    wait_until(lambda: states(world, chat) == ["complete", "complete"])


def test_a_reply_that_nobody_writes_any_more_ends_when_its_question_is_deleted(world, new_chat):
    chat, _ = new_chat(), world.worker
    question = world.direct.post(chat=chat, email=world.email("Bob"), content="What is the answer?")
    world.direct.begin_reply(question=question)  # and whoever began is gone
    world.direct.delete(message=question)
    wait_until(lambda: "failed" in states(world, chat), 30)


def test_a_reply_that_was_deleted_is_not_begun_again(world, new_chat):
    chat, _ = new_chat(), world.worker
    question = world.direct.post(chat=chat, email=world.email("Bob"), content="What is the answer?")
    world.direct.delete(message=world.direct.begin_reply(question=question))
    assert states(world, chat) == ["stopped"]


def states(world, chat: int) -> list[str]:
    """Of the replies."""
    return [message["state"] for message in world.direct.state(chat=chat)["messages"] if message["is_reply"]]
