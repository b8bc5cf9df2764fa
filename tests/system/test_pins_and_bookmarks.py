"""Pinned messages, bookmarks, favourites and muted chats, on the screens of two people."""

import pytest
from playwright.sync_api import Locator, Page, expect

from .pages import PATIENCE, action, choose, compare_with_fresh, delete, message, say, sees, until_live
from .test_chat_list import carol, compare_list_with_fresh, expect_order, home, three  # noqa: F401
from .test_unread import count, send

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}


@pytest.fixture
def tabs(alice, bob, chat):
    return alice.tab(chat), bob.tab(chat)


def pins_of(page: Page, chat: int) -> Page:
    tab = page.context.new_page()
    tab.goto(f"/chats/{chat}/pins")
    return until_live(tab)


def entry(page: Page, text: str) -> Locator:
    return page.locator(".excerpts__item", has_text=text)


def test_a_pin_shows_on_both_screens_and_on_the_open_page_of_the_pins(tabs, chat):
    alice, bob = tabs
    pins = pins_of(bob, chat)
    expect(pins.get_by_text("Nothing is pinned")).to_be_visible()
    say(alice, "Where we meet")
    sees(bob, "Where we meet")
    choose(bob, "Where we meet", "Pin")
    for tab in tabs:
        expect(message(tab, "Where we meet").get_by_role("link", name="Pinned")).to_be_visible()
        expect(tab.locator(".chat__header").get_by_role("link", name="1 pinned")).to_be_visible()
        compare_with_fresh(tab, chat)
    expect(entry(pins, "Where we meet")).to_contain_text("Pinned by Bob")
    choose(alice, "Where we meet", "Unpin")
    expect(pins.get_by_text("Nothing is pinned")).to_be_visible()
    expect(bob.locator(".chat__header").get_by_role("link", name="pinned")).to_have_count(0)


def test_the_page_of_the_pins_takes_one_off_leads_to_the_place_and_follows_a_deletion(tabs, chat):
    alice, bob = tabs
    for text in ("One", "Two", "Three"):
        say(alice, text)
        sees(bob, text)
        choose(bob, text, "Pin")
        expect(message(bob, text).get_by_role("link", name="Pinned")).to_be_visible()
    pins = pins_of(bob, chat)
    entry(pins, "Two").get_by_role("button", name="Unpin").click()
    expect(entry(pins, "Two")).to_have_count(0)
    expect(message(alice, "Two").get_by_role("link", name="Pinned")).to_have_count(0)
    delete(alice, "Three")
    expect(entry(pins, "Three")).to_have_count(0)
    entry(pins, "One").get_by_role("link").click()
    expect(message(until_live(pins), "One")).to_be_focused()


def test_a_bookmark_shows_in_the_other_tabs_of_its_person_and_nowhere_else(tabs, bob, chat):
    alice, first = tabs
    second, page = bob.tab(chat), bob.context.new_page()
    page.goto("/bookmarks")
    expect(page.get_by_text("You have no bookmarks")).to_be_visible()
    say(alice, "The door code")
    sees(second, "The door code")
    choose(first, "The door code", "Bookmark")
    for tab in (first, second):
        expect(message(tab, "The door code")).to_have_attribute("data-bookmarked", "", timeout=PATIENCE)
        compare_with_fresh(tab, chat)
    expect(entry(page, "The door code")).to_be_visible()
    expect(message(alice, "The door code")).not_to_have_attribute("data-bookmarked", "")
    second.reload()
    choose(until_live(second), "The door code", "Remove bookmark")
    expect(message(first, "The door code")).not_to_have_attribute("data-bookmarked", "")
    expect(page.get_by_text("You have no bookmarks")).to_be_visible()


def test_the_bookmark_of_a_message_stays_when_the_message_changes(tabs, chat):
    alice, bob = tabs
    say(alice, "Draft")
    sees(bob, "Draft")
    choose(bob, "Draft", "Bookmark")
    expect(message(bob, "Draft")).to_have_attribute("data-bookmarked", "", timeout=PATIENCE)
    choose(alice, "Draft", "Pin")
    expect(message(bob, "Draft").get_by_role("link", name="Pinned")).to_be_visible()
    expect(message(bob, "Draft")).to_have_attribute("data-bookmarked", "")
    choose(bob, "Draft", "Remove bookmark")
    expect(message(bob, "Draft")).not_to_have_attribute("data-bookmarked", "")


def test_both_are_in_the_menu_of_a_phone(person, alice, chat):
    dora = person("Dora", **PHONE)
    alice.add(dora, chat)
    page, other = dora.tab(chat), alice.tab(chat)
    say(other, "By touch")
    sees(page, "By touch")
    for name in ("Pin", "Bookmark"):
        message(page, "By touch").get_by_role("link", name="Actions").tap()
        action(page, "By touch", name).tap()
    expect(message(page, "By touch").get_by_role("link", name="Pinned")).to_be_visible()
    expect(message(page, "By touch")).to_have_attribute("data-bookmarked", "", timeout=PATIENCE)
    message(page, "By touch").get_by_role("link", name="Actions").tap()
    expect(action(page, "By touch", "Remove bookmark")).to_be_visible()


def test_a_favourite_is_on_top_in_all_tabs_and_after_a_reload(carol, three):  # noqa: F811
    page, other = home(carol), home(carol)
    expect_order(page, "Third", "Second", "First")
    other.goto(f"/chats/{three[0]}/edit")
    other.get_by_role("button", name="Add to favourites").click()
    expect(other.get_by_role("button", name="Remove from favourites")).to_be_visible()
    for tab in (page, other):
        expect_order(tab, "First", "Third", "Second")
    expect(page.locator(f"#head_chat_{three[0]}")).to_have_accessible_description("1 unread Favourite")
    compare_list_with_fresh(page)
    other.get_by_role("button", name="Remove from favourites").click()
    expect_order(page, "Third", "Second", "First")


def test_a_muted_chat_counts_and_the_title_leaves_it_out(alice, carol, three):  # noqa: F811
    page, other = home(carol), home(carol)
    expect(page).to_have_title("(3) Chats · Plainwire")
    other.goto(f"/chats/{three[0]}/edit")
    other.get_by_role("button", name="Mute").click()
    expect(page).to_have_title("(2) Chats · Plainwire")
    send(alice, three[0], "Again")
    expect(count(page, three[0])).to_have_text("2 unread")
    expect(page).to_have_title("(2) Chats · Plainwire")
    compare_list_with_fresh(page)
