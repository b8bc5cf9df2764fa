"""Loading pages while the server is out of reach."""

import pytest
from playwright.sync_api import expect

from .middlebox import Middlebox, Refused
from .pages import PATIENCE, expect_poll, open_chat, pending, say, sees, until_live

CONTROLLED = "navigator.serviceWorker.controller !== null"
KEPT = "caches.keys().then(async (names) => (await Promise.all(names.map(async (name) => " \
    "(await (await caches.open(name)).keys()).map(({ url }) => new URL(url).pathname)))).flat())"  # fmt: skip


class Line:
    cut = hotel = hotel_was_asked = False
    error, headers = "502 Bad Gateway", ()
    errors = None  # how often the box has said that the server is away; None where it does not

    def __call__(self, request: bytes) -> bytes:
        if self.cut:
            raise ConnectionAbortedError
        if self.errors is not None:
            self.errors += 1
            raise Refused(self.error, "<h1>Says the proxy</h1>", *self.headers)
        if self.hotel and request.startswith(b"GET /offline "):
            self.hotel_was_asked = True
            raise Refused("200 OK", "<h1>Welcome to our hotel</h1>")
        return request


@pytest.fixture
def line():
    return Line()


@pytest.fixture
def carol(site, person, line):
    with Middlebox(site.url, guard=line) as box:
        yield person("Carol", url=box.url, service_workers="allow")


@pytest.fixture
def page(carol):
    chat = carol.start_chat()
    page = open_chat(carol.tab(), chat)
    expect_poll(page, lambda: page.evaluate(CONTROLLED))
    return page


def test_a_page_that_cannot_come_says_what_waits_and_comes_by_itself(page, line):
    wanted = page.url
    line.cut = True
    say(page, "Written in the tunnel")
    expect(pending(page)).to_have_count(1)
    page.reload()
    expect(page.get_by_role("heading", name="out of reach")).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_role("listitem")).to_have_text("Written in the tunnel")
    line.cut = False
    until_live(page)
    assert page.url == wanted
    sees(page, "Written in the tunnel")
    expect(pending(page)).to_have_count(0, timeout=PATIENCE)


def test_a_proxy_that_finds_no_server_does_not_end_the_waiting(page, line):
    line.cut = True
    page.reload()
    expect(page.get_by_role("heading", name="out of reach")).to_be_visible(timeout=PATIENCE)
    line.errors, line.cut = 0, False
    expect_poll(page, lambda: line.errors > 1)
    expect(page.get_by_role("heading", name="out of reach")).to_be_visible()
    line.errors = None
    until_live(page)


@pytest.mark.parametrize("error", ["502 Bad Gateway", "503 Service Unavailable", "504 Gateway Timeout"])
def test_a_proxy_s_own_page_for_a_server_that_is_away_is_not_shown(page, line, error):
    wanted = page.url
    line.error, line.errors = error, 0
    page.goto(wanted)
    expect(page.get_by_role("heading", name="out of reach")).to_be_visible(timeout=PATIENCE)
    line.errors = None
    until_live(page)
    assert page.url == wanted


def test_the_server_s_own_page_for_an_error_is_shown(page, line):
    line.error, line.headers, line.errors = "503 Service Unavailable", ("X-Plainwire: 1",), 0
    page.goto(page.url)
    expect(page.get_by_role("heading", name="Says the proxy")).to_be_visible(timeout=PATIENCE)


def test_a_page_that_a_hotel_gives_in_its_place_is_not_kept(carol, line):
    line.hotel = True
    page = open_chat(carol.tab(), carol.start_chat())
    expect_poll(page, lambda: line.hotel_was_asked)
    # The browser drops a worker that could not be installed.
    expect_poll(page, lambda: page.evaluate("navigator.serviceWorker.getRegistration().then((found) => !found)"))
    assert page.evaluate(KEPT) == []


def test_a_click_that_leads_nowhere_leaves_the_page_with_what_waits_on_it(page, line):
    line.cut = True
    say(page, "Still here")
    page.get_by_role("link", name="New chat").first.click()
    expect(page.get_by_role("alert").filter(has_text="out of reach")).to_be_visible(timeout=PATIENCE)
    expect(pending(page)).to_contain_text("Still here")
    expect(page.locator("html")).not_to_have_attribute("aria-busy", "true")
    expect(page.locator(".turbo-progress-bar")).to_have_count(0)


def test_a_click_on_a_page_that_was_open_before_leaves_the_working_page_too(page, carol, line):
    there = carol.start_chat(title="There")
    page.goto(f"/chats/{there}")
    here = page.locator(".chats__link:not([aria-current])").first
    here.click()
    expect(page.get_by_role("heading", name="There")).to_have_count(0, timeout=PATIENCE)
    until_live(page)
    wanted = page.url
    line.cut = True
    say(page, "Still here")
    page.locator(f".chats__link[href='/chats/{there}']").click()
    expect(page.get_by_role("alert").filter(has_text="out of reach")).to_be_visible(timeout=PATIENCE)
    expect(pending(page)).to_contain_text("Still here")
    assert page.url == wanted
    line.cut = False
    sees(page, "Still here")
    until_live(page)


def test_the_worker_keeps_the_page_for_everybody_and_nothing_of_a_reader(page, carol):
    page.goto("/sessions")
    page.go_back()
    until_live(page)
    kept = page.evaluate(KEPT)
    assert "/offline" in kept
    assert all(path == "/offline" or path.startswith("/static/") for path in kept), kept
