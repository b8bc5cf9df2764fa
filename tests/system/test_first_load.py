"""What somebody's first page costs. Who adds to it sees it here."""

import re

import pytest
from playwright.sync_api import Page, expect

from .browsers import launch
from .loading import load_cold
from .pages import PATIENCE, expect_poll, until_live
from .people import Person

PLAIN = "plainwire.test"  # a browser trusts localhost as it trusts https: it asks for Brotli and has service workers
MESSAGES = 50
#: The most that a browser loads, without the service worker. Bytes are compressed ones, heads of answers included.
REQUESTS = 7
BYTES, PLAIN_BYTES = 99_500, 114_200  # by Brotli and by gzip
STEADY = [".messages > article", ".chat__header", ".composer__box", ".composer__send"]


@pytest.fixture(scope="module")
def crowded(site):
    """Somebody with a chat of 50 messages."""
    dora, eve = (Person(site.url, name).sign_up() for name in ("Dora", "Eve"))
    chat = dora.start_chat(title="Plans")
    dora.add(eve, chat)
    for number in range(MESSAGES):
        writer = (dora, eve)[number // 3 % 2]
        answer = writer.send(chat, f"Shall **we** meet at {number}:30?")
        assert answer.status_code == 201
    # Where something is unread, the script opens the chat there.
    newest = re.search(r"message_(\d+)", answer.text)[1]
    assert dora.turbo("POST", f"/chats/{chat}/reads", {"message_id": newest}).status_code == 204
    yield dora, chat
    dora.http.close()
    eve.http.close()


@pytest.fixture
def arrive(crowded):
    dora, chat = crowded
    contexts = []

    def arrive(browser, url: str | None = None, **options):
        contexts.append(dora.new_context(browser, url, **options))
        return load_cold(contexts[-1], f"/chats/{chat}")

    yield arrive
    for context in contexts:
        context.close()
    dora.check()


def test_the_first_page_of_a_browser_on_https_is_small(arrive, browser):
    load = arrive(browser)
    assert len(set(load.paths)) <= REQUESTS, load.paths
    assert load.total <= BYTES, load.bytes


def test_the_first_page_of_a_browser_on_plain_http_is_small(arrive, site, playwright):
    with launch(playwright, args=[f"--host-resolver-rules=MAP {PLAIN} 127.0.0.1"]) as browser:
        load = arrive(browser, site.url.replace("127.0.0.1", PLAIN))
        assert len(set(load.paths)) <= REQUESTS, load.paths
        assert load.total <= PLAIN_BYTES, load.bytes


@pytest.mark.parametrize("width", [1280, 390])
def test_the_newest_messages_are_shown_before_the_script_comes_and_nothing_moves_then(crowded, browser, width):
    dora, chat = crowded
    context, held = dora.new_context(browser, viewport={"width": width, "height": 800}), []
    page = context.new_page()
    page.route("**/static/application-*.js", lambda route: held.append(route))
    page.goto(f"/chats/{chat}", wait_until="commit")
    expect_poll(page, lambda: held and page.evaluate("document.readyState") == "interactive")
    newest = page.locator(".messages > article").last
    expect(newest).to_be_in_viewport(timeout=PATIENCE)
    places = [place(page, what) for what in STEADY]
    held[0].continue_()
    until_live(page)
    expect(page.locator("#missing")).to_have_count(0)  # which says on a slow machine that the script is missing
    assert [place(page, what) for what in STEADY] == places
    context.close()


def place(page: Page, what: str) -> tuple[int, ...]:
    box = page.locator(what).last.bounding_box()
    return tuple(round(box[side]) for side in ("x", "y", "width", "height"))
