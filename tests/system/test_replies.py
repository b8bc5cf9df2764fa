"""The assistant's replies on the page. The model provider says what the tests tell it to."""

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.provider import Failure, Hang

from .pages import PATIENCE, compare_with_fresh, say

ONE_BY_ONE = [f"Word {n}. " for n in range(30)]


@pytest.fixture
def chat(alice, bob):
    """The assistant answers to everything here."""
    chat = alice.start_chat(title="Questions", assistant="always")
    alice.add(bob, chat)
    return chat


def reply(page: Page, state: str) -> Locator:
    """The last reply, once it is in this state."""
    last = page.locator("article[data-author-kind=assistant]").last
    expect(last).to_have_attribute("data-state", state, timeout=PATIENCE)
    return last


def test_a_reply_is_the_same_for_everybody_and_for_who_comes_later(provider, alice, bob, chat):
    provider.will(ONE_BY_ONE)
    tabs = alice.tab(chat), bob.tab(chat)
    say(tabs[0], "Count")
    for tab in tabs:
        expect(reply(tab, "complete")).to_contain_text("Word 29.")
        expect(tab.locator(".message .typing__dots")).to_have_count(0)
        compare_with_fresh(tab, chat)


def test_a_reply_can_be_stopped(provider, alice, bob, chat):
    provider.will(Hang("Once upon a time"))
    tabs = alice.tab(chat), bob.tab(chat)
    say(tabs[0], "Tell me a story")
    expect(reply(tabs[1], "generating")).to_contain_text("Once", timeout=PATIENCE)
    expect(reply(tabs[1], "generating").locator(".typing__dots")).to_be_visible()
    reply(tabs[0], "generating").get_by_role("link", name="Stop").click()
    for tab in tabs:
        expect(reply(tab, "stopped")).to_contain_text("Stopped before the end.")
        compare_with_fresh(tab, chat)


def test_a_failed_reply_says_why_and_is_tried_again(provider, alice, bob, chat):
    provider.will(Failure(401, "No such key."))
    tabs = alice.tab(chat), bob.tab(chat)
    say(tabs[0], "Are you there?")
    for tab in tabs:
        expect(reply(tab, "failed").locator(".message__note--failed")).to_be_visible()
    provider.will("Here I am.")
    reply(tabs[1], "failed").get_by_role("link", name="Try again").click()
    for tab in tabs:
        expect(reply(tab, "complete")).to_contain_text("Here I am.")
        expect(tab.locator("article[data-author-kind=assistant]")).to_have_count(1)
        compare_with_fresh(tab, chat)
