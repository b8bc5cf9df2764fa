"""What happens to a message on the screens of two people."""

import re
import time

import pytest
from playwright.sync_api import expect

from .pages import (
    PATIENCE,
    choose,
    composer,
    delete,
    edit_last,
    expect_poll,
    expect_said,
    message,
    messages,
    pending,
    say,
    sees,
)
from .site import SETTINGS

HEARTBEAT = float(SETTINGS["HEARTBEAT_SECONDS"])  # the next one would bring what the stream did not


@pytest.fixture
def tabs(alice, bob, chat):
    return alice.tab(chat), bob.tab(chat)


def test_a_message_is_on_the_other_screen_before_a_heartbeat_could_bring_it(tabs):
    alice, bob = tabs
    delays = [delay_of(alice, bob, "The first one")]
    while min(delays) >= HEARTBEAT and len(delays) < 20:  # other tests slow the machine down
        delays.append(delay_of(alice, bob, f"Number {len(delays)}"))
    assert min(delays) < HEARTBEAT, delays


def delay_of(writer, reader, text: str) -> float:
    composer(writer).fill(text)
    began = time.monotonic()
    composer(writer).press("Enter")
    sees(reader, text)
    return time.monotonic() - began


def test_an_edited_message_changes_on_both_screens_and_says_so(tabs):
    alice, bob = tabs
    say(alice, "Tusday")
    sees(bob, "Tusday")
    edit_last(alice, "Tuesday")
    for tab in tabs:
        sees(tab, "Tuesday")
        mark = message(tab, "Tuesday").get_by_text("edited")
        expect(mark).to_be_visible()
        expect(mark).to_have_attribute("title", re.compile(r"day, .* at \d"))
        expect(messages(tab)).to_have_count(1)
    expect(composer(alice)).to_have_value("")
    expect(alice.get_by_text("Editing your message")).to_be_hidden()


def test_arrow_up_edits_ones_own_last_message_and_escape_leaves_it_as_it_was(tabs):
    alice, bob = tabs
    say(alice, "Mine")
    sees(bob, "Mine")
    say(bob, "Not mine")
    sees(alice, "Not mine")
    composer(alice).press("ArrowUp")
    expect(composer(alice)).to_have_value("Mine", timeout=PATIENCE)
    composer(alice).press("Escape")
    expect(composer(alice)).to_have_value("")
    sees(alice, "Mine")


def test_a_deleted_message_goes_from_both_screens_after_a_question(tabs):
    alice, bob = tabs
    say(alice, "Stays")
    say(alice, "Goes")
    sees(bob, "Goes")
    choose(alice, "Goes", "Delete")
    alice.get_by_role("dialog").get_by_role("button", name="Cancel").click()
    sees(alice, "Goes")
    delete(alice, "Goes")
    for tab in tabs:
        sees(tab, "Goes", times=0)
        sees(tab, "Stays")


def test_nobody_is_offered_to_change_what_another_has_written(tabs):
    alice, bob = tabs
    say(alice, "Mine")
    sees(bob, "Mine")
    message(bob, "Mine").hover()
    offered = message(bob, "Mine").locator(".actions__list").get_by_role("link")
    expect(offered).to_have_text(["React", "Reply", "Pin", "Bookmark", "Copy text", "Copy link", "Mark as unread"])


def test_who_stops_typing_is_no_longer_shown_after_five_seconds(tabs):
    alice, bob = tabs
    said = alice.locator(".typing")
    expect_poll(bob, lambda: composer(bob).press("l") or "is typing" in said.inner_text())
    expect(alice.locator(".typing")).to_be_empty(timeout=PATIENCE)


