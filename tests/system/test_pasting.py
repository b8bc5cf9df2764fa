"""Long texts that are pasted: they stay in the text, or go as a file."""

import pytest
from playwright.sync_api import Locator, Page, expect

from .axe import mistakes
from .pages import composer, message, messages, say, sees
from .test_attachments import PIECES, files, send, tray, uploaded

LOG = "\n".join(f"line {number}" for number in range(60))
LARGE = "word " * 3_000


@pytest.fixture
def page(alice, chat) -> Page:
    page = alice.tab(chat)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    return page


def paste(page: Page, text: str) -> None:
    page.evaluate("(text) => navigator.clipboard.writeText(text)", text)
    composer(page).press("ControlOrMeta+v")


def offer(page: Page) -> Locator:
    return page.get_by_role("button", name="Send as a file instead")


def text_of_file(page: Page) -> str:
    address = files(page).first.get_by_role("link").get_attribute("href")
    return page.evaluate("async (address) => (await fetch(address)).text()", address)


def test_a_long_text_stays_and_a_button_sends_exactly_it_as_a_file(page):
    composer(page).press_sequentially("Look: ")
    paste(page, "one line")
    expect(offer(page)).to_be_hidden()
    paste(page, LOG)
    composer(page).press_sequentially(" Bad?")
    expect(composer(page)).to_have_value(f"Look: one line{LOG} Bad?")
    assert mistakes(page, ".composer") == []
    offer(page).click()
    expect(composer(page)).to_have_value("Look: one line Bad?")
    expect(composer(page)).to_be_focused()
    expect(offer(page)).to_be_hidden()
    expect(tray(page)).to_contain_text(["pasted.txt"])
    uploaded(page)
    send(page)
    sees(page, "Look: one line Bad?")
    expect(files(page)).to_contain_text(["pasted.txt"])
    assert text_of_file(page) == LOG


def test_undo_brings_the_text_back_and_so_does_the_file(page):
    paste(page, LOG)
    offer(page).click()
    expect(composer(page)).to_have_value("")
    composer(page).press("ControlOrMeta+z")
    expect(composer(page)).to_have_value(LOG)
    composer(page).fill("")
    uploaded(page)
    page.reload()
    tray(page).get_by_role("button", name="Back to text").click()
    expect(composer(page)).to_have_value(LOG)
    expect(tray(page)).to_have_count(0)
    expect(offer(page)).to_be_visible()


def test_what_would_be_too_long_is_a_file_at_once_and_is_not_lost_where_it_cannot_be_sent(page):
    page.route(PIECES, lambda route: route.abort())
    composer(page).press_sequentially("Read this")
    paste(page, LARGE)
    expect(composer(page)).to_have_value("Read this")
    expect(page.get_by_text("Too long for a message, so it is a file.")).to_be_visible()
    expect(tray(page)).to_contain_text(["pasted.txt"])
    tray(page).get_by_role("button", name="Back to text").click()
    expect(composer(page)).to_have_value(f"Read this{LARGE}")
    expect(page.get_by_text("too long", exact=False).first).to_be_visible()


def test_an_old_message_that_is_changed_takes_the_text_as_it_is(page):
    say(page, "Mine")
    sees(page, "Mine")
    composer(page).press("ArrowUp")
    expect(page.get_by_text("Editing your message")).to_be_visible()
    composer(page).fill("")
    paste(page, LOG)
    expect(offer(page)).to_be_hidden()
    composer(page).press("Enter")
    expect(messages(page).last).to_contain_text("line 59")
    expect(message(page, "Mine")).to_have_count(0)


def test_where_a_message_can_take_no_file_the_text_stays_and_the_reason_is_said(page):
    page.locator(".composer").evaluate("(form) => form.setAttribute('data-attachments-files-value', 0)")
    paste(page, LARGE)
    expect(page.get_by_text("A message can have 0 files.")).to_be_visible()
    expect(composer(page)).to_have_value(LARGE)
    expect(tray(page)).to_have_count(0)
