"""The page /connection, straight and behind proxies with bad habits."""

import re
from contextlib import ExitStack

import pytest
from playwright.sync_api import Page, expect

from .middlebox import (
    Hotel,
    Middlebox,
    Refused,
    cut_at_age,
    cut_in_silence,
    everything,
    get_and_post_only,
    known_headers_only,
    one_back,
    pieces,
    refuse,
    retype,
    until_the_end,
)
from .pages import PATIENCE, expect_said, open_chat


@pytest.fixture
def behind(site, person):
    """``behind(habit)`` is Alice at a browser, with that proxy on her way to the server."""
    with ExitStack() as stack:
        yield lambda *habits: person("Alice", url=stack.enter_context(Middlebox(site.url, *habits)).url)


def title(page: Page):
    return page.get_by_role("status").get_by_role("heading")


def figure(page: Page, name: str):
    return page.locator(f".figures [data-name='{name}']")


def says(page: Page, words: str | re.Pattern, timeout: float = PATIENCE) -> None:
    expect(title(page)).to_have_text(words, timeout=timeout)


def test_the_page_tells_by_itself_what_each_network_does(behind):
    networks = {
        pieces: "Streaming",
        one_back: "Delayed (each event is held back until the next one)",
        until_the_end: "Buffered until the end",
        retype(b"text/plain"): "Streaming, under another name",
        cut_at_age(3): re.compile(r"Cut after (2\.9|3|3\.\d|4|4\.\d) seconds in all"),
        refuse: "Blocked or error",
    }
    pages = {habit: behind(habit).tab() for habit in networks}
    for page in pages.values():  # they test at the same time
        page.goto("/connection")
    for habit, words in networks.items():
        says(pages[habit], words)
    expect(figure(pages[pieces], "events")).to_have_text("4 of 4")
    expect(figure(pages[until_the_end], "spread")).to_have_text(re.compile(r"^\d+ ms \(sent over 3\.\d s\)"))
    expect(figure(pages[one_back], "latest")).to_have_text(re.compile(r"^(1\.\d s|[6-9]\d\d ms)$"))
    expect(pages[one_back].get_by_role("status")).to_contain_text("at most two seconds late")
    expect(pages[refuse].get_by_role("status")).to_contain_text("Something answered 502 instead of a stream.")


def test_the_page_names_what_the_network_refuses_to_send_on(behind):
    words = {
        everything: "passes in every way",
        get_and_post_only: "the network refuses PATCH (answered with 405) and DELETE (answered with 405)",
        known_headers_only: "the network removes headers that it does not know",
        nothing_sent: "Nothing can be sent: answered with 403.",
    }
    pages = {guard: behind(pieces, guard).tab() for guard in words}
    for page in pages.values():
        page.goto("/connection")
    for guard, expected in words.items():
        expect(figure(pages[guard], "sending")).to_contain_text(expected, timeout=PATIENCE)


def nothing_sent(request: bytes) -> bytes:
    if request.startswith(b"POST "):
        raise Refused("403 Forbidden", "<h1>Read only</h1>")
    return request


def test_a_minute_finds_out_how_much_silence_the_network_stands(behind):
    patient, impatient = behind(pieces).tab(), behind(cut_in_silence(2)).tab()
    for page in (patient, impatient):
        page.goto("/connection")
        page.get_by_role("button", name="Test for a minute").click()
        expect(page.get_by_role("progressbar")).to_be_visible()
    expect(figure(impatient, "silence")).to_have_text("3 s: not passed", timeout=PATIENCE)
    says(impatient, re.compile(r"Cut after (1\.9|2|2\.[0-5]) seconds of silence"))
    expect(figure(patient, "silence")).to_have_text("3 s: passed", timeout=PATIENCE)
    says(patient, "Streaming")
    expect(patient.get_by_role("progressbar")).to_be_hidden()


def test_a_silence_shorter_than_the_heartbeat_is_said_to_matter(behind):
    page = behind(cut_in_silence(2)).tab()
    page.goto("/connection")
    page.locator("[data-network-probe-heartbeat-value]").evaluate("(e) => (e.dataset.networkProbeHeartbeatValue = 3)")
    page.get_by_role("button", name="Test for a minute").click()
    expect(page.get_by_role("status")).to_contain_text("asks for a heartbeat that is shorter", timeout=PATIENCE)


def test_a_hotel_that_wants_its_log_in_is_named(behind):
    hotel = Hotel("/hotel")
    page = behind(pieces, hotel).tab()
    page.goto("/connection")
    says(page, "Streaming")
    hotel.closed = True
    page.get_by_role("button", name="Test again").click()
    says(page, "Blocked or error")
    expect(page.get_by_role("status")).to_contain_text("leads to another page")
    assert page.url.endswith("/connection")


def test_a_chat_on_a_network_that_holds_streams_leads_to_the_page(behind):
    alice = behind(until_the_end)
    page = open_chat(alice.tab(), alice.start_chat())
    page.get_by_role("link", name="Delayed network: messages may take up to two seconds.").click(timeout=PATIENCE)
    expect(page.get_by_text("answers that end at each message")).to_be_visible(timeout=PATIENCE)
    says(page, "Buffered until the end")


def test_a_chat_that_streams_says_nothing_of_the_network(alice, chat):
    page = alice.tab(chat)
    page.wait_for_timeout(6_000)
    expect(page.get_by_text("Delayed network")).to_have_count(0)
    expect(page.locator(".connection")).to_be_hidden()


def test_a_line_is_copied_with_a_button(site, alice):
    alice.context.grant_permissions(["clipboard-read"], origin=site.url)
    page = alice.tab()
    page.goto("/connection")
    page.locator("summary", has_text="HAProxy").click()
    copy = page.locator("details[open]").get_by_role("button", name="Copy")
    expect_said(page, page.locator("details[open]"), "Copied", copy.click)
    assert page.evaluate("navigator.clipboard.readText()") == (
        "option http-no-delay\ntimeout client 60s\ntimeout server 60s"
    )


def test_without_scripts_the_page_says_so_and_shows_how_to_test_by_hand(person):
    page = person("Alice", java_script_enabled=False).tab()
    page.goto("/connection")
    expect(page.get_by_text("this page needs JavaScript")).to_be_visible()
    expect(page.get_by_text("curl -N")).to_be_visible()
    expect(page.get_by_role("button", name="Test again")).to_be_hidden()
