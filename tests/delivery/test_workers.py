"""Many replies in one worker, stopped, handed over, and with workers that are killed."""

import sys
from contextlib import ExitStack
from statistics import median

import pytest
from rq.registry import StartedJobRegistry

from tests.provider import Faithful, Hang, call
from tests.servers import wait_until

from .killing import killed_workers, text_of
from .live import LivePage
from .page import Page, differences
from .stopping import last, stop_one
from .world import HastyWorker

REPLIES = 12


@pytest.fixture(autouse=True)
def as_before(world):
    """The others find the model as it was."""
    yield
    world.assistant_will("All right.")


@pytest.fixture
def asking_chat(world):
    """``asking_chat()`` is a new chat in which the assistant answers everything."""
    email, members = world.email("Ada"), [world.email("Bob")]
    return lambda: world.direct.start_chat(email=email, members=members, assistant="always", title="Questions")


def started(world) -> int:
    return StartedJobRegistry("replies", world.redis_client).get_job_count(cleanup=False)


@pytest.mark.any_database
@pytest.mark.usefixtures("no_other_worker")
def test_one_worker_writes_many_replies_at_once_and_the_queue_knows_them(world, asking_chat, one_more):
    one_more()
    chats = [asking_chat() for _ in range(REPLIES)]
    world.assistant_will(Hang("Thinking"))
    asked = len(world.provider.requests)
    for chat in chats:
        world.direct.post(chat=chat, email=world.email("Bob"), content="Well?")
    wait_until(lambda: len(world.provider.requests) == asked + REPLIES, 30)
    wait_until(lambda: started(world) == REPLIES)
    world.provider.release()
    wait_until(lambda: not world.direct.unfinished(), 30)
    wait_until(lambda: started(world) == 0)


@pytest.mark.any_database
@pytest.mark.usefixtures("no_other_worker")
def test_a_reply_that_is_stopped_ends_everywhere_long_before_its_model_is_given_up(world, asking_chat, one_more):
    chat, _ = asking_chat(), one_more()
    tries = [stop_one(world, chat) for _ in range(4)]
    tries.append(stop_one(world, chat, restart_redis=True))
    assert median(stopped.seen for stopped in tries) < 3  # usually below one second; the machine may be busy
    assert median(stopped.hung_up for stopped in tries) < 3


@pytest.mark.usefixtures("no_other_worker")
def test_a_worker_that_is_asked_to_stop_hands_its_reply_over_to_another(world, asking_chat, one_more):
    chat, leaving = asking_chat(), one_more()
    text = text_of(1, 600)
    faithful = Faithful({"Well?": text}, every=0.1)  # longer than a worker that stops gives it
    world.assistant_will(faithful)
    with LivePage(world.door("Ada"), chat) as page:
        world.direct.post(chat=chat, email=world.email("Bob"), content="Well?")
        wait_until(lambda: "w9" in last(page), 20)
        asked = len(world.provider.requests)
        leaving.stop()
        reply = world.direct.state(chat=chat)["messages"][-1]
        assert (reply["state"], text.startswith(reply["content"])) == ("generating", True)
        world.worker.start()
        wait_until(lambda: not world.direct.unfinished(), 60)
        reply = world.direct.state(chat=chat)["messages"][-1]
        assert (reply["state"], reply["content"], faithful.strays) == ("complete", text, [])
        assert len(world.provider.requests) == asked + 1
        wait_until(lambda: differences(page, Page(world.door("Ada"), chat).load()) == [])


def test_of_killed_workers_nothing_is_lost_and_nothing_comes_twice(world, one_more):
    outcome = killed_workers(world, [world.worker, one_more()], replies=6, length=800, every=2, times=3)
    assert outcome.wrong == []
    assert outcome.complete + len(outcome.told) == 6
    assert all("interrupted" in reason for reason in outcome.told)


@pytest.fixture
def tooled(world):
    """``tooled()`` is a worker whose assistants have a tool; ``tooled("hangs")`` one whose tool finds nothing."""
    with ExitStack() as stack:

        def start(*arguments: str) -> HastyWorker:
            worker = HastyWorker(world.environ | {"ASSISTANT_TIMEOUT": "60"})
            worker.command = [sys.executable, "-m", "tests.delivery.tooled_worker", *arguments]
            return stack.enter_context(worker)

        yield start


@pytest.mark.usefixtures("no_other_worker")
@pytest.mark.parametrize("end", ["kill9", pytest.param("stop", marks=pytest.mark.any_database)])
def test_what_a_worker_leaves_while_a_tool_runs_another_does_and_nothing_comes_twice(world, asking_chat, tooled, end):
    chat, leaving = asking_chat(), tooled("hangs")
    world.assistant_will(call("lookup", "Let me look.", query="budget"), "It is forty thousand.")
    with LivePage(world.door("Ada"), chat) as page:
        world.direct.post(chat=chat, email=world.email("Bob"), content="How much is it?")
        wait_until(lambda: "Look it up …" in last(page), 20)
        asked = len(world.provider.requests)
        getattr(leaving, end)()
        tooled()
        wait_until(lambda: not world.direct.unfinished(), 60)
        reply = world.direct.state(chat=chat)["messages"][-1]
        assert (reply["state"], reply["content"]) == ("complete", "Let me look.\n\nIt is forty thousand.")
        assert len(world.provider.requests) == asked + 1
        told = world.provider.requests[-1]["messages"]
        assert [message["role"] for message in told[-2:]] == ["assistant", "tool"]
        assert told[-1]["content"] == "It is 40,000."
        wait_until(lambda: differences(page, Page(world.door("Ada"), chat).load()) == [])
        assert last(page).count("Looked up") == 1
