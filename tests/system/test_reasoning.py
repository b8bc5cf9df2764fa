"""What a model thinks, on the page while it grows."""

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.provider import Thinking

from .pages import PATIENCE, compare_with_fresh, say


@pytest.fixture
def chat(alice, bob):
    chat = alice.start_chat(title="Questions", assistant="always")
    alice.add(bob, chat)
    return chat


def answer(page: Page, state: str) -> Locator:
    reply = page.locator("article[data-author-kind=assistant]").last
    expect(reply).to_have_attribute("data-state", state, timeout=PATIENCE)
    return reply


def test_reasoning_is_folded_and_grows_where_somebody_opens_it(provider, alice, bob, chat):
    provider.will(Thinking(["Let me count. ", "One, two, three."], "There are three.", hangs=True))
    tabs = alice.tab(chat), bob.tab(chat)
    say(tabs[0], "How many?")
    for tab in tabs:
        expect(answer(tab, "generating").get_by_text("Thinking …")).to_be_visible(timeout=PATIENCE)
    opened = answer(tabs[0], "generating")
    opened.get_by_text("Thinking …").click()
    text = opened.locator(".reasoning__text")
    expect(text).to_contain_text("Let me count.", timeout=PATIENCE)
    compare_with_fresh(tabs[1], chat)
    provider.release()
    expect(answer(tabs[0], "complete").locator(".message__body")).to_have_text("There are three.", timeout=PATIENCE)
    expect(opened.locator("details")).to_have_attribute("open", "")
    expect(text).to_have_text("Let me count. One, two, three.")
    opened.locator("summary").click()
    expect(opened.locator("details")).not_to_have_attribute("open", "")
    for tab in tabs:
        expect(answer(tab, "complete").locator("summary")).to_contain_text("Thought for")
        compare_with_fresh(tab, chat)


def test_opened_reasoning_follows_the_version_that_is_shown(provider, alice, bob, chat):
    provider.will(Thinking("First thoughts.", "One."), Thinking("Second thoughts.", "Two."))
    page, other = alice.tab(chat), bob.tab(chat)
    say(page, "Count")
    answer(page, "complete").hover()
    answer(page, "complete").get_by_role("link", name="Answer again").click()
    expect(answer(page, "complete")).to_contain_text("2 of 2", timeout=PATIENCE)
    answer(page, "complete").locator("summary").click()
    expect(page.locator(".reasoning__text")).to_have_text("Second thoughts.")
    answer(other, "complete").get_by_role("link", name="Previous version").click()
    expect(page.locator(".reasoning__text")).to_have_text("First thoughts.")
    answer(page, "complete").locator("summary").click()
    expect(page.locator("details")).not_to_have_attribute("open", "")
    compare_with_fresh(page, chat)
