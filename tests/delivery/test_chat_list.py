"""The list of chats beside an open one, by the same connection, in a process whose heartbeat is too slow to help."""

import pytest

from tests.servers import wait_until

from .live import LivePage
from .page import Page, differences
from .world import FaultyGunicorn


@pytest.fixture(scope="module")
def slow(world):
    with FaultyGunicorn(world.environ | {"HEARTBEAT_SECONDS": "30"}, preload=False) as server:
        yield server


@pytest.fixture
def page(world, new_chat, slow):
    """Of Ada; hers is the page of one chat, and `page.other` is the id of another one."""
    chat, other = new_chat(), new_chat()
    with LivePage(world.door("Ada").at(slow.url), chat, first_beat=10) as page:
        page.other = other
        wait_until(lambda: page.source and page.source.status == 200)
        yield page


def equals_a_fresh_one(page: LivePage, world, name: str = "Ada") -> bool:
    return differences(page, Page(world.door(name), page.chat).look()) == []


def say(world, chat: int, content: str) -> int:
    return world.direct.post(chat=chat, email=world.email("Bob"), content=content)


def delete_the_newest(world, chat: int) -> None:
    world.direct.delete(message=say(world, chat, "Soon gone"))


def read(world, chat: int, message: int) -> None:
    world.direct.read(chat=chat, email=world.email("Ada"), message=message, only_forward=False)


CHANGES = {
    "a message": lambda world, chat: say(world, chat, "News"),
    "a deletion of what is unread": delete_the_newest,
    "another title": lambda world, chat: world.direct.retitle(chat=chat, title="Renamed"),
    "what was read": lambda world, chat: read(world, chat, 10**9),
    "what is unread again": lambda world, chat: [read(world, chat, id) for id in (10**9, 0)],
    "the archive": lambda world, chat: world.direct.archive(chat=chat),
    "a removal": lambda world, chat: world.direct.dismiss(chat=chat, email=world.email("Ada")),
    "a new chat": lambda world, chat: world.direct.start_chat(
        email=world.email("Bob"), members=[world.email("Ada")], title="New"
    ),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_the_list_follows_at_once(world, page, change):
    before = page.chats.cursor
    change(world, page.other)
    wait_until(lambda: page.chats.cursor != before or page.figures["reconnects"])
    wait_until(lambda: equals_a_fresh_one(page, world))
    assert page.figures["reconnects"] == 0
    assert page.violations == []


def test_the_open_chat_and_the_list_come_by_one_connection(world, page):
    say(world, page.chat, "Here")
    say(world, page.other, "There")
    wait_until(lambda: equals_a_fresh_one(page, world))
    assert {name.partition(":")[0] for name in page.seen} == {"chat", "user"}


def test_who_is_removed_loses_the_chat_and_its_line_and_keeps_the_rest(world, page):
    door = world.door("Bob").at(page.door.url)
    with LivePage(door, page.chat, first_beat=10) as removed:
        wait_until(lambda: removed.source and removed.source.status == 200)
        world.direct.dismiss(chat=page.chat, email=world.email("Bob"))
        world.direct.post(chat=page.chat, email=world.email("Ada"), content="Said after the removal")
        world.direct.post(chat=page.other, email=world.email("Ada"), content="For Bob")
        wait_until(lambda: removed.is_withheld)
        wait_until(lambda: equals_a_fresh_one(removed, world, "Bob"))
        assert removed.figures["reconnects"] == 0
        assert "Said after the removal" not in "".join(event.data for event in removed.events)


def test_who_is_added_again_goes_on_from_what_the_page_shows(world, chat):
    with LivePage(world.door("Cleo"), chat, first_beat=10) as page:
        wait_until(lambda: page.source and page.source.status == 200)
        world.direct.dismiss(chat=chat, email=world.email("Cleo"))
        wait_until(lambda: page.is_withheld)
        say(world, chat, "Missed")
        world.direct.admit(chat=chat, email=world.email("Cleo"))
        wait_until(lambda: equals_a_fresh_one(page, world, "Cleo"))
        assert any(article.html.count("Missed") for article in page.list.shown)
        assert page.figures["full_lists"] == 0
