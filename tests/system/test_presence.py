"""Who is here, as open pages show it."""

import re
import time

import pytest
from playwright.sync_api import Locator, Page, expect

from .axe import mistakes
from .pages import STREAMS, compare_with_fresh, say, sees, until_live
from .test_chat_list import compare_list_with_fresh, head, home
from .test_people import direct, name_of, new
from .test_unread import send

HERE = "here"


@pytest.fixture
def maya(person):
    return new(person, "Maya")


@pytest.fixture
def noor(person):
    return new(person, "Noor")


@pytest.fixture
def talk(maya, noor) -> int:
    """A direct chat of the two."""
    chat = direct(maya, noor)
    send(maya, chat, "Hello")
    return chat


def dots(page: Page, other) -> Locator:
    """The marks of one person: in the list, and above an open direct chat."""
    return page.locator(f".here--dot[data-here-id-value='{other.id}']")


def expect_state(marks: Locator, state: str | None) -> None:
    for mark in marks.all():
        if state:
            expect(mark).to_have_attribute("data-state", state)
        else:
            expect(mark).not_to_have_attribute("data-state", HERE)


def record(mark: Locator) -> None:
    """Note all states that it has from now on."""
    mark.evaluate("""(mark) => {
      window.states = [mark.dataset.state]
      const note = () => window.states.push(mark.dataset.state)
      new MutationObserver(note).observe(mark, { attributeFilter: ["data-state"] })
    }""")


def test_a_dot_comes_and_goes_with_the_last_page_of_the_other(maya, noor, talk):
    page = maya.tab(talk)
    marks = dots(page, noor)
    expect(marks).to_have_count(2)
    expect_state(marks, None)
    first, second = noor.tab(talk), home(noor)
    expect_state(marks, HERE)
    expect(head(page, talk)).to_have_accessible_name(re.compile(f"{name_of(noor)}, here now"))
    assert mistakes(page, ".sidebar") == [] and mistakes(page, ".chat__header") == []
    record(marks.first)
    second.close()
    began = time.monotonic()
    first.reload()
    until_live(first)
    with first.expect_response(STREAMS):
        first.goto("/")
    quick = time.monotonic() - began < 1.5  # seconds for which somebody counts as here without a stream
    home(noor).close()
    say(page, "Are you there?")
    sees(page, "Are you there?")
    assert not quick or set(page.evaluate("states")) == {HERE}
    expect_state(marks, HERE)
    compare_with_fresh(page, talk)
    compare_list_with_fresh(page)
    first.close()
    expect_state(marks, None)


def test_whoever_hides_is_gone_at_once_everywhere_and_sees_the_others(maya, noor, talk):
    page, other = maya.tab(talk), noor.tab(talk)
    expect_state(dots(page, noor), HERE)
    form = {"theme": "system", "clock": "24", "presence": "hidden"}
    noor.submit("/profile", form)
    expect_state(dots(page, noor), None)
    expect_state(dots(other, maya), HERE)
    noor.submit("/profile", form | {"presence": "shown"})
    expect_state(dots(page, noor), HERE)
    noor.submit(f"/users/{maya.id}/blocks", {})
    expect_state(dots(page, noor), None)
    expect_state(dots(other, maya), None)


def test_the_header_counts_who_is_here_and_the_list_of_members_names_them(maya, noor, person):
    omar = new(person, "Omar")
    chat = maya.start_chat(title="Plans")
    for other in (noor, omar):
        maya.add(other, chat)
    page, members = maya.tab(chat), maya.tab()
    members.goto(f"/chats/{chat}/members")
    count, words = page.locator("[data-controller=company]"), members.locator(".rows .here")
    expect(count).to_have_text("")
    theirs = [home(noor), home(omar)]
    expect(count).to_have_text(", 2 here")
    expect(words).to_have_text(["Here now", "Here now"])
    members.reload()
    expect(words).to_have_text(["Here now", "Here now"])
    theirs[0].close()
    expect(count).to_have_text(", 1 here")
    expect(words).to_have_text(["", "Here now"])
    compare_with_fresh(page, chat)


def test_without_a_connection_nobody_counts_as_gone(maya, noor, talk):
    page = maya.tab(talk)
    noor.tab(talk)
    marks = dots(page, noor)
    expect_state(marks, HERE)
    page.route(STREAMS, lambda route: route.abort())
    page.evaluate("dispatchEvent(new Event('online'))")  # have it connect anew
    expect_state(marks, "unknown")
    expect(marks.last).to_have_attribute("title", "Not known at the moment")
    page.unroute(STREAMS)
    expect_state(marks, HERE)
