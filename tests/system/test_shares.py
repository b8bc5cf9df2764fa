"""An answer that is shared by a link, from the menu to a stranger's browser, and taken back."""

import re

from playwright.sync_api import expect

from .pages import PATIENCE, open_chat, open_more, say


def test_an_answer_is_shared_from_its_actions_read_by_a_stranger_and_taken_back(provider, alice, bob, browser, site):
    provider.will("It is **four**.")
    chat = alice.start_chat(title="Secret plans", assistant="always")
    alice.add(bob, chat)
    page, other = alice.tab(chat), bob.tab(chat)
    say(page, "How much is it?")
    reply = other.locator("article[data-author-kind=assistant][data-state=complete]")
    expect(reply).to_contain_text("four", timeout=PATIENCE)
    reply.hover()
    open_more(reply)
    share = reply.locator(".actions__list").get_by_role("link", name="Share")
    expect(share).to_be_hidden()
    page.goto(f"/chats/{chat}/edit")
    page.get_by_role("radio", name=re.compile("Everyone who writes here")).check()
    page.get_by_role("button", name="Save").click()
    expect(share).to_be_visible()  # live, for the other one
    share.click()
    other.get_by_role("button", name="Make a link").click()
    link = other.get_by_label("Link").input_value()
    with browser.new_context() as stranger:
        found = stranger.new_page()
        found.goto(link)
        expect(found.get_by_role("region", name="Answer")).to_contain_text("It is four.")
        expect(found.get_by_role("region", name="Question")).to_contain_text("How much is it?")
        expect(found.locator("body")).not_to_contain_text("Secret plans")
        open_chat(page, chat)
        page.goto(f"/chats/{chat}/shares")
        page.get_by_role("link", name="How much is it?").click()
        page.get_by_role("button", name="Take it back").click()
        page.get_by_role("dialog").get_by_role("button").filter(has_text="Take").click()
        expect(page.get_by_text("The link no longer works.")).to_be_visible()
        assert found.goto(link).status == 404
