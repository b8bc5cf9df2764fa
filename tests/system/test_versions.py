"""Answers that are written again: their versions, and the question that changes, on two screens."""

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.provider import Hang

from .pages import PATIENCE, compare_with_fresh, delete, edit_last, expect_poll, expect_said, message, say


@pytest.fixture
def chat(alice, bob):
    """The assistant answers to everything here."""
    chat = alice.start_chat(title="Questions", assistant="always")
    alice.add(bob, chat)
    return chat


def answer(page: Page, text: str | None = None, state: str = "complete") -> Locator:
    """The last answer, once it is in this state and says this."""
    reply = page.locator("article[data-author-kind=assistant]").last
    expect(reply).to_have_attribute("data-state", state, timeout=PATIENCE)
    if text is not None:
        expect(reply.locator(".message__body")).to_have_text(text)
    return reply


def act(page: Page, name: str) -> None:
    """Choose an action of the last answer."""
    answer(page).hover()
    offered(page, name).click()


def offered(page: Page, name: str) -> Locator:
    """An action beside the last answer."""
    return answer(page).locator(".actions__list").get_by_role("link", name=name, exact=True)


def step(page: Page, name: str) -> Locator:
    return answer(page).get_by_role("link", name=name, exact=True)


def test_an_answer_is_written_again_and_everybody_goes_back_and_forth(provider, alice, bob, chat):
    provider.will("Once upon a time.", "A king lived there.", "A queen lived there.")
    tabs = alice.tab(chat), bob.tab(chat)
    say(tabs[0], "Tell me a story")
    answer(tabs[1], "Once upon a time.")
    for tab, text in ((tabs[1], "A king lived there."), (tabs[0], "A queen lived there.")):
        act(tab, "Answer again")
        for other in tabs:
            answer(other, text)
    expect(answer(tabs[0])).to_contain_text("3 of 3")
    step(tabs[0], "Previous version").click()
    for tab in tabs:
        answer(tab, "A king lived there.")
        expect(answer(tab)).to_contain_text("2 of 3")
        compare_with_fresh(tab, chat)


def test_an_answer_whose_question_is_gone_does_not_offer_to_be_written_again(provider, alice, bob, chat):
    provider.will("Once upon a time.")
    tabs = alice.tab(chat), bob.tab(chat)
    say(tabs[0], "Tell me a story")
    for tab in tabs:
        answer(tab, "Once upon a time.").hover()
        expect(offered(tab, "Answer again")).to_be_visible()
    delete(tabs[0], "Tell me a story")
    for tab in tabs:
        expect(message(tab, "Tell me a story")).to_have_count(0)
        answer(tab).hover()
        expect(offered(tab, "Copy text")).to_be_visible()
        expect(offered(tab, "Answer again")).to_be_hidden()
        compare_with_fresh(tab, chat)


def test_what_is_rarely_done_with_an_answer_is_in_a_menu_that_the_keyboard_opens_too(provider, alice, chat):
    provider.will("Once upon a time.")
    page = alice.tab(chat)
    say(page, "Tell me a story")
    answer(page, "Once upon a time.").focus()
    page.keyboard.press("Tab")
    row, more = answer(page).locator(".actions__list"), answer(page).get_by_role("button", name="More")
    expect(row.get_by_role("link")).to_have_text(["React", "Reply", "Bookmark", "Copy text", "Answer again"])
    more.focus()
    page.keyboard.press("Enter")
    menu = answer(page).locator(".actions__rest")
    rare = ["Pin", "Copy link", "What it read", "Mark as unread", "Figures"]
    expect(menu.get_by_role("link")).to_have_text(rare)
    page.keyboard.press("Tab")
    expect(menu.get_by_role("link", name="Pin")).to_be_focused()
    page.keyboard.press("Escape")
    expect(menu).to_be_hidden()
    expect(more).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(answer(page)).to_have_attribute("data-pinned", "")
    expect(menu).to_be_hidden()
    expect(more).to_be_focused()
    compare_with_fresh(page, chat)


