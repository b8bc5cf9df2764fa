"""What is unread: marked as read when it is seen, marked as unread by people, and the line where a chat is opened."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from .pages import PATIENCE, action, choose, expect_poll, message, messages, say, sees
from .test_promise import hide, show

READS = re.compile(r"/chats/\d+/reads$")
SCREENFUL = 30  # messages that fill more than a screen


@pytest.fixture
def reads(bob) -> list[str]:
    """What Bob's pages have said was read, in the order of their requests."""
    sent: list[str] = []
    bob.context.on("request", lambda request: sent.append(request.post_data) if READS.search(request.url) else None)
    return sent


def send(person, chat: int, *texts: str) -> list[int]:
    answers = [person.send(chat, text).text for text in texts]
    return [int(re.search(r'id="message_(\d+)"', answer)[1]) for answer in answers]


def lines(count: int, name: str = "Line") -> list[str]:
    return [f"{name} {number}" for number in range(count)]


def count(page: Page, chat: int) -> Locator:
    return page.locator(f"#unread_chat_{chat}")


def read_id(person, chat: int) -> int:
    """Up to where the server says that everything is read."""
    found = re.search(rf'<i id="read_chat_{chat}"[^>]* data-read-id="(\d+)"', person.http.get("/").text)
    return int(found[1])


def until_read(page: Page, person, chat: int, message_id: int) -> None:
    expect_poll(page, lambda: read_id(person, chat) == message_id)


def since(page: Page) -> Locator:
    return page.get_by_role("heading", name="New", exact=True)


def following(page: Page) -> str:
    """The words of the message behind the line."""
    return page.locator(".since + article .message__body").text_content().strip()


def expect_following(page: Page, text: str) -> None:
    """The same, once the server's answer to a click has moved the line."""
    expect(page.locator(".since + article .message__body")).to_have_text(text, timeout=PATIENCE)


def with_a_mark(person, chat: int, message_id: int) -> None:
    assert person.turbo("POST", f"/chats/{chat}/reads", {"message_id": message_id}).status_code == 204


def scroll_to_end(page: Page) -> None:
    page.get_by_role("button", name=re.compile("Jump to latest")).click()


def mark_unread(page: Page, text: str) -> None:
    with page.expect_response(READS):
        choose(page, text, "Mark as unread")


# Reading


def test_a_chat_whose_end_is_seen_is_read(alice, person):
    carol, chat = person("Carol"), alice.start_chat(title="Plans")
    alice.add(carol, chat)
    *_, last = send(alice, chat, "One", "Two")
    page = carol.context.new_page()
    page.goto("/")
    expect(count(page, chat)).to_have_text("2 unread")
    expect(page).to_have_title("(2) Chats · Plainwire")
    page.locator(f"#head_chat_{chat}").click()
    expect(count(page, chat)).to_have_text("")
    until_read(page, carol, chat, last)
    expect(page).to_have_title("Plans · Plainwire")


def test_what_comes_while_somebody_looks_is_read_too_and_each_message_is_reported_once(alice, bob, chat, reads):
    page = bob.tab(chat)
    *_, last = send(alice, chat, "One", "Two", "Three")
    until_read(page, bob, chat, last)
    page.reload()
    sees(page, "Three")
    page.wait_for_timeout(1_000)  # longer than a page waits before it says what was seen
    assert 1 <= len(reads) <= 3


def test_a_hidden_tab_reads_nothing(alice, bob, chat, reads):
    page = bob.tab(chat)
    hide(page)
    *_, last = send(alice, chat, "Are you there?")
    sees(page, "Are you there?")
    page.wait_for_timeout(1_000)
    assert reads == [] and read_id(bob, chat) == 0
    show(page)
    until_read(page, bob, chat, last)


def test_a_reader_further_up_has_not_read_the_end(alice, bob, chat, reads):
    *_, last = send(alice, chat, *lines(SCREENFUL))
    page = bob.tab(chat)
    expect(since(page)).to_be_in_viewport()
    page.wait_for_timeout(1_000)
    assert reads == []
    scroll_to_end(page)
    until_read(page, bob, chat, last)


def test_after_a_failure_it_is_said_again(alice, bob, chat):
    page = bob.tab(chat)
    page.route(READS, lambda route: route.abort(), times=1)
    with page.expect_event("requestfailed", lambda request: READS.search(request.url), timeout=PATIENCE):
        *_, last = send(alice, chat, "Hello")
    until_read(page, bob, chat, last)


def test_a_page_that_is_left_at_once_has_read_what_it_showed(alice, bob, chat):
    page = bob.tab(chat)
    *_, last = send(alice, chat, "Hello")
    sees(page, "Hello")
    page.get_by_role("link", name="Plainwire").first.click()
    until_read(page, bob, chat, last)


