"""Many people, one chat, two web processes."""

import uuid
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import httpx

from tests.browserless import Person
from tests.servers import wait_until

from .live import LivePage
from .page import Page, differences

PEOPLE, MESSAGES = 20, 200


def test_of_twenty_people_everybody_reads_the_same_messages_in_the_same_order_each_once(world):
    with ExitStack() as stack:
        crowd = [stack.enter_context(Person(world.web[n % 2].url, f"Crowd{n}").sign_up()) for n in range(PEOPLE)]
        chat = crowd[0].start_chat(kind="open", title="Crowd")
        for person in crowd:
            person.submit(f"/chats/{chat}/members", {})
        doors = [world.door("Ada").at(world.web[n % 2].url) for n in range(PEOPLE)]
        pages = [stack.enter_context(LivePage(door, chat, first_beat=15)) for door in doors]
        wait_until(lambda: all(page.source and page.source.status == 200 for page in pages))
        with ThreadPoolExecutor(PEOPLE) as pool:
            answers = list(pool.map(lambda n: send(crowd[n % PEOPLE], chat, f"Message {n}"), range(MESSAGES)))
        assert {answer.status_code for answer in answers} == {201}
        wait_until(lambda: all(len(page.list.shown) == MESSAGES for page in pages), 30)
        assert_equal(pages, Page(world.door("Ada"), chat).load())


def send(person: Person, chat: int, content: str) -> httpx.Response:
    """A connection that was kept open may be closed at that very moment: then once more, as a page does."""
    client_id = uuid.uuid4().hex
    try:
        return person.send(chat, content, client_id)
    except httpx.TransportError:
        return person.send(chat, content, client_id)


def assert_equal(pages: list[LivePage], fresh: Page) -> None:
    expected = [article.id for article in fresh.everything()[1]]
    assert len(set(expected)) == len(expected) == MESSAGES
    for page in pages:
        assert [article.id for article in page.list.shown] == expected
    assert [page.figures["reconnects"] for page in pages] == [0] * PEOPLE
    assert [page.violations for page in pages] == [[]] * PEOPLE
    for page in pages[:2]:
        wait_until(lambda: differences(page, fresh) == [])  # noqa: B023 - the list may come a moment later
