"""Back shows no private page after a log-out, in a browser that keeps whole pages to go back to, as most do."""

import re

import pytest
from playwright.sync_api import Page, expect

from .browsers import launch
from .test_without_javascript import open_a_chat, send, sign_up


@pytest.fixture
def page(site, playwright):
    with (
        launch(playwright, keeps_pages=True) as browser,
        browser.new_context(base_url=site.url, java_script_enabled=False) as context,
    ):
        yield context.new_page()


def test_without_scripts_back_shows_no_private_page_after_a_log_out(page: Page):
    sign_up(page, "Shared")
    open_a_chat(page)
    send(page, "Only for members")
    page.get_by_role("button", name="Log out").click()
    expect(page).to_have_url(re.compile("/login$"))
    page.go_back(wait_until="commit")
    expect(page).to_have_url(re.compile("/login"))
    expect(page.get_by_text("Only for members")).to_have_count(0)
