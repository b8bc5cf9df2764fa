"""A link to a message opens the chat around it. From there one reads on both ways, and everything is live."""

import re

import pytest
from playwright.sync_api import Page, expect

from .pages import (
    PATIENCE,
    choose,
    compare_with_fresh,
    composer,
    load_more,
    message,
    messages,
    say,
    scroll_until,
    scroll_up,
    sees,
    until_live,
)
from .test_promise import hide

ID = re.compile(r'data-message-id="(\d+)"')


@pytest.fixture
def long_chat(alice, bob, chat) -> int:
    for number in range(120):
        bob.send(chat, f"Number {number}")
    return chat


def link_to(person, chat: int, text: str) -> str:
    """The address of a message, looked up in the pages of history."""
    address = f"/chats/{chat}"
    while address:
        html = person.http.get(address).text
        for article in re.findall(r"<article.*?</article>", html, re.DOTALL):
            if f"<p>{text}</p>" in article:
                return f"/messages/{ID.search(article)[1]}"
        older = re.search(r'id="messages_before_[^>]* src="([^"]+)"', html)
        address = older and older[1]
    raise LookupError(text)


def visible(page: Page, text: str) -> bool:
    """Whether the message is in sight, between the header and the composer."""
    return message(page, text).evaluate(
        """(article) => {
          const inside = article.closest(".conversation__scroller").getBoundingClientRect()
          const { top, bottom } = article.getBoundingClientRect()
          return top >= inside.top && bottom <= inside.bottom
        }"""
    )


def open_link(page: Page, address: str) -> Page:
    page.goto(address)
    return until_live(page)


def read_to_the_end(page: Page) -> None:
    scroll_until(page, "end", lambda: page.locator(".messages__newer").count() == 0)


def test_it_opens_at_the_message_which_has_the_focus(alice, long_chat):
    page = open_link(alice.tab(), link_to(alice, long_chat, "Number 60"))
    expect(message(page, "Number 60")).to_be_focused(timeout=PATIENCE)
    assert visible(page, "Number 60") and not visible(page, "Number 50")
    expect(page.get_by_role("button", name="Jump to latest")).to_be_visible()


def test_one_reads_on_to_both_ends_and_the_page_is_that_of_the_chat(alice, long_chat):
    page = open_link(alice.tab(), link_to(alice, long_chat, "Number 60"))
    read_to_the_end(page)
    sees(page, "Number 119")
    scroll_up(page)
    assert messages(page).count() == 120
    compare_with_fresh(page, long_chat)


def test_what_is_said_meanwhile_waits_at_the_end_and_is_counted(alice, bob, long_chat):
    page = open_link(alice.tab(), link_to(alice, long_chat, "Number 20"))
    bob.send(long_chat, "News")
    expect(page.get_by_role("button", name="Jump to latest (1)")).to_be_visible(timeout=PATIENCE)
    sees(page, "News", times=0)
    page.get_by_role("button", name="Jump to latest").click()
    sees(page, "News")
    page.wait_for_url(re.compile(rf"/chats/{long_chat}$"))


def test_changes_of_what_is_shown_are_live(alice, bob, long_chat):
    page = open_link(alice.tab(), link_to(alice, long_chat, "Number 20"))
    number = link_to(bob, long_chat, "Number 21")
    assert bob.turbo("PATCH", number, {"content": "Changed"}).status_code == 200
    sees(page, "Changed")
    assert bob.turbo("DELETE", number).status_code == 200
    sees(page, "Changed", times=0)


def test_what_is_said_while_the_last_page_is_on_its_way_is_there_once(alice, bob, long_chat):
    page = alice.tab()
    held = []
    page.route(re.compile(r"messages\?after="), lambda route: held.append((route, route.fetch())), times=1)
    open_link(page, link_to(alice, long_chat, "Number 90"))
    scroll_until(page, "end", lambda: held)
    expect(page.locator(".messages__newer[busy]")).to_have_count(1, timeout=PATIENCE)
    bob.send(long_chat, "In between")
    expect(page.get_by_role("button", name="Jump to latest (1)")).to_be_visible(timeout=PATIENCE)
    for route, answer in held:
        route.fulfill(response=answer)
    sees(page, "Number 119")
    sees(page, "In between")
    compare_with_fresh(page, long_chat)


def test_writing_leads_to_the_end_where_the_message_is(alice, long_chat):
    page = open_link(alice.tab(), link_to(alice, long_chat, "Number 20"))
    composer(page).fill("From here")
    say(page, "From here")
    sees(page, "From here")
    page.wait_for_url(re.compile(rf"/chats/{long_chat}$"))


def test_what_was_not_seen_is_not_read(alice, bob, long_chat):
    page = open_link(alice.tab(), link_to(alice, long_chat, "Number 20"))
    load_more(page, "end")
    fresh = alice.tab()
    fresh.goto("/")
    expect(fresh.locator(f"#unread_chat_{long_chat}")).to_have_text("50+ unread", timeout=PATIENCE)


def test_copy_link_puts_the_address_on_the_clipboard(alice, long_chat, site):
    alice.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = open_link(alice.tab(), f"/chats/{long_chat}")
    hide(page)  # where a notice does not go by itself
    choose(page, "Number 119", "Copy link")
    expect(page.get_by_role("status").filter(has_text="Link copied.")).to_be_visible(timeout=PATIENCE)
    address = link_to(alice, long_chat, "Number 119")
    assert page.evaluate("() => navigator.clipboard.readText()") == f"{site.url}{address}"
