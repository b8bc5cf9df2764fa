"""The search, from the box to the message in its chat."""

import itertools
import re
from typing import NamedTuple

import pytest
from playwright.sync_api import Page, expect

from .pages import PATIENCE, composer

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
RESULTS = ".excerpts__link"
numbers = itertools.count(1)
#: The reader presses Back when the results are in the page, and Turbo has not read their answer a second time yet.
BACK_AS_RESULTS_COME = """() => addEventListener("turbo:frame-render", ({ detail: { fetchResponse } }) => {
  const html = fetchResponse.responseHTML
  const left = new Promise((resolve) => addEventListener("popstate", resolve, { once: true }))
  Object.defineProperty(fetchResponse, "responseHTML", { value: left.then(() => html) })
  history.back()
}, { once: true })"""


class Told(NamedTuple):
    id: int
    word: str


@pytest.fixture
def told(bob, chat) -> Told:
    """A message with a word of its own, far above the end of its chat."""
    word = f"Café{next(numbers)}"
    answer = bob.send(chat, f"The {word} opens at nine")
    for number in range(40):
        bob.send(chat, f"Number {number}")
    return Told(int(re.search(r'data-message-id="(\d+)"', answer.text)[1]), word)


def box(page: Page):
    return page.get_by_role("searchbox", name="Search messages")


def test_results_come_as_one_types_and_back_leaves_the_search(alice, chat, told):
    page = alice.tab(chat)
    page.get_by_role("link", name="Search", exact=True).click()
    expect(box(page)).to_be_focused(timeout=PATIENCE)
    box(page).press_sequentially(f"{told.word.lower()} ope", delay=30)
    expect(page.locator(RESULTS)).to_have_count(1, timeout=PATIENCE)
    expect(page.locator(f"{RESULTS} mark")).to_have_text([told.word, "ope"])
    expect(page).to_have_url(re.compile(r"/search\?q=[^&]+\+ope$"))
    expect(page.get_by_role("status").filter(has_text="1 message found")).to_be_attached()
    expect(box(page)).to_be_focused()
    box(page).fill("nothing like it")
    expect(page.locator(".excerpts__title")).to_have_text("Nothing found", timeout=PATIENCE)
    page.go_back()
    expect(composer(page)).to_be_visible(timeout=PATIENCE)


def test_back_in_the_instant_in_which_results_come_leaves_the_search(alice, chat, told):
    page = alice.tab(chat)
    page.get_by_role("link", name="Search", exact=True).click()
    expect(box(page)).to_be_focused(timeout=PATIENCE)
    page.evaluate(BACK_AS_RESULTS_COME)
    box(page).fill(told.word)
    expect(composer(page)).to_be_visible(timeout=PATIENCE)
    expect(page).to_have_url(re.compile(rf"/chats/{chat}$"))


def test_a_result_opens_the_message_in_its_chat_and_back_leads_to_the_results(alice, chat, told):
    page = alice.tab(chat)
    page.goto(f"/search?q={told.word}")
    page.locator(RESULTS).click()
    expect(page).to_have_url(re.compile(rf"/chats/{chat}\?around={told.id}(#message_{told.id})?$"), timeout=PATIENCE)
    expect(page.locator(f"#message_{told.id}")).to_be_in_viewport(timeout=PATIENCE)
    page.go_back()
    expect(page.locator(RESULTS)).to_have_count(1, timeout=PATIENCE)
    expect(box(page)).to_have_value(told.word)


def test_the_keys_lead_from_any_page_to_the_search(alice, chat, told):
    page = alice.tab(chat)
    composer(page).press("Control+k")
    switcher = page.get_by_role("dialog", name="Go to a chat, or search")
    switcher.get_by_role("combobox").fill(f"{told.word} opens")
    expect(switcher.get_by_role("option")).to_have_text([f"Search messages for “{told.word} opens”"])
    page.keyboard.press("Enter")
    expect(page.locator(RESULTS)).to_have_count(1, timeout=PATIENCE)
    expect(box(page)).to_have_value(f"{told.word} opens")
    expect(box(page)).to_be_focused()


def test_words_of_an_input_method_are_searched_when_they_are_complete(alice, bob, chat):
    bob.send(chat, "我在北京大学学习")
    page = alice.tab(chat)
    page.goto("/search")
    asked = []
    page.on("request", lambda request: asked.append(request.url) if "/search?" in request.url else None)
    box(page).focus()
    keys = page.context.new_cdp_session(page)
    keys.send("Input.imeSetComposition", {"text": "beijing", "selectionStart": 7, "selectionEnd": 7})
    keys.send("Input.insertText", {"text": "北京大学"})
    expect(page.locator(f"{RESULTS} mark")).to_have_text(["北京大学"], timeout=PATIENCE)
    assert len(asked) == 1


def test_the_search_works_without_scripts_and_on_a_phone(alice, bob, chat, browser, told):
    context = alice.new_context(browser, java_script_enabled=False, **PHONE)
    page = context.new_page()
    page.goto("/")
    page.get_by_role("link", name="Search", exact=True).click()
    box(page).fill(f"from:bob {told.word.lower()}")
    page.get_by_role("button", name="Search").click()
    expect(page.locator(RESULTS)).to_have_count(1, timeout=PATIENCE)
    assert page.evaluate("() => document.documentElement.scrollWidth") <= 390
    box(page).fill("before:soon")
    box(page).press("Enter")
    expect(page.locator(".excerpts__empty")).to_contain_text("Type before:2026-11-28.", timeout=PATIENCE)
    expect(box(page)).to_have_value("before:soon")
    context.close()


def test_a_search_that_the_server_stops_leaves_what_was_found(alice, chat, told):
    page = alice.tab(chat)
    page.goto(f"/search?q={told.word}")
    expect(page.locator(RESULTS)).to_have_count(1, timeout=PATIENCE)
    page.route("**/search?*", lambda route: route.fulfill(response=route.fetch(), status=429, body="<p>Slow down</p>"))
    box(page).fill(f"{told.word} opens")
    expect(page.get_by_role("alert")).to_have_text(re.compile("^The search did not work"), timeout=PATIENCE)
    expect(page.locator(RESULTS)).to_have_count(1)
    page.unroute("**/search?*")
    box(page).press("Enter")
    expect(page.locator(f"{RESULTS} mark")).to_have_text([told.word, "opens"], timeout=PATIENCE)
