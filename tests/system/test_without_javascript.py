"""Everything that matters works with plain forms and 303, where scripts are switched off."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browserless import PASSWORD

from .pages import message


@pytest.fixture
def page(site, browser):
    with browser.new_context(base_url=site.url, java_script_enabled=False) as context:
        yield context.new_page()


def test_sign_up_write_change_delete_and_log_out(page):
    sign_up(page, "Noscript")
    open_a_chat(page)
    for text in ("First", "Secnd", "Third"):
        send(page, text)
    change(page, "Secnd", "Second")
    delete(page, "Third")
    expect(page.locator(".messages .message__body")).to_have_text(["First", "Second"])
    page.get_by_role("button", name="Log out").click()
    expect(page).to_have_url(re.compile("/login$"))
    page.go_back()
    expect(page).to_have_url(re.compile("/login"))
    expect(page.get_by_text("Second")).to_have_count(0)


def sign_up(page: Page, name: str) -> None:
    page.goto("/")
    page.get_by_role("link", name="Create an account").click()
    page.get_by_label("Name").fill(name)
    page.get_by_label("E-mail").fill(f"{name.lower()}@example.com")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign up").click()
    expect(page.get_by_role("heading", name=f"Hello, {name}")).to_be_visible()


def open_a_chat(page: Page) -> None:
    page.get_by_role("link", name="New chat").first.click()
    page.get_by_label("Title").fill("By hand")
    page.get_by_role("radio", name="Never People only.").check()
    page.get_by_role("button", name="Start the chat").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("By hand")


def send(page: Page, text: str) -> None:
    page.get_by_role("textbox", name="Message").fill(text)
    with page.expect_response(lambda response: response.request.method == "POST") as answer:
        page.get_by_role("button", name="Send").click()
    assert answer.value.status == 303
    expect(message(page, text)).to_be_visible()
    expect(page.get_by_role("textbox", name="Message")).to_have_value("")


def change(page: Page, text: str, new: str) -> None:
    message(page, text).hover()
    message(page, text).get_by_role("link", name="Actions").click()
    page.get_by_role("link", name="Edit").click()
    page.get_by_label("Message").fill(new)
    page.get_by_role("button", name="Save").click()
    expect(message(page, new)).to_contain_text("edited")


def delete(page: Page, text: str) -> None:
    message(page, text).hover()
    message(page, text).get_by_role("link", name="Actions").click()
    page.get_by_role("button", name="Delete").click()
    expect(message(page, text)).to_have_count(0)


def test_a_message_that_is_refused_keeps_its_text_and_says_why(page):
    sign_up(page, "Longwinded")
    open_a_chat(page)
    page.get_by_role("textbox", name="Message").fill("x" * 10_001)
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("alert").filter(has_text=re.compile("10,?000"))).to_be_visible()
    expect(page.get_by_role("textbox", name="Message")).to_have_value("x" * 10_001)


def test_older_messages_are_a_link_away(page, alice, chat):
    for n in range(60):
        alice.send(chat, f"Line {n}")
    page.goto("/login")
    page.get_by_label("E-mail").fill(alice.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    expect(page).not_to_have_url(re.compile("/login"))
    page.goto(f"/chats/{chat}")
    expect(message(page, "Line 9")).to_have_count(0)
    page.get_by_role("link", name="Show older messages").click()
    expect(page.get_by_text("Line 9", exact=True)).to_be_visible()
    page.get_by_role("link", name="Back to the newest messages").first.click()
    expect(message(page, "Line 59")).to_be_visible()


def test_people_are_added_and_removed(page, alice, bob, chat):
    sign_up(page, "Host")
    open_a_chat(page)
    page.get_by_role("link", name="1 member").click()
    page.get_by_label("Name or e-mail").fill(alice.email)
    page.get_by_role("button", name="Find").click()
    page.get_by_role("button", name="Add Alice").click()
    expect(page.locator(".member")).to_have_count(2)
    page.get_by_role("button", name="Remove Alice").click()
    expect(page.locator(".member")).to_have_count(1)
