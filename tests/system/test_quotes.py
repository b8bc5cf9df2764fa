"""Replies with a quote, on the screens of two people."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from .pages import (
    CANONICAL,
    PATIENCE,
    action,
    choose,
    compare_with_fresh,
    composer,
    delete,
    edit_last,
    message,
    pending,
    say,
    scroll_until,
    sees,
    texts,
    until_live,
    until_saved,
)

THREAD = f"() => {{ {CANONICAL} return canonical(document.querySelector('.messages--thread')) }}"
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}


@pytest.fixture
def tabs(alice, bob, chat):
    return alice.tab(chat), bob.tab(chat)


def begin_reply(page: Page, text: str) -> None:
    choose(page, text, "Reply")


def bar(page: Page) -> Locator:
    return page.locator(".composer__quoted")


def quote(page: Page, text: str) -> Locator:
    """What the message with this text quotes."""
    return message(page, text).locator(".quote")


def reads(page: Page, text: str, quoted: str, author: str | None = None) -> None:
    """The message with this text shows ``quoted`` of what it answers, and a screen reader says whose it is."""
    words = ["In reply to", author, ":", quoted] if author else ["In reply to", quoted]
    expected = re.compile(r"^\s*" + r"\s*".join(map(re.escape, words)) + r"\s*$")
    expect(quote(page, text)).to_have_text(expected, use_inner_text=True, timeout=PATIENCE)


def test_a_reply_quotes_its_message_on_both_screens_and_an_edit_shows_there(tabs, chat):
    alice, bob = tabs
    say(alice, "Tusday?")
    sees(bob, "Tusday?")
    begin_reply(bob, "Tusday?")
    expect(bar(bob)).to_contain_text("Replying to Alice: Tusday?")
    expect(composer(bob)).to_be_focused()
    say(bob, "Fine")
    expect(bar(bob)).to_be_hidden()
    for tab, name in ((alice, "You"), (bob, "Alice")):
        sees(tab, "Fine")
        reads(tab, "Fine", "Tusday?", name)
        expect(message(tab, "Tusday?").get_by_role("link", name="1 reply")).to_be_visible()
    edit_last(alice, "Tuesday?")
    until_saved(alice)
    for tab in tabs:
        expect(quote(tab, "Fine")).to_contain_text("Tuesday?")
    delete(alice, "Tuesday?")
    for tab in tabs:
        reads(tab, "Fine", "Deleted message")
        compare_with_fresh(tab, chat)


def test_a_quote_leads_to_its_message_and_leaves_the_end_alone(alice, bob, chat):
    bob.send(chat, "Where it began")
    for number in range(30):
        bob.send(chat, f"Number {number}")
    page = alice.tab(chat)
    page.locator(".conversation__scroller").evaluate("(scroller) => (scroller.scrollTop = 0)")
    begin_reply(page, "Where it began")
    say(page, "So it was")
    sees(page, "So it was")
    expect(message(page, "Where it began")).not_to_be_in_viewport()
    quote(page, "So it was").click()
    expect(message(page, "Where it began")).to_be_in_viewport()
    expect(message(page, "Where it began")).to_be_focused()
    assert "/messages/" not in page.url
    bob.send(chat, "Later")
    sees(page, "Later")
    expect(message(page, "Where it began")).to_be_in_viewport()


def test_a_quote_of_a_message_that_is_not_loaded_is_a_link_to_it(alice, chat):
    answer = alice.send(chat, "Long ago")
    for number in range(60):
        alice.send(chat, f"Number {number}")
    id = re.search(r'data-message-id="(\d+)"', answer.text)[1]
    alice.submit(f"/chats/{chat}/messages", {"content": "Remember?", "reply_to": id})
    page = alice.tab(chat)
    quote(page, "Remember?").click()
    page.wait_for_url(re.compile(rf"/chats/{chat}\?around={id}"), timeout=PATIENCE)


def test_r_on_a_focused_message_replies_and_escape_cancels(tabs):
    alice, bob = tabs
    say(alice, "Hello")
    sees(bob, "Hello")
    message(bob, "Hello").focus()
    bob.keyboard.press("r")
    expect(bar(bob)).to_contain_text("Replying to Alice: Hello")
    expect(composer(bob)).to_have_value("")
    expect(composer(bob)).to_have_accessible_description("Replying to Alice: Hello")
    composer(bob).fill("Not so fast")
    composer(bob).press("Escape")
    expect(bar(bob)).to_be_hidden()
    expect(composer(bob)).to_have_value("Not so fast")
    expect(composer(bob)).to_have_accessible_description("")
    composer(bob).press("Enter")
    sees(alice, "Not so fast")
    expect(quote(alice, "Not so fast")).to_have_count(0)


def test_a_reply_that_was_begun_survives_a_reload_and_an_edit_in_between(tabs):
    alice, bob = tabs
    say(bob, "Mine")
    sees(bob, "Mine")
    say(alice, "Hello")
    sees(bob, "Hello")
    begin_reply(bob, "Hello")
    composer(bob).fill("Half")
    bob.reload()
    expect(bar(bob)).to_contain_text("Replying to Alice: Hello", timeout=PATIENCE)
    expect(composer(bob)).to_have_value("Half")
    choose(bob, "Mine", "Edit")
    expect(bob.get_by_text("Editing your message")).to_be_visible()
    expect(bar(bob)).to_be_hidden()
    composer(bob).press("Escape")
    expect(bar(bob)).to_be_visible()
    composer(bob).press("Enter")
    sees(alice, "Half")
    expect(quote(alice, "Half")).to_contain_text("Hello")


def test_offline_a_reply_waits_with_its_quote_and_arrives_once(tabs, bob, chat):
    alice, page = tabs
    say(alice, "Hello")
    sees(page, "Hello")
    begin_reply(page, "Hello")
    bob.context.set_offline(True)
    say(page, "Later")
    expect(pending(page).locator(".quote")).to_contain_text("Alice: Hello")
    bob.context.set_offline(False)
    page.reload()
    sees(alice, "Later")
    expect(quote(alice, "Later")).to_contain_text("Hello")
    expect(pending(page)).to_have_count(0, timeout=PATIENCE)
    compare_with_fresh(page, chat)


def test_a_message_that_is_deleted_while_somebody_answers_it_loses_no_words(tabs):
    alice, bob = tabs
    say(alice, "Oops")
    sees(bob, "Oops")
    begin_reply(bob, "Oops")
    delete(alice, "Oops")
    sees(bob, "Oops", times=0)
    say(bob, "What was it?")
    sees(alice, "What was it?")
    expect(quote(alice, "What was it?")).to_contain_text("Deleted message")
    expect(quote(alice, "What was it?").and_(alice.get_by_role("link"))).to_have_count(0)


def test_history_that_is_loading_while_a_quoted_message_changes_shows_the_change(alice, bob, chat):
    page = alice.tab(chat)
    first = re.search(r'data-message-id="(\d+)"', alice.send(chat, "First").text)[1]
    # Nothing is unread for Alice, so her page opens at the end.
    alice.submit(f"/chats/{chat}/messages", {"content": "Answer", "reply_to": first})
    for number in range(60):
        alice.send(chat, f"Number {number}")
    held = []
    page.route("**/messages?before=*", lambda route: held.append(route), times=1)
    page.reload()
    sees(page, "Number 59")
    scroll_until(page, "top", lambda: held)
    answer = held[0].fetch()  # what the server says now, and the page gets it later
    alice.submit(f"/messages/{first}", {"_method": "patch", "content": "Changed"})
    bob.send(chat, "After that")
    sees(page, "After that")
    held[0].fulfill(response=answer)
    expect(quote(page, "Answer")).to_contain_text("Changed", timeout=PATIENCE)
    compare_with_fresh(page, chat)


def test_members_alone_are_offered_to_reply(alice, bob, person, chat):
    alice.submit(f"/chats/{chat}", {"_method": "patch", "title": "Plans", "kind": "open", "assistant": "never"})
    bob.send(chat, "Hello")
    visitor = person("Visitor").tab(chat)
    sees(visitor, "Hello")
    message(visitor, "Hello").hover()
    expect(action(visitor, "Hello", "Reply")).to_be_hidden()
    message(visitor, "Hello").focus()
    visitor.keyboard.press("r")
    expect(bar(visitor)).to_be_hidden()


def test_on_a_phone_reply_is_in_the_sheet_of_actions(person, alice, chat):
    carol = person("Carol", **PHONE)
    alice.add(carol, chat)
    alice.send(chat, "Hello")
    page = carol.tab(chat)
    message(page, "Hello").get_by_role("link", name="Actions").tap()
    action(page, "Hello", "Reply").tap()
    expect(bar(page)).to_contain_text("Replying to Alice: Hello")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_without_scripts_one_replies_on_the_page_of_the_message(person, alice, chat):
    carol = person("Carol", java_script_enabled=False)
    alice.add(carol, chat)
    alice.send(chat, "Hello")
    page = carol.tab()
    page.goto(f"/chats/{chat}")
    message(page, "Hello").hover()
    message(page, "Hello").get_by_role("link", name="Actions").click()
    page.get_by_role("link", name="Reply").click()
    page.get_by_role("textbox", name="Your reply").fill("Good morning")
    page.get_by_role("button", name="Send").click()
    expect(quote(page, "Good morning")).to_contain_text("Hello")
    page.get_by_role("link", name="1 reply").click()
    expect(message(page, "Good morning")).to_be_visible()


def test_the_page_of_replies_is_live(tabs, alice, bob, chat):
    page, thread = tabs
    id = re.search(r'data-message-id="(\d+)"', alice.send(chat, "Hello").text)[1]
    until_live(thread.goto(f"/messages/{id}/replies") and thread)
    begin_reply(page, "Hello")
    say(page, "To myself")
    sees(thread, "To myself")
    say(page, "Something else")
    sees(page, "Something else")
    expect(message(thread, "Hello").get_by_role("link", name="1 reply")).to_be_visible()
    alice.submit(f"/messages/{id}", {"_method": "patch", "content": "Good morning"})
    sees(thread, "Good morning")
    begin_reply(page, "Good morning")
    say(page, "Once more")
    sees(thread, "Once more")
    delete(page, "To myself")
    sees(thread, "To myself", times=0)
    assert texts(thread) == ["Good morning", "Once more"]
    same_as_reloaded(thread)


def same_as_reloaded(thread: Page) -> None:
    shown = thread.evaluate(THREAD)
    until_live(thread.reload() and thread)
    assert thread.evaluate(THREAD) == shown


def test_the_page_of_replies_comes_anew_after_a_long_absence(alice, bob, chat):
    id = re.search(r'data-message-id="(\d+)"', alice.send(chat, "Hello").text)[1]
    thread = bob.tab()
    thread.goto(f"/messages/{id}/replies")
    until_live(thread)
    thread.get_by_role("textbox", name="Your reply").fill("Half")
    bob.context.set_offline(True)
    alice.submit(f"/chats/{chat}/messages", {"content": "Missed", "reply_to": id})
    for number in range(101):
        alice.send(chat, f"Number {number}")
    bob.context.set_offline(False)
    sees(thread, "Missed")
    expect(thread.get_by_role("textbox", name="Your reply")).to_have_value("Half")
    assert texts(thread) == ["Hello", "Missed"]
    same_as_reloaded(thread)
