"""What a page gets that comes back, down to the bytes."""

import re
from functools import partial

import pytest

from tests.servers import wait_until

from .http import Reader
from .live import FULL_LIST, LivePage
from .page import Page, differences


def fragments(html: str) -> list[tuple[str, str]]:
    return re.findall(r'<turbo-stream action="(\w+)" target="(\w+)">', html)


def read_from(world, chat: int, cursor: str) -> Reader | None:
    """A reader who has had what was missed, and a heartbeat behind it; None if the stream has ended before."""
    with Reader(world.door("Ada"), f"/chats/{chat}/stream", last_event_id=cursor) as reader:
        wait_until(partial(is_quiet, reader))
        return None if reader.ended_at else reader


def is_quiet(reader: Reader) -> bool:
    beats = sum(event.name == "beat" for event in reader.events)
    return reader.ended_at is not None or (bool(reader.changes) and beats > 1)


def test_three_posted_one_edited_one_deleted_are_exactly_that(world, chat):
    bob = world.email("Bob")
    edited, deleted = (world.direct.post(chat=chat, email=bob, content=text) for text in ("Edit me", "Delete me"))
    cursor = str(Page(world.door("Ada"), chat).load().cursor)
    posted = [world.direct.post(chat=chat, email=bob, content=f"New {n}") for n in range(3)]
    world.direct.edit(message=edited, content="Edited")
    world.direct.delete(message=deleted)
    # As a page does, it comes back: a process of this world may just be coming to its end.
    reader = wait_until(partial(read_from, world, chat, cursor))
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
        wait_until(lambda: len(reader.events) > 2)
    assert reader.changes == []


@pytest.mark.parametrize("cursor", ["", "-1", "yesterday", "1e3", "999999", "99999999999999999999", "²", "1,2"])
def test_a_cursor_that_is_not_of_this_chats_past_gets_the_whole_list(world, chat, cursor):
    door = world.door("Ada")
    with Reader(door, f"/chats/{chat}/stream", last_event_id=cursor.encode().decode("latin-1")) as reader:
        wait_until(lambda: reader.changes)
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
        wait_until(lambda: len(reader.events) > 2)
    assert reader.changes == []
