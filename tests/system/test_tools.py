"""An assistant that uses tools, on the pages of everybody in the chat."""

import sys

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.provider import Provider, call
from tests.servers import Worker

from .pages import PATIENCE, compare_with_fresh, say, until_live


class TooledWorker(Worker):
    def __init__(self, environ: dict[str, str]):
        super().__init__(environ)
        self.command = [sys.executable, "-m", "tests.system.tooled_worker"]


@pytest.fixture(scope="module")
def provider(site):
    with Provider() as provider, TooledWorker(site.environ | {"OPENAI_BASE_URL": provider.url}):
        yield provider


@pytest.fixture
def chat(alice, bob):
    """Managed by Alice."""
    chat = alice.start_chat(title="Questions", assistant="always")
    alice.add(bob, chat)
    return chat


def answer(page: Page, state: str) -> Locator:
    reply = page.locator("article[data-author-kind=assistant]").last
    expect(reply).to_have_attribute("data-state", state, timeout=PATIENCE)
    return reply


def button(page: Page, name: str) -> Locator:
    return answer(page, "generating").get_by_role("link", name=name, exact=False)


def test_people_are_asked_and_a_manager_allows_it_in_another_browser(provider, alice, bob, person, chat):
    provider.will(call("careful", "Let me look.", query="budget"), "It is forty thousand.")
    carol = person("Carol")
    alice.add(carol, chat)
    asker, manager, other = tabs = bob.tab(chat), alice.tab(chat), carol.tab(chat)
    say(asker, "How much is it?")
    for page in tabs:
        expect(answer(page, "generating").get_by_text("Wants to use: Look it up outside")).to_be_visible(
            timeout=PATIENCE
        )
        expect(answer(page, "generating").locator("pre")).to_have_text("query: budget")
        expect(answer(page, "generating").locator(".typing__dots")).to_have_count(0)
    expect(button(asker, "Allow: Look it up outside").first).to_be_visible()
    expect(button(asker, "Don’t allow")).to_be_visible()
    expect(button(other, "Don’t allow")).to_be_hidden()
    expect(other.get_by_text("Whoever asked decides, or a manager.")).to_be_visible()
    for page in tabs:
        compare_with_fresh(page, chat)
    manager.get_by_role("link", name="Allow: Look it up outside", exact=True).click()
    for page in tabs:
        body = answer(page, "complete").locator(".message__body")
        expect(body).to_contain_text("It is forty thousand.", timeout=PATIENCE)
        expect(answer(page, "complete").locator(".use__text")).to_be_hidden()
        compare_with_fresh(page, chat)
    line = answer(other, "complete").locator("summary")
    expect(line).to_have_text("Looked up “budget”")
    line.click()
    text = answer(other, "complete").locator(".use__text")
    expect(text).to_have_text("query: budget It is <b>40,000</b>.")
    line.click()
    expect(text).to_be_hidden()
    compare_with_fresh(other, chat)


def test_what_is_not_allowed_shows_so_and_the_answer_goes_on(provider, bob, alice, chat):
    provider.will(call("careful", query="budget"), "I don’t know.")
    pages = bob.tab(chat), alice.tab(chat)
    say(pages[0], "How much is it?")
    button(pages[0], "Don’t allow").click()
    for page in pages:
        expect(answer(page, "complete").get_by_text("not allowed")).to_be_visible()
        compare_with_fresh(page, chat)


def test_a_tool_that_runs_is_stopped_with_its_answer(provider, bob, alice, chat):
    provider.will(call("lookup", "Let me look.", query="hang"), "It is.")
    pages = bob.tab(chat), alice.tab(chat)
    say(pages[0], "How much is it?")
    for page in pages:
        expect(answer(page, "generating").get_by_text("Look it up …")).to_be_visible(timeout=PATIENCE)
    opened = answer(pages[0], "generating")
    opened.locator("summary").click()
    expect(opened.locator(".use__text")).to_have_text("query: hang")
    compare_with_fresh(pages[1], chat)
    answer(pages[1], "generating").get_by_text("Stop", exact=True).click()
    for page in pages:
        expect(answer(page, "stopped").get_by_text("not finished")).to_be_visible(timeout=PATIENCE)
    expect(opened.locator("details")).to_have_attribute("open", "")
    opened.locator("summary").click()
    for page in pages:
        compare_with_fresh(page, chat)


def test_without_scripts_a_page_has_the_choice(provider, site, browser, bob, chat):
    provider.will(call("careful", "Let me look.", query="budget"), "It is forty thousand.")
    page = bob.tab(chat)
    say(page, "How much is it?")
    expect(button(page, "Don’t allow")).to_be_visible()
    with bob.new_context(browser, java_script_enabled=False) as context:
        plain = context.new_page()
        plain.goto(f"/chats/{chat}")
        plain.get_by_role("link", name="Allow: Look it up outside", exact=True).click()
        expect(plain.locator("pre")).to_have_text("query: budget")
        plain.get_by_role("button", name="Allow", exact=True).click()
        expect(plain.locator("article[data-author-kind=assistant]")).to_have_count(1)
    expect(answer(page, "complete")).to_contain_text("It is forty thousand.")
    until_live(page)
    compare_with_fresh(page, chat)
