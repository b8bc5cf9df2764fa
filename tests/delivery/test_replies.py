"""A worker that dies in the middle of a reply."""

from tests.provider import Hang
from tests.servers import wait_until

from .live import LivePage
from .page import Page, differences


def test_a_reply_whose_worker_was_killed_is_written_by_the_next_one(world, new_chat):
    chat, worker = new_chat(assistant="always"), world.worker
    wait_until(lambda: states(world, chat) == ["complete"], 30)
    world.assistant_will(Hang(after="Thinking"), "Forty-two.")
    with LivePage(world.door("Ada"), chat) as page:
        world.direct.post(chat=chat, email=world.email("Bob"), content="What is the answer?")
        wait_until(lambda: "Thinking" in page.list.shown[-1].html)
        worker.kill9()
        worker.start()
        wait_until(lambda: "Forty-two." in page.list.shown[-1].html, 30)
        wait_until(lambda: differences(page, Page(world.door("Ada"), chat).load()) == [])
    assert states(world, chat) == ["complete", "complete"]


def states(world, chat: int) -> list[str]:
    """Of the replies."""
    messages = world.direct.state(chat=chat)["messages"]
    return [state for id, client_id, state, deleted, wanted, content in messages[1:] if not content.startswith("What")]
