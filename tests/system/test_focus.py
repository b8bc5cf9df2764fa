"""The focus never gets lost, and people see where it is, in forced colours too."""

import pytest
from playwright.sync_api import Page, expect

from tests.browserless import PASSWORD

from .pages import PATIENCE, action, composer, delete, message, sees

OUTLINE = "(element) => getComputedStyle(element).outlineStyle + getComputedStyle(element).outlineWidth"
#: The background as it is painted: a forced one is the page's, whatever the style computes to.
BACKGROUND = """(element) => {
  const { backgroundColor, forcedColorAdjust } = getComputedStyle(element)
  return forcedColorAdjust === "none" ? backgroundColor : "forced"
}"""


def test_after_a_deletion_the_focus_is_on_the_next_message_or_the_one_before(alice, chat):
    for words in ("one", "two", "three"):
        alice.send(chat, words)
    page = alice.tab(chat)
    delete_by_keyboard(page, "two")
    expect(message(page, "three")).to_be_focused()
    delete_by_keyboard(page, "three")
    expect(message(page, "one")).to_be_focused()
    delete_by_keyboard(page, "one")
    expect(page.get_by_role("log")).to_be_focused()


def delete_by_keyboard(page: Page, words: str) -> None:
    action(page, words, "Delete").focus()
    page.keyboard.press("Enter")
    page.get_by_role("dialog").get_by_role("button", name="Delete").focus()
    page.keyboard.press("Enter")
    sees(page, words, times=0)


def test_a_message_that_somebody_else_deletes_hands_its_focus_on(alice, bob, chat):
    for words in ("one", "two"):
        bob.send(chat, words)
    page = alice.tab(chat)
    message(page, "one").focus()
    delete(bob.tab(chat), "one")
    sees(page, "one", times=0)
    expect(message(page, "two")).to_be_focused()


def test_jump_to_latest_takes_the_focus_along(alice, chat):
    for n in range(30):
        alice.send(chat, f"Line {n}")
    page = alice.tab(chat)
    page.get_by_role("log").evaluate("(log) => (log.scrollTop = 0)")
    page.get_by_role("button", name="Jump to latest").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Jump to latest")).to_be_hidden()
    expect(page.get_by_role("log")).to_be_focused()


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without"])
def test_a_rejected_form_has_the_focus_on_its_first_mistake(site, browser, scripts):
    with browser.new_context(base_url=site.url, java_script_enabled=scripts) as context:
        page = context.new_page()
        page.goto("/signup")
        page.get_by_label("Name").fill("Somebody")
        page.get_by_label("E-mail").fill("nonsense")
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign up").click()
        expect(page.locator(".field__errors")).to_be_visible(timeout=PATIENCE)
        expect(page.get_by_label("E-mail")).to_be_focused()


@pytest.fixture
def forced(person, alice, chat) -> Page:
    carol = person("Carol", forced_colors="active")
    alice.add(carol, chat)
    carol.start_chat(title="Another")
    return carol.tab(chat)


def test_forced_colours_show_that_the_composer_has_the_focus(forced):
    box = forced.locator(".composer__box")
    composer(forced).focus()
    focused = box.evaluate(OUTLINE)
    composer(forced).blur()
    assert focused == "solid2px"
    assert box.evaluate(OUTLINE) != focused


def test_forced_colours_show_which_chat_is_open(forced):
    links = forced.locator(".chats__link")
    expect(links).to_have_count(2)
    backgrounds = {link.get_attribute("aria-current"): link.evaluate(BACKGROUND) for link in links.all()}
    assert backgrounds["page"] != backgrounds[None]


def test_a_menu_on_a_phone_holds_the_actions_of_a_message(person, alice, chat):
    carol = person("Carol", viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    alice.add(carol, chat)
    alice.send(chat, "Not mine")
    page = carol.tab(chat)
    for words in ("one", "two"):
        say_on_phone(page, words)
    one = message(page, "one")
    expect(one.get_by_role("link", name="Edit")).to_be_hidden()
    message(page, "Not mine").get_by_role("link", name="Actions").tap()
    expect(message(page, "Not mine").locator(".actions__list").get_by_role("link")).to_have_text(
        ["React", "Reply", "Pin", "Bookmark", "Copy text", "Copy link", "Mark as unread"]
    )
    page.keyboard.press("Escape")
    one.get_by_role("link", name="Actions").tap()
    one.get_by_role("link", name="Edit").tap()
    expect(page.get_by_text("Editing your message")).to_be_visible(timeout=PATIENCE)
    expect(one.get_by_role("link", name="Edit")).to_be_hidden()
    page.get_by_role("button", name="Cancel").tap()
    one.get_by_role("link", name="Actions").tap()
    one.get_by_role("link", name="Delete").tap()
    page.get_by_role("dialog").get_by_role("button", name="Delete").tap()
    sees(page, "one", times=0)
    expect(message(page, "two")).to_be_focused()


def say_on_phone(page: Page, words: str) -> None:
    composer(page).fill(words)
    page.get_by_role("button", name="Send").tap()
    sees(page, words)