def test_versions_are_chosen_by_the_keyboard_and_the_focus_stays(provider, alice, chat):
    provider.will("One.", "Two.")
    page = alice.tab(chat)
    say(page, "Count")
    answer(page, "One.")
    act(page, "Answer again")
    answer(page, "Two.")
    step(page, "Previous version").focus()
    page.keyboard.press("Enter")
    answer(page, "One.")
    expect(step(page, "Previous version")).to_be_focused()
    expect(step(page, "Previous version")).to_be_disabled()
    page.keyboard.press("Tab")
    expect(answer(page).get_by_role("link", name="Version 1 of 2")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    answer(page, "Two.")
    compare_with_fresh(page, chat)


def test_a_changed_question_offers_a_new_answer_and_does_not_ask_by_itself(provider, alice, bob, chat):
    provider.will("A story.", "A joke.")
    tabs = alice.tab(chat), bob.tab(chat)
    say(tabs[0], "Tell me a story")
    answer(tabs[0], "A story.")
    edit_last(tabs[0], "Tell me a joke")
    for tab in tabs:
        expect(answer(tab, "A story.")).to_contain_text("The question has changed since.")
    compare_with_fresh(tabs[1], chat)
    answer(tabs[0]).get_by_role("link", name="Answer it again").click()
    for tab in tabs:
        expect(answer(tab, "A joke.")).not_to_contain_text("has changed")
        expect(answer(tab)).to_contain_text("2 of 2")
        compare_with_fresh(tab, chat)
    assert provider.requests[-1]["messages"][-1]["content"] == "Tell me a joke"


def test_a_stopped_answer_goes_on_from_where_it_is(provider, alice, bob, chat):
    provider.will(Hang(["Once upon a"]), "a time.")
    tabs = alice.tab(chat), bob.tab(chat)
    say(tabs[0], "Tell me a story")
    expect(answer(tabs[0], state="generating").locator(".message__body")).to_contain_text("upon", timeout=PATIENCE)
    answer(tabs[1], state="generating").get_by_role("link", name="Stop").click()
    answer(tabs[0], state="stopped").get_by_role("link", name="Continue").click()
    for tab in tabs:
        answer(tab, "Once upon a time.")
        compare_with_fresh(tab, chat)


def test_without_scripts_versions_are_pages_and_buttons(site, provider, person):
    provider.will("One.", "Two.")
    anna = person("Anna", java_script_enabled=False)
    chat = anna.start_chat(title="Questions", assistant="always")
    page = anna.context.new_page()
    anna.submit(f"/chats/{chat}/messages", {"content": "Count"})
    until(page, chat, "One.")
    answer(page).hover()
    answer(page).get_by_role("link", name="Actions").click()
    page.get_by_role("link", name="Answer again").click()
    page.get_by_role("button", name="Answer again").click()
    expect(page.locator("article[data-author-kind=assistant]")).to_be_visible()
    until(page, chat, "Two.")
    page.get_by_role("link", name="2 of 2").click()
    page.get_by_role("link", name="Version 1").click()
    expect(page.locator("main")).to_contain_text("One.")
    page.get_by_role("button", name="Show this version to everybody").click()
    expect(page.locator("article[data-author-kind=assistant]")).to_contain_text("1 of 2")


def until(page: Page, chat: int, text: str) -> None:
    """Load the chat until the answer says this."""
    for _ in range(200):
        page.goto(f"/chats/{chat}")
        found = page.locator("article[data-author-kind=assistant][data-state=complete] .message__body")
        if found.count() and found.inner_text() == text:
            return
        page.wait_for_timeout(50)
    raise AssertionError("The answer did not come.")


def test_the_text_and_each_block_of_code_of_an_answer_that_grew_are_copied(provider, alice, chat):
    text = "Look:\n\n```python\nprint(1)\n```\n\nand\n\n```\nplain\n```"
    provider.will([*text])
    alice.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = alice.tab(chat)
    say(page, "Show me")
    answer(page)
    act(page, "Copy text")
    expect_poll(page, lambda: page.evaluate("navigator.clipboard.readText()") == text)
    for number, code in enumerate(("print(1)\n", "plain\n")):
        block = answer(page).locator("pre").nth(number)
        expect_said(page, block, "Copied", block.get_by_role("button", name="Copy").click)
        assert page.evaluate("navigator.clipboard.readText()") == code
