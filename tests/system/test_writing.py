"""Writing with formatting, by keys and by the bar; lists that go on."""

import pytest
from playwright.sync_api import Page, expect

from .pages import PATIENCE, composer, messages, open_chat


@pytest.fixture
def page(alice, chat) -> Page:
    return alice.tab(chat)


def select(page: Page, start: int, end: int) -> None:
    composer(page).evaluate("(input, [start, end]) => input.setSelectionRange(start, end)", [start, end])


@pytest.mark.parametrize(
    "keys, formatted",
    [
        ("Control+b", "a **word** here"),
        ("Control+i", "a *word* here"),
        ("Control+e", "a `word` here"),
        ("Control+Shift+X", "a ~~word~~ here"),
        ("Control+Shift+Digit8", "- a word here"),
        ("Control+Shift+Digit9", "> a word here"),
    ],
)
def test_a_key_formats_what_is_selected_and_undo_takes_it_back(page, keys, formatted):
    composer(page).press_sequentially("a word here")
    select(page, 2, 6)
    composer(page).press(keys)
    expect(composer(page)).to_have_value(formatted)
    composer(page).press("Control+z")
    expect(composer(page)).to_have_value("a word here")


def test_a_list_goes_on_by_itself_until_an_item_is_empty(page):
    composer(page).press_sequentially("- one")
    composer(page).press("Shift+Enter")
    composer(page).press_sequentially("two")
    composer(page).press("Shift+Enter")
    composer(page).press("Shift+Enter")
    composer(page).press_sequentially("done")
    expect(composer(page)).to_have_value("- one\n- two\ndone")
    composer(page).press("Enter")
    expect(messages(page).last.locator("li")).to_have_count(2, timeout=PATIENCE)


def test_the_bar_comes_when_asked_for_and_stays(page, chat):
    bar, button = page.get_by_role("toolbar", name="Formatting"), page.get_by_role("button", name="Formatting")
    expect(bar).to_be_hidden()
    button.click()
    composer(page).press_sequentially("bold")
    select(page, 0, 4)
    bar.get_by_role("button", name="Bold").click()
    expect(composer(page)).to_have_value("**bold**")
    expect(composer(page)).to_be_focused()
    open_chat(page, chat)
    expect(bar).to_be_visible()
    button.click()
    expect(bar).to_be_hidden()


def test_the_bar_is_one_stop_and_the_arrows_move_along_it(page):
    page.get_by_role("button", name="Formatting").click()
    bar = page.get_by_role("toolbar", name="Formatting")
    bar.get_by_role("button", name="Bold").focus()
    page.keyboard.press("ArrowRight")
    expect(bar.get_by_role("button", name="Italic")).to_be_focused()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    expect(bar.get_by_role("button", name="Quote")).to_be_focused()
    page.keyboard.press("Tab")
    expect(composer(page)).to_be_focused()
    page.get_by_role("button", name="Formatting").click()  # as it was, for the next test


# Going to another chat, and the list of keys


@pytest.fixture
def more(alice, chat) -> list[int]:
    return [alice.start_chat(title=title) for title in ("Été à Paris", "Paris office", "Design review")]


def test_a_few_letters_lead_to_a_chat(page, more):
    switcher = page.get_by_role("dialog", name="Go to a chat")
    expect(page.locator(f"#head_chat_{more[2]}")).to_be_visible(timeout=PATIENCE)
    composer(page).press("Control+k")
    expect(switcher.get_by_role("option")).not_to_have_count(0)
    switcher.get_by_role("combobox").fill("par")
    expect(switcher.get_by_role("option")).to_have_text(["Paris office", "Été à Paris", "Search messages for “par”"])
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"/chats/{more[0]}", timeout=PATIENCE)
    expect(composer(page)).to_be_focused(timeout=PATIENCE)


def test_what_no_chat_is_called_is_said_and_escape_leads_back(page, more):
    composer(page).press("Control+k")
    switcher = page.get_by_role("dialog", name="Go to a chat")
    switcher.get_by_role("combobox").fill("nothing like it")
    expect(switcher.get_by_role("status")).to_have_text("No chat of yours has this name.")
    page.keyboard.press("Escape")
    expect(switcher).to_be_hidden()
    expect(composer(page)).to_be_focused()


def test_a_question_mark_shows_the_keys_but_not_while_one_writes(page):
    keys = page.get_by_role("dialog", name="Keyboard shortcuts")
    composer(page).press_sequentially("Really?")
    expect(keys).to_be_hidden()
    composer(page).fill("")
    composer(page).blur()
    page.keyboard.press("?")
    expect(keys).to_be_visible()
    keys.get_by_role("button", name="Close").click()
    expect(keys).to_be_hidden()
    page.get_by_role("button", name="Keyboard shortcuts").click()
    expect(keys).to_be_visible()
    page.keyboard.press("Escape")
    expect(keys).to_be_hidden()