def test_somebody_who_only_reads_along_marks_nothing(alice, bob, reads):
    chat = alice.start_chat(title="For all", kind="open")
    send(alice, chat, "Hello")
    page = bob.tab(chat)
    sees(page, "Hello")
    page.wait_for_timeout(1_000)
    assert reads == []
    message(page, "Hello").hover()
    expect(page.get_by_role("link", name="Mark as unread")).to_be_hidden()


# Marking as unread


def test_a_message_marked_as_unread_stays_so_until_something_new_comes(alice, bob, chat, reads):
    first, second, last = send(alice, chat, "One", "Two", "Three")
    page = bob.tab(chat)
    until_read(page, bob, chat, last)
    mark_unread(page, "Two")
    expect(count(page, chat)).to_have_text("2 unread")
    expect_following(page, "Two")
    before = len(reads)
    hide(page)
    show(page)
    page.wait_for_timeout(1_000)
    assert len(reads) == before and read_id(bob, chat) == second - 1
    (news,) = send(alice, chat, "Four")
    until_read(page, bob, chat, news)


def test_one_s_own_message_can_not_be_unread(bob, chat):
    page = bob.tab(chat)
    say(page, "Mine")
    sees(page, "Mine")
    message(page, "Mine").hover()
    expect(action(page, "Mine", "Edit")).to_be_visible()
    expect(action(page, "Mine", "Mark as unread")).to_be_hidden()


def test_without_scripts_a_message_s_page_has_a_form_for_it(alice, bob, chat, browser):
    first, second = send(alice, chat, "One", "Two")
    context = bob.new_context(browser, java_script_enabled=False)
    page = context.new_page()
    page.goto(f"/messages/{second}/actions")
    page.get_by_role("button", name="Mark as unread from here").click()
    expect(page.get_by_text("Marked as unread in Plans.")).to_be_visible()
    expect(count(page, chat)).to_have_text("1 unread")
    context.close()


# The line


def test_a_chat_opens_at_the_first_unread_message(alice, bob, chat):
    *_, last = send(alice, chat, *lines(SCREENFUL, "Known"))
    with_a_mark(bob, chat, last)
    send(bob, chat, "Mine")
    send(alice, chat, *lines(SCREENFUL, "New"))
    page = bob.tab(chat)
    assert following(page) == "New 0"
    box = since(page).bounding_box()
    top = page.locator(".conversation__scroller").bounding_box()["y"]
    assert 0 <= box["y"] - top < 100
    expect(message(page, "New 0")).to_be_in_viewport()


def test_a_chat_whose_unread_messages_fit_on_the_screen_opens_at_its_end(alice, bob, chat):
    send(alice, chat, "One", "Two")
    page = bob.tab(chat)
    expect(since(page)).to_be_in_viewport()
    expect(message(page, "Two")).to_be_in_viewport()
    expect(page.get_by_role("button", name="Jump to latest")).to_be_hidden()
    assert following(page) == "One"


def test_a_chat_without_unread_messages_has_no_line_and_gets_none(alice, bob, chat):
    page = bob.tab(chat)
    send(alice, chat, "Hello")
    sees(page, "Hello")
    expect(since(page)).to_have_count(0)


def test_the_line_stays_where_it_is_and_moves_with_a_deletion(alice, bob, chat):
    first, _ = send(alice, chat, "One", "Two")
    page = bob.tab(chat)
    send(alice, chat, "Three")
    sees(page, "Three")
    assert following(page) == "One"
    alice.turbo("DELETE", f"/messages/{first}")
    sees(page, "One", times=0)
    assert following(page) == "Two"
    page.reload()
    sees(page, "Three")


def test_more_unread_messages_than_a_page_holds_come_with_their_line(alice, bob, chat):
    send(alice, chat, *lines(70))
    page = bob.tab(chat)
    assert messages(page).count() == 70
    assert following(page) == "Line 0"
    expect(since(page)).to_be_in_viewport()


def test_the_line_takes_no_stop_of_the_keyboard(alice, bob, chat):
    send(alice, chat, "One")
    page = bob.tab(chat)
    expect(since(page)).to_be_visible()
    assert since(page).evaluate("(line) => line.tabIndex") == -1
    assert since(page).evaluate("(line) => line.localName") == "h2"


def test_the_line_begins_a_group_of_its_own(alice, bob, chat):
    first, _ = send(alice, chat, "One", "Two")
    page = bob.tab(chat)
    mark_unread(page, "Two")
    expect_following(page, "Two")
    assert page.locator(".joint + .since, .since + .joint").count() == 0
    expect(message(page, "Two").locator(".message__author")).to_be_visible(timeout=PATIENCE)
