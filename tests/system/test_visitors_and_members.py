"""A page offers what its reader may do: as a visitor of an open chat, after a removal, and as a member again."""

import re

import pytest
from playwright.sync_api import expect

from chatapp.models.message import CONTENT_LIMIT

from .pages import PATIENCE, compare_with_fresh, composer, pending, say, sees


@pytest.fixture
def open_to_all(alice) -> int:
    return alice.start_chat(title="For all", kind="open")


def settings(page):
    return page.get_by_role("link", name="Chat settings")


# Visitors of an open chat


def test_only_who_may_change_a_chat_sees_its_settings_and_who_joins_sees_them_at_once(alice, bob, open_to_all):
    visit = bob.tab(open_to_all)
    expect(settings(visit)).to_be_hidden()
    expect(settings(alice.tab(open_to_all))).to_be_visible()
    visit.get_by_role("button", name="Join").click()
    expect(settings(visit)).to_be_visible(timeout=PATIENCE)


def test_a_visitor_who_comes_to_the_settings_all_the_same_is_told_how_to_get_there(bob, open_to_all):
    page = bob.tab()
    page.goto(f"/chats/{open_to_all}/edit")
    expect(page.get_by_role("main")).to_contain_text("Join this chat first")
    page.get_by_role("button", name="Join").click()
    expect(settings(page)).to_be_visible(timeout=PATIENCE)


# Too long


def test_a_message_that_is_too_long_is_counted_before_it_is_sent(alice, bob, chat):
    page = alice.tab(chat)
    left = page.locator(".composer__count")
    composer(page).fill("😀" * (CONTENT_LIMIT - 1000))
    expect(left).to_be_hidden()
    composer(page).fill("😀" * (CONTENT_LIMIT - 12))
    expect(left).to_have_text("12 characters left")
    expect(left).not_to_have_class(re.compile("over"))
    composer(page).fill("😀" * (CONTENT_LIMIT + 1))
    expect(left).to_have_text("1 character too long")
    expect(left).to_have_class(re.compile("over"))
    composer(page).press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("Too long to send")
    assert composer(page).input_value() == "😀" * (CONTENT_LIMIT + 1)
    expect(pending(page)).to_have_count(0)
    composer(page).press("Backspace")
    composer(page).press("Enter")
    expect(pending(page)).to_have_count(0, timeout=PATIENCE)
    sees(bob.tab(chat), "😀" * CONTENT_LIMIT)


def test_what_the_server_refuses_for_good_offers_no_second_try(alice, chat):
    page = alice.tab(chat)
    say(page, "A bell: \a")
    expect(pending(page)).to_contain_text("control character", timeout=PATIENCE)
    expect(pending(page).get_by_role("button", name="Try again")).to_be_hidden()
    pending(page).get_by_role("button", name="Edit").click()
    assert composer(page).input_value() == "A bell: \a"


# Removed, and added again


def test_who_is_removed_can_write_no_more_and_keeps_what_was_begun(alice, bob, chat):
    page = bob.tab(chat)
    composer(page).fill("I was just about to")
    alice.remove(bob, chat)
    expect(page.get_by_role("status").filter(has_text="no longer a member")).to_be_visible(timeout=PATIENCE)
    expect(composer(page)).not_to_be_editable()
    expect(page.get_by_role("button", name="Send", exact=True)).to_be_disabled()
    composer(page).press("Enter")
    expect(pending(page)).to_have_count(0)
    assert composer(page).input_value() == "I was just about to"


def test_who_is_added_again_goes_on_without_a_reload(alice, bob, chat):
    page = bob.tab(chat)
    alice.remove(bob, chat)
    expect(composer(page)).not_to_be_editable(timeout=PATIENCE)
    alice.send(chat, "While Bob was away")
    alice.add(bob, chat)
    sees(page, "While Bob was away")
    expect(composer(page)).to_be_editable()
    say(page, "Back again")
    sees(page, "Back again")
    compare_with_fresh(page, chat)
