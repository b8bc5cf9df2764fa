"""Replies of the assistant that were cut off, stopped, refused, or not begun: what people see, and what they can do."""

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.provider import Cut, Hang, Limited, Provider
from tests.servers import worker

from .pages import PATIENCE, compare_with_fresh, say, sees


@pytest.fixture
def chat(alice, bob):
    """The assistant answers to everything here."""
    chat = alice.start_chat(title="Questions", assistant="always")
    alice.add(bob, chat)
    return chat


@pytest.fixture
def provider():
    """Says what the tests tell it to, once a worker asks it."""
    with Provider() as provider:
        yield provider


@pytest.fixture
def working(site, provider):
    """``with working():`` a worker does what waits."""
    return lambda: worker(site.environ | {"OPENAI_BASE_URL": provider.url})


def replies(page: Page) -> Locator:
    return page.locator("article[data-author-kind=assistant]")


def reply(page: Page, state: str) -> Locator:
    """The last reply, once it is in this state."""
    expect(replies(page).last).to_have_attribute("data-state", state, timeout=PATIENCE)
    return replies(page).last


def body(page: Page, state: str) -> Locator:
    return reply(page, state).locator(".message__body")


def listed(page: Page) -> Locator:
    """What the list beside says of the open chat."""
    return page.locator(".sidebar [aria-current=page] .chats__excerpt")


def test_a_reply_that_was_cut_off_says_so_and_goes_on_in_the_same_message(provider, working, alice, bob, chat):
    provider.will(Limited("Once upon a time there lived a drag"), "dragon on a hill.")
    tabs = alice.tab(chat), bob.tab(chat)
    with working():
        say(tabs[0], "Tell me a story")
        for tab in tabs:
            expect(reply(tab, "cut")).to_contain_text("Cut off: this answer reached its limit.")
        begun = reply(tabs[0], "cut").get_attribute("id")
        reply(tabs[1], "cut").get_by_role("link", name="Continue").click()
        for tab in tabs:
            expect(body(tab, "complete")).to_have_text("Once upon a time there lived a dragon on a hill.")
            expect(reply(tab, "complete")).to_have_attribute("id", begun)
            expect(replies(tab)).to_have_count(1)
            expect(reply(tab, "complete").locator(".message__note")).to_have_count(0)
            compare_with_fresh(tab, chat)


def test_while_a_reply_goes_on_what_there_is_stays_in_sight(provider, working, alice, chat):
    provider.will(Limited("Once upon a time"), Hang())
    page = alice.tab(chat)
    with working():
        say(page, "Tell me a story")
        reply(page, "cut").get_by_role("link", name="Continue").click()
        expect(reply(page, "generating").locator(".typing__dots")).to_be_visible()
        expect(body(page, "generating")).to_have_text("Once upon a time")
        reply(page, "generating").get_by_role("link", name="Stop").click()
        expect(body(page, "stopped")).to_have_text("Once upon a time")


def test_a_stopped_reply_is_tried_again_in_its_place(provider, working, alice, bob, chat):
    provider.will(Hang("Once upon"), "Here it is, from the beginning.")
    tabs = alice.tab(chat), bob.tab(chat)
    with working():
        say(tabs[0], "Tell me a story")
        expect(body(tabs[0], "generating")).to_contain_text("Once", timeout=PATIENCE)
        reply(tabs[0], "generating").get_by_role("link", name="Stop").click()
        reply(tabs[1], "stopped").get_by_role("link", name="Try again").click()
        for tab in tabs:
            expect(body(tab, "complete")).to_have_text("Here it is, from the beginning.")
            expect(replies(tab)).to_have_count(1)
            compare_with_fresh(tab, chat)


def test_a_later_question_says_that_it_waits_for_its_turn(provider, working, alice, bob, chat):
    provider.will(Hang("The first one"), "The second one.")
    tabs = alice.tab(chat), bob.tab(chat)
    with working():
        for number in range(2):
            say(tabs[0], f"Question {number}")
            expect(replies(tabs[0])).to_have_count(number + 1, timeout=PATIENCE)
        for tab in tabs:
            expect(replies(tab).first.locator(".message__body")).to_have_text("The first one", timeout=PATIENCE)
            expect(reply(tab, "generating").locator(".message__note")).to_have_text("Waiting for its turn Stop")
            compare_with_fresh(tab, chat)
        provider.release()
        for tab in tabs:
            expect(body(tab, "complete")).to_have_text("The second one.")
            compare_with_fresh(tab, chat)


def test_what_broke_off_keeps_its_text_and_goes_on(provider, working, alice, bob, chat):
    provider.will(Cut("Once upon a time there lived a drag"), "dragon on a hill.")
    tabs = alice.tab(chat), bob.tab(chat)
    with working():
        say(tabs[0], "Tell me a story")
        for tab in tabs:
            expect(reply(tab, "failed")).to_contain_text("The connection to the model broke off. Continue Try again")
            compare_with_fresh(tab, chat)
        reply(tabs[1], "failed").get_by_role("link", name="Continue").click()
        for tab in tabs:
            expect(body(tab, "complete")).to_have_text("Once upon a time there lived a dragon on a hill.")
            compare_with_fresh(tab, chat)


def test_a_question_shows_dots_at_once_and_the_list_beside_says_how_it_ended(alice, bob, chat):
    tabs = alice.tab(chat), bob.tab(chat)
    say(tabs[0], "Is anybody there?")  # no worker runs
    for tab in tabs:
        sees(tab, "Is anybody there?")
        expect(reply(tab, "generating").locator(".typing__dots")).to_be_visible()
        expect(listed(tab)).to_have_text("Assistant: …", use_inner_text=True, timeout=PATIENCE)
    reply(tabs[1], "generating").get_by_role("link", name="Stop").click()
    for tab in tabs:
        expect(reply(tab, "stopped").get_by_role("link", name="Try again")).to_be_visible()
        expect(listed(tab)).to_have_text("Assistant: Stopped", use_inner_text=True, timeout=PATIENCE)
        compare_with_fresh(tab, chat)
    expect(listed(alice.tab(chat))).to_have_text("Assistant: Stopped", use_inner_text=True)


def test_an_answer_without_words_is_no_answer_in_the_list_beside(provider, working, alice, chat):
    provider.will("")
    page = alice.tab(chat)
    with working():
        say(page, "Is anybody there?")
        expect(reply(page, "failed")).to_contain_text("empty answer")
    expect(listed(page)).to_have_text("Assistant: No answer", use_inner_text=True, timeout=PATIENCE)


def test_too_many_questions_are_refused_in_place_and_the_message_is_kept(provider, working, alice, bob, chat):
    provider.will("Yes.")
    tabs = alice.tab(chat), bob.tab(chat)
    for number in range(6):  # one more than may wait; no worker runs
        say(tabs[0], f"Question {number}")
        expect(replies(tabs[0])).to_have_count(number + 1, timeout=PATIENCE)
    for tab in tabs:
        sees(tab, "Question 5")
        expect(reply(tab, "failed")).to_contain_text("Wait for one of them.")
        expect(tab.locator("article[data-state=generating]")).to_have_count(5)
    with working():
        expect(tabs[0].locator("article[data-state=generating]")).to_have_count(0, timeout=PATIENCE)
        reply(tabs[0], "failed").get_by_role("link", name="Try again").click()
        for tab in tabs:
            expect(body(tab, "complete")).to_have_text("Yes.")
            expect(replies(tab)).to_have_count(6)
            compare_with_fresh(tab, chat)
