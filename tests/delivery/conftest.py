"""Servers for the delivery tests. All tests of a process share `world`: whoever stops a part of it starts it again."""

from contextlib import ExitStack
from pathlib import Path

import pytest

from .tab import browser_of
from .torture import Torture
from .world import FaultyGunicorn, HastyWorker, World


def pytest_collection_modifyitems(items) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker("delivery")


@pytest.fixture(scope="session")
def world(tmp_path_factory, database):
    with World(tmp_path_factory.mktemp("world"), database) as world:
        yield world


@pytest.fixture(scope="session")
def torture(world):
    with Torture(world) as torture:
        yield torture


@pytest.fixture(scope="session")
def torture_in_browser(world, playwright):
    """One of its pages is in Chromium."""
    with browser_of(world.people["Ada"], playwright) as browser, Torture(world, browser) as torture:
        yield torture


@pytest.fixture
def no_other_worker(world):
    """The world's own worker rests until the test is over, or starts it."""
    world.worker.stop()
    yield
    if not world.worker.running:
        world.worker.start()


@pytest.fixture
def one_more(world):
    """``one_more()`` is a worker beside the world's own, whose model may be silent for longer."""
    with ExitStack() as stack:
        yield lambda: stack.enter_context(HastyWorker(world.environ | {"ASSISTANT_TIMEOUT": "60"}))


@pytest.fixture
def new_chat(world):
    """``new_chat()`` is the id of a new chat of Ada, Bob and Cleo with one message; the assistant keeps out of it."""

    def create(assistant: str = "never") -> int:
        members = [world.email("Bob"), world.email("Cleo")]
        chat = world.direct.start_chat(email=world.email("Ada"), members=members, assistant=assistant, title="Plans")
        world.direct.post(chat=chat, email=world.email("Bob"), content="Welcome")
        return chat

    return create


@pytest.fixture
def chat(new_chat) -> int:
    return new_chat()


@pytest.fixture(params=["1", "0"], ids=["sockets", "greenlets"])
def server(world, request):
    """``server(SETTING="1")`` is one more web process on the world's database and Redis, with settings of its own.

    Each test has one whose streams are on sockets, and one that gives each a greenlet.
    """
    own = {"STREAMS_ON_SOCKETS": request.param}
    with ExitStack() as stack:

        def start(app: str = "tests.delivery.faulty:app", **settings: str) -> FaultyGunicorn:
            return stack.enter_context(FaultyGunicorn(world.environ | own | settings, app, preload=False))

        yield start
