"""The text box: it has the focus when somebody can write, and sent messages do not move."""

import re
from contextlib import contextmanager

import pytest
from playwright.sync_api import Page, Route, expect

from tests.servers import wait_until

from .pages import PATIENCE, choose, composer, messages, pending, say, sees

POSTS = re.compile(r"/chats/\d+/messages$")
CHANGES = re.compile(r"/messages/\d+$")
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
BUBBLE = ".message__bubble"
CORNERS = "(element) => getComputedStyle(element).borderRadius"
#: Where the next frame has painted it. Before that, a new message still has the height that ``contain-intrinsic-size``
#: guesses.
PAINTED = """async (element) => {
  await new Promise((done) => requestAnimationFrame(() => setTimeout(done)))
  return element.getBoundingClientRect().toJSON()
}"""


@pytest.fixture
def phone(person, alice, chat):
    """Somebody's phone in the chat of Alice and Bob."""
    carol = person("Carol", **PHONE)
    alice.add(carol, chat)
    return carol.tab(chat)


def test_send_on_a_phone_leaves_the_focus_in_the_text_box_and_so_the_keyboard_open(phone):
    composer(phone).tap()
    composer(phone).fill("From my phone")
    phone.get_by_role("button", name="Send").tap()
    sees(phone, "From my phone")
    expect(composer(phone)).to_be_focused()


def test_send_on_a_phone_does_not_open_a_keyboard_that_was_closed(phone):
    composer(phone).fill("Written before")
    composer(phone).blur()
    phone.get_by_role("button", name="Send").tap()
    sees(phone, "Written before")
    expect(composer(phone)).not_to_be_focused()


def test_a_chat_that_is_opened_on_a_phone_shows_no_keyboard(phone):
    expect(composer(phone)).not_to_be_focused()


def test_a_chat_that_is_opened_made_or_changed_is_ready_to_write_in(alice, chat):
    page = alice.tab()
    page.goto("/")
    page.get_by_role("link", name="Plans").first.click()
    expect(composer(page)).to_be_focused(timeout=PATIENCE)
    page.get_by_role("link", name="Chat settings").click()
    page.get_by_label("Title").fill("Other plans")
    page.get_by_role("button", name="Save").click()
    expect(composer(page)).to_be_focused(timeout=PATIENCE)
    page.get_by_role("link", name="New chat").click()
    page.get_by_role("button", name="Start the chat").click()
    expect(composer(page)).to_be_focused(timeout=PATIENCE)


def test_the_text_box_is_near_by_tab(alice, chat):
    for n in range(5):
        alice.send(chat, f"Line {n}")
    page = alice.tab(chat)
    page.locator("body").evaluate("(body) => (body.tabIndex = -1, body.focus(), body.removeAttribute('tabindex'))")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to writing")).to_be_focused()
    page.keyboard.press("Enter")
    expect(composer(page)).to_be_focused()


TEXTS = ["One line", "Two\nlines", "A paragraph\n\nand another one", "word " * 60, "👍🎉"]


@pytest.mark.parametrize("text", TEXTS, ids=["a-line", "two-lines", "paragraphs", "long", "emoji"])
@pytest.mark.parametrize("before", [0, 1], ids=["first", "second"])
def test_a_sent_bubble_does_not_move_when_it_is_confirmed(alice, chat, before, text):
    for n in range(before):
        alice.send(chat, f"Before {n}")
    page = alice.tab(chat)
    with held_back(page):
        say(page, text)
        waiting = pending(page).locator(BUBBLE).evaluate(PAINTED)
    expect(pending(page)).to_have_count(0, timeout=PATIENCE)
    assert messages(page).last.locator(BUBBLE).evaluate(PAINTED) == waiting


@pytest.mark.parametrize("last", ["alice", "bob"], ids=["in a group", "alone"])
def test_what_stands_above_a_sent_bubble_does_not_move_either(alice, bob, chat, last):
    for n in range(29):
        alice.send(chat, f"Line {n}")
    {"alice": alice, "bob": bob}[last].send(chat, "The last line")
    page = alice.tab(chat)
    above = messages(page).nth(29).locator(BUBBLE)
    with held_back(page):
        say(page, "One more")
        expect(pending(page)).to_have_count(1)
        waiting = above.evaluate(PAINTED), above.evaluate(CORNERS)
    expect(pending(page)).to_have_count(0, timeout=PATIENCE)
    assert (above.evaluate(PAINTED), above.evaluate(CORNERS)) == waiting


def test_sending_is_said_only_once_it_takes_long(person):
    carol = person("Carol")  # a clock is for all tabs of a browser
    page = carol.tab(carol.start_chat(title="Slow"))
    page.clock.install()
    page.clock.pause_at("2100-01-01")
    with held_back(page):
        say(page, "Slow")
        expect(pending(page)).to_have_count(1)
        page.clock.run_for(400)
        expect(page.get_by_text("Sending…")).to_be_hidden()
        page.clock.run_for(200)
        expect(page.get_by_text("Sending…")).to_be_visible()
        height = page.locator(".conversation__scroller").evaluate("(scroller) => scroller.scrollHeight")
    page.clock.resume()
    expect(pending(page)).to_have_count(0, timeout=PATIENCE)
    expect(page.get_by_text("Sending…")).to_be_hidden()
    assert page.locator(".conversation__scroller").evaluate("(scroller) => scroller.scrollHeight") == height


def test_offline_it_says_that_the_message_waits_for_the_network(alice, chat):
    page = alice.tab(chat)
    alice.context.set_offline(True)
    say(page, "From the tunnel")
    expect(page.get_by_text("Waiting for the network")).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_text("Sending…")).to_be_hidden()
    alice.context.set_offline(False)
    sees(page, "From the tunnel")
    expect(page.get_by_text("Waiting for the network")).to_be_hidden()


@pytest.mark.parametrize("outcome", ["saved", "lost"])
def test_an_edit_that_is_begun_while_another_is_saved_loses_nothing(alice, chat, outcome):
    page = alice.tab(chat)
    for words in ("one", "two"):
        say(page, words)
        sees(page, words)
    choose(page, "one", "Edit")
    expect(composer(page)).to_have_value("one", timeout=PATIENCE)
    with held_back(page, CHANGES, lose=outcome == "lost"):
        say(page, "one changed")
        wait_until(lambda: composer(page).evaluate("(input) => input.readOnly"))
        choose(page, "two", "Edit")
    if outcome == "lost":
        expect(page.get_by_text("Not saved: the server is out of reach.")).to_be_visible(timeout=PATIENCE)
        expect(composer(page)).to_have_value("one changed")
    else:
        sees(page, "one changed")
        expect(composer(page)).to_have_value("two", timeout=PATIENCE)
        say(page, "two changed")
        sees(page, "two changed")


@contextmanager
def held_back(page: Page, address: re.Pattern = POSTS, lose: bool = False):
    """Holds back what the page sends to such an address, until the end of the block. Then it arrives, or is lost."""
    held: list[Route] = []
    page.route(address, lambda route: held.append(route))
    yield
    wait_until(lambda: page.evaluate("true") and held, what="the request")
    for route in held:
        route.abort() if lose else route.continue_()
    page.unroute(address)
