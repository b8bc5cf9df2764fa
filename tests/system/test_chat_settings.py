"""What the managers of a chat decide, on the screens of two people: who writes, who manages, and its end."""

import re

import pytest
from playwright.sync_api import Page, expect

from .pages import PATIENCE, action, compare_with_fresh, composer, message, pending, say, sees

WHY = "Only the managers of this chat write in it."


@pytest.fixture
def tabs(alice, bob, chat):
    return alice.tab(chat), bob.tab(chat)


def settings(page: Page, chat: int) -> Page:
    tab = page.context.new_page()
    tab.goto(f"/chats/{chat}/edit")
    return tab


def let_write(page: Page, chat: int, who: str) -> None:
    tab = settings(page, chat)
    tab.get_by_role("group", name="Who can write in it?").get_by_label(who).check()
    tab.get_by_role("button", name="Save").click()
    expect(tab).to_have_url(re.compile(rf"/chats/{chat}$"))
    tab.close()


def test_a_chat_becomes_read_only_for_the_others_at_once_and_for_nobody_again(tabs, chat):
    alice, bob = tabs
    say(bob, "From before")
    sees(alice, "From before")
    let_write(alice, chat, "Managers only")
    expect(bob.get_by_text(WHY)).to_be_visible()
    expect(composer(bob)).to_be_hidden()
    expect(alice.get_by_text(WHY)).to_be_hidden()
    message(bob, "From before").hover()
    expect(action(bob, "From before", "React")).to_be_visible()
    for name in ("Reply", "Pin", "Edit"):
        expect(action(bob, "From before", name)).to_have_count(0)
    say(alice, "News")
    sees(bob, "News")
    for tab in tabs:
        compare_with_fresh(tab, chat)
    let_write(alice, chat, "Everyone")
    expect(composer(bob)).to_be_visible()
    say(bob, "Thanks")
    sees(alice, "Thanks")


def test_what_was_under_way_then_is_refused_with_a_word_and_kept(tabs, chat):
    alice, bob = tabs
    bob.context.set_offline(True)
    say(bob, "Too late")
    expect(pending(bob)).to_have_count(1)
    let_write(alice, chat, "Managers only")
    bob.context.set_offline(False)
    expect(pending(bob)).to_contain_text(WHY, timeout=PATIENCE)
    expect(pending(bob)).to_contain_text("Too late")
    let_write(alice, chat, "Everyone")
    expect(composer(bob)).to_be_visible()
    pending(bob).get_by_role("button", name="Try again").click()
    sees(alice, "Too late")


def test_a_new_manager_can_write_without_a_reload(tabs, chat):
    alice, bob = tabs
    let_write(alice, chat, "Managers only")
    expect(composer(bob)).to_be_hidden()
    members = alice.context.new_page()
    members.goto(f"/chats/{chat}/members")
    members.get_by_role("button", name="Make a manager of Bob").click()
    expect(composer(bob)).to_be_visible()
    say(bob, "I can")
    sees(alice, "I can")
    members.get_by_role("button", name="Make a member of Bob").click()
    expect(composer(bob)).to_be_hidden()
    compare_with_fresh(bob, chat)


def test_the_description_is_live_under_the_title(tabs, chat):
    alice, bob = tabs
    tab = settings(bob, chat)
    tab.get_by_label("Description").fill("Everything about the move")
    tab.get_by_role("button", name="Save").click()
    for page in tabs:
        expect(page.locator(".chat__description")).to_have_text("Everything about the move")
        compare_with_fresh(page, chat)


def test_the_second_person_brings_an_offer_to_the_first_one(alice, bob):
    chat = alice.start_chat(title="Questions", assistant="always")
    page = alice.tab(chat)
    offer = page.locator(".offer")
    expect(offer).to_be_hidden()
    alice.add(bob, chat)
    expect(offer).to_be_visible()
    expect(bob.tab(chat).locator(".offer")).to_be_hidden()
    offer.get_by_role("button", name="When mentioned").click()
    expect(offer).to_be_hidden()
    expect(page.locator(".chat__header")).to_contain_text("When mentioned")
    compare_with_fresh(page, chat)


def test_a_deleted_chat_is_gone_from_the_open_pages_and_from_the_lists(tabs, chat):
    alice, bob = tabs
    say(alice, "Soon gone")
    sees(bob, "Soon gone")
    line = bob.locator(f"#head_chat_{chat}")
    tab = settings(alice, chat)
    tab.get_by_role("link", name="Delete for good…").click()
    expect(tab.get_by_text("message goes with it")).to_be_visible()
    tab.get_by_role("button", name="Delete for good").click()
    expect(tab.get_by_text("to be sure that you mean this chat")).to_be_visible()
    tab.get_by_label("Type the title of the chat").fill(tab.locator(".sheet__subtitle").inner_text())
    tab.get_by_role("button", name="Delete for good").click()
    expect(tab.get_by_text("is deleted.")).to_be_visible()
    for page in tabs:
        expect(page.get_by_text("This chat is gone, or you are no longer a member.")).to_be_visible()
        expect(composer(page)).not_to_be_editable()
    expect(line).to_be_hidden()
