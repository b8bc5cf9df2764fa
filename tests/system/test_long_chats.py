"""A page lets go of the messages that are far from its reader, and fetches them again."""

import re

import pytest
from playwright.sync_api import expect

from .long_chat import multiply
from .pages import PATIENCE, compare_with_fresh, expect_poll, first_id, load_more, message, messages, scroll_until, sees

STORED, MOST = 700, 500  # lib/letting_go.js has the second one
PLACE = "(article) => article.getBoundingClientRect().top"


def fill(site, alice, bob, chat: int, count: int) -> int:
    bob.send(chat, "```\ncode\n```\n\nLine")
    alice.send(chat, "Line")
    multiply(str(site.directory / "system.sqlite3"), chat, count)
    return chat


@pytest.fixture
def long_chat(site, alice, bob, chat) -> int:
    return fill(site, alice, bob, chat, STORED)


#: The id of the message that is selected. Its text is known only once it is rendered.
SELECTED = "() => getSelection().isCollapsed ? null : getSelection().anchorNode.id"


@pytest.fixture
def chat_that_fills_a_page(site, alice, bob, chat) -> int:
    """With more, reading back to the first of those a page keeps would fetch the next ones and let go of others."""
    return fill(site, alice, bob, chat, MOST)


def test_messages_that_are_far_away_are_let_go_and_come_back(alice, bob, long_chat):
    page = alice.tab(long_chat)
    scroll_until(page, "top", lambda: page.locator(".messages > .messages__older").count() == 0)
    expect(page.locator(".messages > .messages__newer")).to_have_count(1, timeout=PATIENCE)
    expect_poll(page, lambda: messages(page).count() <= MOST)
    sees(page, "Line 697", times=0)
    scroll_until(page, "end", lambda: page.locator(".messages > .messages__newer").count() == 0)
    sees(page, "Line 697")
    expect(page.locator(".messages > .messages__older")).to_have_count(1, timeout=PATIENCE)
    expect_poll(page, lambda: messages(page).count() <= MOST)
    for n in range(messages(page).count(), MOST + 1):
        bob.send(long_chat, f"Another one {n}")
    sees(page, f"Another one {MOST}")
    expect_poll(page, lambda: messages(page).count() < MOST)
    compare_with_fresh(page, long_chat)


def test_what_is_selected_stays_and_so_does_the_place_of_what_is_read(alice, bob, chat_that_fills_a_page):
    page = alice.tab(chat_that_fills_a_page)
    scroll_until(page, "top", lambda: messages(page).count() == MOST)
    first = first_id(page)
    messages(page).first.evaluate("(article) => getSelection().selectAllChildren(article)")
    selected = page.evaluate(SELECTED)
    assert selected == messages(page).first.get_attribute("id")
    read = messages(page).nth(MOST - 40)
    read.evaluate("(article) => article.scrollIntoView({ block: 'center' })")
    read = page.locator(f"#{read.get_attribute('id')}")
    for words in ("one more", "and another"):
        bob.send(chat_that_fills_a_page, words)
        sees(page, words)
    assert (first_id(page), page.evaluate(SELECTED)) == (first, selected)
    page.evaluate("getSelection().removeAllRanges()")
    before = read.evaluate(PLACE)
    bob.send(chat_that_fills_a_page, "the last one")
    expect_poll(page, lambda: first_id(page) > first)
    assert read.evaluate(PLACE) == pytest.approx(before, abs=1)
    expect(message(page, "the last one")).to_have_count(1)
    assert messages(page).count() <= MOST


def test_earlier_messages_come_a_few_at_a_time_before_their_reader_is_there(alice, long_chat):
    page = alice.tab(long_chat)
    shown = messages(page).count()
    with page.expect_response(re.compile(r"messages\?before=\d+&limit=20$")):
        page.locator(".conversation__scroller").evaluate("(scroller) => (scroller.scrollTop = 400)")
        expect_poll(page, lambda: messages(page).count() == shown + 20)
    assert page.locator(".conversation__scroller").evaluate("(scroller) => scroller.scrollTop") > 400


def test_no_message_has_a_controller_of_its_own(alice, long_chat):
    page = alice.tab(long_chat)
    load_more(page, "top")
    expect_poll(page, lambda: page.locator(".messages time[title]").count() == messages(page).count())
    expect(page.locator(".messages pre:not(:has(.copy-code))")).to_have_count(0)
    within = "Stimulus.application.controllers.filter(({ element }) => element.closest('article')).length"
    assert page.evaluate(within) == 0
