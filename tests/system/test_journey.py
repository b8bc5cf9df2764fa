"""Two people, two browsers and an assistant, from the first page on."""

import re
import time

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browserless import PASSWORD

from .pages import PATIENCE, composer, message, say, sees, stream


@pytest.fixture
def newcomer(site, browser):
    """``newcomer("Alice", address)`` signs up by hand and returns her page."""
    contexts, mistakes = [], []

    def sign_up(name: str, email: str) -> Page:
        context = browser.new_context(base_url=site.url)
        contexts.append(context)
        context.on("weberror", lambda error: mistakes.append(str(error.error)))
        context.on("console", lambda line: mistakes.append(line.text) if line.type == "error" else None)
        page = context.new_page()
        page.goto("/")
        page.get_by_role("link", name="Create an account").click()
        page.get_by_label("Name").fill(name)
        page.get_by_label("E-mail").fill(email)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign up").click()
        expect(page.get_by_role("heading", name=f"Hello, {name}")).to_be_visible(timeout=PATIENCE)
        return page

    yield sign_up
    for context in contexts:
        context.close()
    assert mistakes == []


def test_two_people_meet_in_a_chat_and_the_assistant_answers(newcomer, local_model):
    alice, bob = newcomer("Alice", new_address("alice")), newcomer("Bob", bobs_address := new_address("bob"))
    alice_starts_a_chat_and_adds(alice, bobs_address)
    bob_finds_it(bob, alice)
    each_sees_what_the_other_writes(alice, bob)
    the_title_comes_by_itself(alice, bob)
    the_assistant_answers_on_both_screens(alice, bob)


def new_address(name: str) -> str:
    return f"{name}.{time.time_ns()}@example.com"


def alice_starts_a_chat_and_adds(page: Page, email: str) -> None:
    page.get_by_role("link", name="New chat").first.click()
    page.get_by_role("radio", name=re.compile("When mentioned")).check()
    page.get_by_role("button", name="Start the chat").click()
    expect(page.get_by_text("Say hello")).to_be_visible(timeout=PATIENCE)
    page.get_by_role("link", name="Add people").click()
    page.get_by_label("E-mail").fill(email)
    page.get_by_role("button", name="Find").click()
    page.get_by_role("button", name=re.compile("^Add ")).click()
    expect(page.locator(".member")).to_have_count(2, timeout=PATIENCE)
    page.get_by_role("link", name="Back to the chat").click()
    expect(page.get_by_role("link", name="2 members")).to_be_visible(timeout=PATIENCE)


def bob_finds_it(page: Page, other: Page) -> None:
    page.goto("/")
    page.locator(f".chats__link[href='{other.url.removeprefix(page.url.rstrip('/'))}']").click()
    for tab in (page, other):
        expect(stream(tab)).to_have_attribute("data-mode", "streaming", timeout=PATIENCE)


def each_sees_what_the_other_writes(alice: Page, bob: Page) -> None:
    composer(bob).press_sequentially("Good morning")
    expect(alice.locator(".typing")).to_contain_text("Bob is typing", timeout=PATIENCE)
    composer(bob).press("Enter")
    sees(alice, "Good morning")
    expect(alice.locator(".typing")).to_be_empty(timeout=4_000)  # at once, not after five seconds
    say(alice, "Good morning to you, **Bob**")
    sees(bob, "Good morning to you, Bob")
    expect(message(bob, "Good morning to you, Bob").locator("strong")).to_have_text("Bob")
    own, theirs = left_edge(message(bob, "Good morning")), left_edge(message(alice, "Good morning"))
    assert own > theirs  # one's own are on the right


def left_edge(article: Locator) -> float:
    return article.locator(".message__bubble").bounding_box()["x"]


def the_title_comes_by_itself(alice: Page, bob: Page) -> None:
    for tab in (alice, bob):
        expect(tab.get_by_role("heading", level=1)).to_have_text("Good morning", timeout=PATIENCE)
        expect(tab).to_have_title(re.compile("Good morning · Plainwire$"), timeout=PATIENCE)
        entry = tab.locator(".chats__link[aria-current=page] .chats__title")
        expect(entry).to_have_text("Good morning", timeout=PATIENCE)


def the_assistant_answers_on_both_screens(alice: Page, bob: Page) -> None:
    for tab in (alice, bob):
        tab.evaluate(WATCH_REPLY)
    say(alice, "@assistant Tell me something about the city of Paris.")
    for tab in (alice, bob):
        reply = tab.locator("article[data-author-kind=assistant]")
        expect(reply).to_have_attribute("data-state", re.compile("^(complete|cut)$"), timeout=3 * PATIENCE)
        expect(reply.locator(".message__body")).not_to_be_empty()
        expect(reply.locator(".typing__dots")).to_have_count(0)
        lengths = tab.evaluate("replyLengths")
        assert lengths == sorted(lengths)
        assert len(set(lengths)) > 2 or lengths[-1] < 100, "the text grows, unless it is two lines that came at once"


#: How long the assistant's text was at each change of the page.
WATCH_REPLY = """() => {
  window.replyLengths = []
  new MutationObserver(() => {
    const reply = document.querySelector("article[data-author-kind=assistant][data-state=generating]")
    if (reply) replyLengths.push(reply.querySelector(".message__body").textContent.trim().length)
  }).observe(document.querySelector(".conversation"), { childList: true, subtree: true, characterData: true })
}"""
