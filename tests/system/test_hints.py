"""The line below the composer that says what the keys do, until one knows them."""

from playwright.sync_api import Locator, Page, expect

from .axe import mistakes
from .pages import composer, open_chat, say, sees
from .test_chat_list import PHONE
from .test_mentions import begin, chosen


def hint(page: Page) -> Locator:
    return page.locator(".hints__hint:visible")


def test_a_hint_goes_once_its_key_was_used_and_nothing_moves(person, alice, chat):
    erin = person("Erin")
    alice.add(erin, chat)
    page, other = erin.tab(chat), erin.tab(chat)
    expect(hint(page)).to_have_text(["Enter sends, Shift+Enter breaks the line"])
    assert mistakes(page, ".composer") == []
    before = composer(page).bounding_box()
    say(page, "Hello")
    sees(page, "Hello")
    expect(hint(page)).to_have_text(["@ mentions somebody"])
    expect(hint(other)).to_have_text(["@ mentions somebody"])
    begin(page, ":rocke")
    chosen(page, "rocket")
    page.keyboard.press("Enter")
    begin(page, "@ali")
    chosen(page, "Alice")
    page.keyboard.press("Enter")
    expect(hint(page)).to_have_text(["↑ edits your last message, while nothing is written"])
    page.get_by_role("button", name="Hide hints").click()
    expect(hint(page)).to_have_count(0)
    expect(composer(page)).to_be_focused()
    assert composer(page).bounding_box() == before
    open_chat(page, chat)
    expect(hint(page)).to_have_count(0)
    expect(page.get_by_role("button", name="Hide hints")).to_be_hidden()


def test_a_touch_screen_has_no_hints(person, alice, chat):
    dora = person("Dora", **PHONE)
    alice.add(dora, chat)
    page = dora.tab(chat)
    expect(page.get_by_role("button", name="Hide hints")).to_be_hidden()
