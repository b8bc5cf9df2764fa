"""Somebody logs out and somebody else logs in, at the same browser."""

import re

import pytest
from playwright.sync_api import Page, expect

from .pages import PATIENCE, expect_poll, pending, say, sees, texts, until_live
from .test_tabs import log_in

POSTS = re.compile(r"/chats/\d+/messages$")


@pytest.fixture
def carol(person):
    return person("Carol")


@pytest.fixture
def dan(person):
    return person("Dan")


@pytest.fixture
def chat(carol, dan) -> int:
    chat = carol.start_chat(title="Shared computer")
    carol.add(dan, chat)
    return chat


def hand_over(page: Page, email: str, chat: int) -> None:
    """Log out, and log in as somebody else, without ever reloading the page by hand."""
    page.get_by_role("button", name="Log out").click()
    expect(page).to_have_url(re.compile("/login"), timeout=PATIENCE)
    log_in(page, email)
    page.locator(f".chats__link[href='/chats/{chat}']").click(timeout=PATIENCE)
    until_live(page)


def test_what_the_past_reader_writes_in_another_tab_never_goes_out_as_the_next_one_s(carol, dan, chat):
    page, asleep = carol.tab(chat), carol.tab(chat)
    asleep.route("**/*", lambda route: route.abort())  # it hears nothing of the log-out
    hand_over(page, dan.email, chat)
    posts = []
    page.on("request", lambda request: posts.append(request.post_data) if POSTS.search(request.url) else None)
    page.evaluate("addEventListener('storage', () => (window.heard = true))")
    say(asleep, "By Carol")
    expect(pending(asleep)).to_have_count(1)
    expect_poll(page, lambda: page.evaluate("window.heard"))
    page.evaluate("dispatchEvent(new Event('online'))")
    say(page, "By Dan")
    sees(page, "By Dan")
    assert texts(page) == ["By Dan"]
    assert len(posts) == 1


def test_a_page_of_the_past_reader_that_wakes_up_sends_nothing_as_the_next_one(carol, dan, chat):
    page, asleep = carol.tab(chat), carol.tab(chat)
    asleep.route("**/*", lambda route: route.abort())  # it hears nothing of the log-out
    hand_over(page, dan.email, chat)
    say(asleep, "By Carol")
    expect(pending(asleep)).to_have_count(1)
    asleep.unroute("**/*")
    asleep.evaluate("dispatchEvent(new Event('online'))")
    reader = page.locator("meta[name=current-user-id]").get_attribute("content")
    expect(asleep.locator("meta[name=current-user-id]")).to_have_attribute("content", reader, timeout=PATIENCE)
    until_live(asleep)
    expect(pending(asleep)).to_have_count(0)
    assert texts(page) == texts(asleep) == []