def test_script_in_a_message_a_name_and_a_title_is_text(person, bob):
    script = "<img src=x onerror=alert(1)><script>alert(2)</script>"
    mallory = person(script)
    chat = mallory.start_chat(title=script)
    mallory.add(bob, chat)
    page = bob.tab(chat)
    opened = []
    page.on("dialog", lambda dialog: (opened.append(dialog.message), dialog.dismiss()))
    say(mallory.tab(chat), f"{script} [a](javascript:alert(3)) <svg onload=alert(4)>")
    expect(messages(page)).to_contain_text("<script>alert(2)</script>", timeout=PATIENCE)
    expect(page.locator(".message__author")).to_have_text(script)
    expect(page.get_by_role("heading", level=1)).to_have_text(script)
    expect(page).to_have_title(re.compile(rf"^(\(\d+\+?\) )?{re.escape(script)} · Plainwire$"))
    assert page.locator("main").locator("script, img[src=x], svg[onload], a[href^=javascript]").count() == 0
    assert opened == []


def test_code_is_copied_by_its_button(alice, chat):
    page = alice.tab(chat)
    alice.context.grant_permissions(["clipboard-read", "clipboard-write"])
    alice.send(chat, "```python\nprint('hello')\n```")
    copy = page.get_by_role("button", name="Copy")
    expect(copy).to_be_visible()
    expect_said(page, page.locator(".messages"), "Copied", copy.click)
    assert page.evaluate("navigator.clipboard.readText()").strip() == "print('hello')"


def test_the_list_beside_quotes_code_without_its_button(alice, bob, chat):
    page = alice.tab(chat)
    bob.send(chat, "```\nprint(1)\n```")
    expect(page.get_by_role("button", name="Copy")).to_have_count(1, timeout=PATIENCE)
    line = page.locator(".sidebar [aria-current=page] .chats__excerpt")
    expect(line).to_have_text("Bob: print(1)", timeout=PATIENCE, use_inner_text=True)


def test_times_are_in_the_readers_zone(person, site, chat, alice):
    alice.send(chat, "What time is it?")
    far = person("Faraway", timezone_id="Asia/Tokyo", locale="en-GB")
    alice.add(far, chat)
    shown = far.tab(chat).locator(".message time")
    expect(shown).not_to_contain_text("UTC")
    there = shown.evaluate("(time) => new Date(time.dateTime).toLocaleTimeString('en-GB', "
                           "{ timeZone: 'Asia/Tokyo', timeStyle: 'short' })")  # fmt: skip
    expect(shown).to_have_text(there)


def test_a_reader_further_up_is_left_there_and_told_of_new_messages(alice, bob, chat):
    for n in range(40):
        alice.send(chat, f"Line {n}")
    page = alice.tab(chat)
    scroller = page.locator(".conversation__scroller")
    expect(page.get_by_role("button", name="Jump to latest")).to_be_hidden()
    scroller.hover()
    page.mouse.wheel(0, -600)
    expect(page.get_by_role("button", name="Jump to latest")).to_be_visible(timeout=PATIENCE)
    top = scroller.evaluate("(scroller) => scroller.scrollTop")
    bob.send(chat, "News")
    expect(page.get_by_role("button", name="Jump to latest (1)")).to_be_visible(timeout=PATIENCE)
    assert scroller.evaluate("(scroller) => scroller.scrollTop") == top
    page.get_by_role("button", name="Jump to latest").click()
    expect(message(page, "News")).to_be_in_viewport()
    expect(page.get_by_role("button", name="Jump to latest")).to_be_hidden()


def test_nothing_waits_to_be_sent_once_everybody_has_it(tabs):
    alice, bob = tabs
    say(alice, "Done?")
    sees(bob, "Done?")
    expect(pending(alice)).to_have_count(0, timeout=PATIENCE)


def test_who_joins_an_open_chat_by_writing_is_no_longer_asked_to_join_in_any_tab(alice, bob):
    chat = alice.start_chat(title="For all", kind="open")
    tabs = bob.tab(chat), bob.tab(chat)
    for tab in tabs:
        expect(tab.get_by_role("button", name="Join")).to_be_visible()
    say(tabs[0], "Hello")
    for tab in tabs:
        expect(tab.get_by_role("button", name="Join")).to_be_hidden(timeout=PATIENCE)
    alice.remove(bob, chat)
    for tab in tabs:
        expect(tab.get_by_role("button", name="Join")).to_be_visible(timeout=PATIENCE)
