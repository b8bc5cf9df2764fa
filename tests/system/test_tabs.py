"""Many tabs of one browser, and what they learn of each other."""

import re
import statistics
import time

from playwright.sync_api import Page, expect

from tests.browserless import PASSWORD

from .pages import PATIENCE, say, sees, stream, until_live, until_streaming

TWELVE = 12


def test_twelve_tabs_over_http_1_1_all_show_what_is_said(alice, bob, chat):
    alone = statistics.median(load_times(alice.tab(), 5))
    tabs = [alice.tab(chat) for _ in range(TWELVE)]
    assert tabs[0].evaluate("performance.getEntriesByType('navigation')[0].nextHopProtocol") == "http/1.1"
    bob.send(chat, "Do all of you hear me?")
    for tab in tabs:
        sees(tab, "Do all of you hear me?")
    beside = statistics.median(load_times(alice.tab(), 5))
    assert beside < 2 * alone + 5, f"{beside:.2f} s beside twelve tabs, {alone:.2f} s alone"
    say(tabs[-1], "We do")
    for tab in tabs:
        sees(tab, "We do")


def load_times(page: Page, times: int) -> list[float]:
    """Seconds for a page of the app, each time from the server."""
    taken = []
    for _ in range(times):
        began = time.monotonic()
        page.goto("/chats/new")
        taken.append(time.monotonic() - began)
    page.close()
    return taken


def test_a_tab_that_had_to_wait_streams_when_another_closes(alice, chat):
    tabs = []
    for mode in ["streaming"] * 4 + ["short-poll"]:
        tabs.append(alice.tab(chat))
        expect(stream(tabs[-1])).to_have_attribute("data-mode", mode)
    tabs[0].close()
    expect(tabs[-1].locator("[data-mode=streaming]")).to_be_visible(timeout=PATIENCE)


def test_logging_out_in_one_tab_sends_the_others_to_the_log_in_page_and_back(person, alice, chat):
    carol = person("Carol")
    alice.add(carol, chat)
    first, second = carol.tab(chat), carol.tab(chat)
    first.get_by_role("button", name="Log out").click()
    for tab in (first, second):
        expect(tab).to_have_url(re.compile("/login"), timeout=PATIENCE)
    log_in(second, carol.email)
    expect(second).to_have_url(re.compile(rf"/chats/{chat}$"), timeout=PATIENCE)
    until_live(second)


def log_in(page: Page, email: str) -> None:
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()


def test_who_is_removed_is_told_and_asks_no_more(person, alice, chat):
    carol = person("Carol")
    alice.add(carol, chat)
    page = until_streaming(carol.tab(chat))
    of_chat, asked = re.compile(rf"[?&]chat%3A{chat}=|/chats/{chat}/stream"), []
    page.on("request", lambda request: asked.append(request.url) if of_chat.search(request.url) else None)
    alice.remove(carol, chat)
    alice.send(chat, "Now that she is gone")
    expect(page.get_by_text("you are no longer a member")).to_be_visible(timeout=PATIENCE)
    known = len(asked)
    page.evaluate("dispatchEvent(new Event('online'))")  # asks for the list again, which stays live
    page.wait_for_timeout(3_000)  # that nothing happens can't be waited for in another way
    assert len(asked) == known <= 2
    sees(page, "Now that she is gone", times=0)


def test_tabs_of_several_chats_hear_only_their_own(alice, chat):
    chats = [chat, alice.start_chat(title="Second"), alice.start_chat(title="Third")]
    tabs = {chat: alice.tab(chat) for chat in chats}
    for each in chats:
        alice.send(each, f"For {each}")
    for each, tab in tabs.items():
        sees(tab, f"For {each}")
        expect(tab.locator(".messages > article")).to_have_count(1)
