"""What a page gets that comes back, down to the bytes."""

import re

import pytest

from tests.servers import wait_until

from .http import Reader
from .live import FULL_LIST, LivePage
from .page import Page, differences


def fragments(html: str) -> list[tuple[str, str]]:
    return re.findall(r'<turbo-stream action="(\w+)" target="(\w+)">', html)


def test_three_posted_one_edited_one_deleted_are_exactly_that(world, chat):
    bob = world.email("Bob")
    edited, deleted = (world.direct.post(chat=chat, email=bob, content=text) for text in ("Edit me", "Delete me"))
    cursor = str(Page(world.door("Ada"), chat).load().cursor)
    posted = [world.direct.post(chat=chat, email=bob, content=f"New {n}") for n in range(3)]
    world.direct.edit(message=edited, content="Edited")
    world.direct.delete(message=deleted)
    with Reader(world.door("Ada"), f"/chats/{chat}/stream", last_event_id=cursor) as reader:
        reader.wait_until(lambda reader: reader.changes and reader.beats > 1)
    (event,) = reader.changes
    assert fragments(event.data) == [
        ("replace", f"message_{edited}"),
        ("remove", f"message_{deleted}"),
        *[("append", f"messages_chat_{chat}")] * 3,
    ]
    assert event.last_id == str(world.direct.state(chat=chat)["revision"])
    assert re.findall(r'data-message-id="(\d+)"', event.data) == [str(id) for id in (edited, *posted)]


def test_a_page_that_missed_nothing_gets_nothing(world, chat):
    page = Page(world.door("Ada"), chat).load()
    with Reader(world.door("Ada"), f"/chats/{chat}/stream?revision={page.cursor}") as reader:
        reader.wait_until(lambda reader: reader.beats > 1)
    assert reader.changes == []


@pytest.mark.parametrize("cursor", ["", "-1", "yesterday", "1e3", "999999", "99999999999999999999", "²", "1,2"])
def test_a_cursor_that_is_not_of_this_chats_past_gets_the_whole_list(world, chat, cursor):
    door = world.door("Ada")
    with Reader(door, f"/chats/{chat}/stream", last_event_id=cursor.encode().decode("latin-1")) as reader:
        reader.wait_until(lambda reader: reader.changes)
    assert FULL_LIST in reader.changes[0].data
    assert "Welcome" in reader.changes[0].data


def test_more_than_a_hundred_missed_changes_bring_the_whole_list(world, chat):
    with LivePage(world.door("Ada"), chat) as page:
        wait_until(lambda: page.source and page.source.status == 200)
        page.door = page.door.at("http://127.0.0.1:1")  # nobody is there
        page.disconnect()
        world.direct.fill(chat=chat, email=world.email("Bob"), count=130)
        page.door = world.door("Ada")
        wait_until(lambda: page.figures["full_lists"])
        wait_until(lambda: differences(page, Page(world.door("Ada"), chat).load()) == [])


def test_the_header_wins_over_the_address(world, chat):
    cursor = Page(world.door("Ada"), chat).load().cursor
    with Reader(world.door("Ada"), f"/chats/{chat}/stream?revision=0", last_event_id=str(cursor)) as reader:
        reader.wait_until(lambda reader: reader.beats > 1)
    assert reader.changes == []
