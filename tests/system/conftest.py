"""Real browsers in front of real servers. One site and one Chromium serve all tests of a process of pytest."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.provider import Provider
from tests.servers import worker

from .browsers import launch
from .people import Person
from .site import LocalModel, Site

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items):
    for item in items:
        if HERE in item.path.parents:
            item.add_marker("system")


@pytest.fixture(scope="session")
def browser(playwright):
    with launch(playwright) as browser:
        yield browser


@pytest.fixture(scope="session")
def site(tmp_path_factory):
    with Site(tmp_path_factory.mktemp("site")) as site:
        yield site


@pytest.fixture(scope="module")
def local_model(site):
    """The assistant is the language model that bin/dev brings along."""
    with LocalModel() as model, worker(site.environ | {"OPENAI_BASE_URL": model.url}):
        yield model


@pytest.fixture(scope="module")
def provider(site):
    """The assistant says what the tests tell it to."""
    with Provider() as provider, worker(site.environ | {"OPENAI_BASE_URL": provider.url}):
        yield provider


@pytest.fixture
def person(site, browser):
    """``person("Carol")`` is somebody new at a browser of her own."""
    people: list[Person] = []

    def create(name: str, url: str | None = None, browser: Browser = browser, **options) -> Person:
        people.append(Person(site.url, name).sign_up().at(browser, url, **options))
        return people[-1]

    yield create
    for person in people:
        person.leave()
    for person in people:
        person.check()


@pytest.fixture(scope="session")
def regulars(site, browser):
    """Alice and Bob come to every test, and their browsers need not load everything anew each time."""
    people = [Person(site.url, name).sign_up().at(browser) for name in ("Alice", "Bob")]
    yield people
    for person in people:
        person.leave()


@pytest.fixture
def alice(regulars):
    yield from visit(regulars[0])


@pytest.fixture
def bob(regulars):
    yield from visit(regulars[1])


def visit(person: Person):
    person.mistakes.clear()
    yield person
    person.context.set_offline(False)
    person.context.clear_permissions()
    for page in person.context.pages:
        page.close()
    person.check()


@pytest.fixture
def chat(alice, bob) -> int:
    """A closed chat of Alice and Bob, without the assistant."""
    chat = alice.start_chat(title="Plans")
    alice.add(bob, chat)
    return chat
