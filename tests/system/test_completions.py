"""Emoji that a colon and two letters offer. tests/system/test_mentions.py has the names at an @."""

import pytest
from playwright.sync_api import Page, expect

from .axe import mistakes
from .pages import composer, say, sees
from .test_chat_list import PHONE
from .test_mentions import begin, chosen, options


@pytest.fixture
def page(alice, chat) -> Page:
    return alice.tab(chat)


def test_a_colon_and_two_letters_offer_emoji_and_enter_inserts_one_and_sends_nothing(page):
    before = composer(page).bounding_box()
    begin(page, "Lift-off :rocke")
    chosen(page, "rocket")
    assert composer(page).bounding_box() == before
    assert mistakes(page, ".composer") == []
    page.keyboard.press("Enter")
    expect(composer(page)).to_have_value("Lift-off 🚀 ")
    expect(options(page)).to_have_count(0)
    page.keyboard.type(":se")
    expect(options(page)).to_have_count(8)
    page.keyboard.press("ArrowDown")
    expect(options(page).nth(1)).to_have_attribute("aria-selected", "true")
    sign = options(page).nth(1).locator(".completions__sign").inner_text()
    page.keyboard.press("Tab")
    expect(composer(page)).to_have_value(f"Lift-off 🚀 {sign} ")
    page.keyboard.press("Control+z")
    expect(composer(page)).to_have_value("Lift-off 🚀 :se")


def test_what_was_chosen_last_comes_first_and_then_what_most_people_use(page):
    begin(page, ":hea")
    chosen(page, "red heart")
    options(page).filter(has_text="hear-no-evil monkey").click()
    expect(composer(page)).to_have_value("🙉 ")
    page.keyboard.type(":hea")
    expect(options(page)).to_contain_text(["hear-no-evil monkey", "red heart"])


def test_escape_leaves_the_letters_and_the_reply_alone(alice, bob, chat, page):
    say(bob.tab(chat), "What do you think?")
    sees(page, "What do you think?")
    page.locator(".messages > article").last.focus()
    page.keyboard.press("r")
    begin(page, ":rocke")
    chosen(page, "rocket")
    page.keyboard.press("Escape")
    expect(options(page)).to_have_count(0)
    expect(page.get_by_text("Replying to")).to_be_visible()
    page.keyboard.press("Enter")
    sees(page, ":rocke")


def test_a_name_and_an_emoji_in_one_line_open_one_list_at_a_time(page, bob):
    begin(page, "@Bo")
    chosen(page, "Bob")
    page.keyboard.type("b :rocke")
    chosen(page, "rocket")
    expect(page.get_by_role("option", name="Bob")).to_have_count(0)
    expect(page.get_by_role("listbox", name="Emoji")).to_be_visible()
    page.keyboard.press("Enter")
    expect(composer(page)).to_have_value("@Bob 🚀 ")


@pytest.mark.parametrize("typed, name, text", [(":rocke", "rocket", "🚀 "), ("@al", "Alice", "@Alice ")])
def test_a_tap_chooses_and_keeps_the_keyboard_open(person, alice, chat, typed, name, text):
    dora = person("Dora", **PHONE)
    alice.add(dora, chat)
    page = dora.tab(chat)
    composer(page).tap()
    expect(composer(page)).to_be_focused()
    page.keyboard.type(typed)
    page.get_by_role("option", name=name).tap()
    expect(composer(page)).to_have_value(text)
    expect(composer(page)).to_be_focused()
