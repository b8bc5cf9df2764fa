"""Catching up: what somebody missed, summed up for that person alone."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.provider import Failure, Hang, Provider
from tests.servers import worker

from .axe import mistakes
from .pages import CANONICAL, PATIENCE, message, open_chat, until_live
from .test_promise import hide, show

MISSED = 24
SUMMARY = "- **Alice counts**, and nothing was decided. [1][24] [77]"


@pytest.fixture
def provider(site):
    """Says what the tests tell it to."""
    with Provider() as provider, worker(site.environ | {"OPENAI_BASE_URL": provider.url}):
        yield provider


@pytest.fixture
def chat(alice, bob) -> int:
    """Bob has missed what Alice has said."""
    chat = alice.start_chat(title="Busy", assistant="mentioned")
    alice.add(bob, chat)
    for number in range(1, MISSED + 1):
        alice.send(chat, f"Number {number}")
    return chat


def strip(page: Page) -> Locator:
    """What stands above the messages."""
    return page.locator(".summary")


def ask(page: Page) -> None:
    page.get_by_role("button", name="Catch me up").click()


def until_done(page: Page) -> None:
    expect(strip(page)).to_have_attribute("data-state", "done", timeout=PATIENCE)


def shown(page: Page) -> str:
    """As text, without the tokens, which differ from page to page."""
    text = page.evaluate(f"() => {{ {CANONICAL}; return canonical(document.querySelector('.summary')) }}")
    return re.sub(r'name="csrf_token"[^>]*', "", text)


def test_what_was_missed_is_summed_up_for_one_reader_alone(alice, bob, chat, provider):
    provider.will(SUMMARY)
    page, other = bob.tab(chat), alice.tab(chat)
    expect(strip(page)).to_contain_text("24 new messages since you were here")
    ask(page)
    until_done(page)
    expect(strip(page)).to_be_focused()
    expect(page.get_by_role("status").filter(has_text="The summary is there.")).to_have_count(1)
    expect(strip(page)).to_contain_text("Alice counts, and nothing was decided. 1 24")
    expect(strip(page)).to_contain_text("Sums up 24 messages.")
    assert mistakes(page, ".summary-place") == []
    live = shown(page)
    until_live(page.reload() and page)
    assert shown(page) == live
    until_live(other.reload() and other)
    expect(strip(other)).to_have_count(0)


def test_its_numbers_lead_to_the_messages_and_back_to_it(bob, chat, provider):
    provider.will(SUMMARY)
    page = bob.tab(chat)
    ask(page)
    until_done(page)
    strip(page).get_by_role("link", name="24").click()
    expect(page).to_have_url(re.compile(r"\?around=\d+$"))
    expect(message(page, "Number 24")).to_be_in_viewport()
    until_done(page)
    strip(page).get_by_role("button", name="Close the summary").click()
    expect(strip(page)).to_have_count(0)
    open_chat(page, chat)
    expect(strip(page)).to_have_count(0)


def test_a_second_tab_and_a_reload_show_what_the_first_tab_has_asked_for(bob, chat, provider):
    provider.will(Hang(SUMMARY))
    first, second = bob.tab(chat), bob.tab(chat)
    hide(second)
    ask(first)
    expect(strip(first)).to_have_attribute("data-state", "running")
    show(second)
    expect(strip(second)).to_have_attribute("data-state", "running")
    until_live(first.reload() and first)
    expect(strip(first)).to_have_attribute("data-state", "running")
    provider.release()
    for page in (first, second):
        until_done(page)
    assert shown(first) == shown(second)


def test_a_summary_that_is_done_while_the_network_is_away_is_there_afterwards(bob, chat, provider):
    provider.will(Hang(SUMMARY))
    page = bob.tab(chat)
    ask(page)
    expect(strip(page)).to_have_attribute("data-state", "running")
    bob.context.set_offline(True)
    provider.release()
    page.wait_for_event("requestfailed", lambda request: request.url.endswith("/summary"))
    expect(strip(page)).to_have_attribute("data-state", "running")
    bob.context.set_offline(False)
    until_done(page)


def test_what_fails_says_why_and_is_tried_again(bob, chat, provider):
    provider.will(Failure(401))
    page = bob.tab(chat)
    ask(page)
    expect(strip(page)).to_contain_text("refused our key", timeout=PATIENCE)
    provider.will(SUMMARY)
    strip(page).get_by_role("button", name="Try again").click()
    until_done(page)


def test_an_offer_is_turned_down_for_good(bob, chat):
    page = bob.tab(chat)
    page.get_by_role("button", name="No, thanks").click()
    expect(strip(page)).to_have_count(0)
    until_live(page.reload() and page)
    expect(strip(page)).to_have_count(0)


def test_without_scripts_one_comes_back_in_a_moment(person, alice, chat, provider):
    provider.will(Hang(SUMMARY))
    carol = person("Carol", java_script_enabled=False)
    alice.add(carol, chat)
    page = carol.tab()
    for number in range(25):
        alice.send(chat, f"More {number}")
    page.goto(f"/chats/{chat}")
    ask(page)
    expect(page.get_by_text("Come back in a moment, or look again.")).to_be_visible()
    provider.release()
    until_there_without_scripts(page)
    page.get_by_role("button", name="Close the summary").click()
    expect(page.get_by_role("textbox", name="Message")).to_be_visible()
    expect(strip(page)).to_have_count(0)


def until_there_without_scripts(page: Page) -> None:
    for _ in range(100):
        with page.expect_navigation():
            page.get_by_role("link", name="Look again").click()
        if page.get_by_text("Alice counts").count():
            return
    raise AssertionError("The summary did not come.")
