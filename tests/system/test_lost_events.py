"""Events that something leaves out of a stream that goes on, or moves in it: the page sees that one is missing."""

import re
import time

import pytest
from playwright.sync_api import Page, expect

from tests.delivery.proxy import Proxy

from .core import mode
from .pages import PATIENCE, STREAMS, compare_with_fresh, cursor, sees, stream, until_shows, until_streaming


@pytest.fixture
def proxy(site):
    with Proxy(site.url) as proxy:
        proxy.faults.streams_only = True
        yield proxy


@pytest.fixture
def page(person, proxy, alice, chat) -> Page:
    """The chat in the tab of Carol, whose way there can be broken. The tab keeps what it said about its connection."""
    carol = person("Carol", proxy.url)
    alice.add(carol, chat)
    page = until_streaming(carol.tab(chat))
    until_shows(page, alice.revision(chat))
    stream(page).evaluate(
        """(element) => {
          window.sameDocument = true
          window.modes = []
          const note = () => modes.push(element.dataset.mode)
          new MutationObserver(note).observe(element, { attributeFilter: ["data-mode"] })
        }"""
    )
    return page


def missing(page: Page):
    """Wait for the page to close its stream, since it noticed something, and to ask for another."""
    return page.expect_request(STREAMS, timeout=PATIENCE)


def assert_nobody_noticed(page: Page) -> None:
    assert page.evaluate("window.sameDocument"), "the document was loaded again"
    assert "offline" not in page.evaluate("modes")
    assert mode(page) == "streaming"
    expect(page.locator(".connection")).to_be_hidden()


@pytest.mark.parametrize("fault", ["drop", "reorder"])
def test_what_was_lost_or_overtaken_is_fetched(fault, proxy, page, alice, chat):
    with missing(page):
        setattr(proxy.faults, fault, True)
        for n in range(3):
            alice.send(chat, f"Message {n}")
    setattr(proxy.faults, fault, False)
    compare_with_fresh(page, chat)
    for n in range(3):
        sees(page, f"Message {n}")
    assert_nobody_noticed(page)


def test_the_last_event_is_missed_by_the_next_heartbeat(proxy, page, alice, chat):
    shown, proxy.faults.drop = cursor(page), True
    with missing(page) as request:
        alice.send(chat, "Left out")  # and nothing follows but a heartbeat
    proxy.faults.drop = False
    assert re.search(rf"chat%3A{chat}={shown}(&|$)", request.value.url)
    compare_with_fresh(page, chat)
    assert_nobody_noticed(page)


def test_a_stream_that_loses_nothing_is_kept(proxy, page, alice, chat):
    requests = []
    page.on("request", lambda request: requests.append(request.url) if STREAMS.search(request.url) else None)
    for n in range(3):
        assert alice.turbo("POST", f"/chats/{chat}/typing", {}).status_code == 204
        alice.send(chat, f"Message {n}")
    page.wait_for_timeout(2_500)  # two heartbeats
    compare_with_fresh(page, chat)
    assert requests == []


@pytest.mark.parametrize("fault", ["drop", "reorder"])
def test_answers_that_end_are_as_right_as_streams(fault, proxy, page, alice, chat):
    proxy.faults.hold_until_end = True
    setattr(proxy.faults, fault, True)
    proxy.cut_all()
    expect(stream(page)).to_have_attribute("data-mode", re.compile("-poll$"), timeout=PATIENCE)
    for n in range(3):
        alice.send(chat, f"Message {n}")
    compare_with_fresh(page, chat)


def test_a_network_that_always_loses_something_does_not_have_the_server_asked_in_a_loop(proxy, page, alice, chat):
    requests = []
    page.on("request", lambda request: requests.append(request.url) if STREAMS.search(request.url) else None)
    proxy.faults.drop = True
    began = time.monotonic()
    for n in range(40):
        alice.send(chat, f"Message {n}")
        page.wait_for_timeout(100)
        if time.monotonic() - began > 10:  # seconds; a fifth request is right after 15.5
            break
    assert 1 <= len(requests) <= 4
    proxy.faults.drop = False
    compare_with_fresh(page, chat)
