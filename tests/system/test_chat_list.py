"""The list of chats beside every page: live, in order, and the same as after a reload."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from .pages import CANONICAL, PATIENCE, STREAMS, compare_when_level, composer, expect_poll, say, sees, until_live
from .test_promise import hide
from .test_unread import count, mark_unread, send

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
#: A change of the list as the stream brings it, without a stream.
ARRIVE = """([target, change]) => {
  const shown = document.getElementById(target)
  const template = document.createElement("template")
  template.innerHTML = shown.outerHTML
  const element = template.content.firstElementChild
  element.removeAttribute("aria-current")
  for (const [name, value] of Object.entries(change)) element.setAttribute(name, value)
  const stream = document.createElement("turbo-stream")
  stream.setAttribute("action", "replace")
  stream.setAttribute("target", target)
  stream.append(template)
  document.documentElement.append(stream)
}"""
#: What the list shows and its position; `data-seen-id` and the time in words are the page's own.
LIST = f"""() => {{
  {CANONICAL}
  const list = document.querySelector(".chats").cloneNode(true)
  for (const time of list.querySelectorAll("time")) time.replaceChildren()
  for (const mark of list.querySelectorAll("[data-seen-id]")) mark.removeAttribute("data-seen-id")
  return [...list.children].map(canonical).concat(list.dataset.revision)
}}"""

#: Whether the server knows everything that the reader has seen here.
READINGS_ARRIVED = """() => [...document.querySelectorAll("[data-seen-id]")]
  .every(({ dataset }) => Number(dataset.readId) >= Number(dataset.seenId))"""


@pytest.fixture
def carol(person):
    """New here, so that no chat of another test is in her list."""
    return person("Carol")


@pytest.fixture
def three(alice, carol) -> list[int]:
    """Chats of Alice and Carol, the last of which is on top. Carol has read nothing."""
    chats = [alice.start_chat(title=title) for title in ("First", "Second", "Third")]
    for chat in chats:
        alice.add(carol, chat)
        send(alice, chat, "Hello")
    return chats


def arrive(page: Page, target: str, **change: str) -> None:
    page.route(STREAMS, lambda route: route.abort())  # a new stream would bring the list as the server knows it
    page.evaluate(ARRIVE, [target, {f"data-{name.replace('_', '-')}": value for name, value in change.items()}])


def head(page: Page, chat: int) -> Locator:
    return page.locator(f"#head_chat_{chat}")


def expect_order(page: Page, *titles: str) -> None:
    visible = page.locator(".chats__item:not([hidden]) .chats__title")
    expect(visible).to_have_text(list(titles), timeout=PATIENCE)


def home(person) -> Page:
    page = person.context.new_page()
    page.goto("/")
    return page


def compare_list_with_fresh(page: Page) -> None:
    url = page.url

    def load(fresh: Page) -> Page:
        fresh.goto(url)
        expect_poll(fresh, lambda: fresh.evaluate("document.querySelector('time')?.title ?? true"))
        return fresh

    compare_when_level(page, load, list_revision, lambda fresh: (page.evaluate(LIST), fresh.evaluate(LIST)))


def list_revision(page: Page) -> int:
    expect_poll(page, lambda: page.evaluate(READINGS_ARRIVED))
    return int(page.locator(".chats").get_attribute("data-revision"))


# What the page makes of what arrives


def test_a_chat_with_a_newer_message_moves_to_the_top_and_counts_it(carol, three):
    page = home(carol)
    expect_order(page, "Third", "Second", "First")
    arrive(page, f"head_chat_{three[0]}", revision="9999", newest="1:999999 1:999998")
    expect_order(page, "First", "Third", "Second")
    expect(count(page, three[0])).to_have_text("2 unread")
    expect(page).to_have_title("(4) Chats · Plainwire")


def test_the_focus_stays_in_a_line_that_moves(carol, three):
    page = home(carol)
    head(page, three[0]).focus()
    arrive(page, f"head_chat_{three[0]}", revision="9999", newest="1:999999")
    expect_order(page, "First", "Third", "Second")
    expect(head(page, three[0])).to_be_focused()


def test_the_open_chat_stays_marked(carol, three):
    page = carol.tab(three[0])
    arrive(page, f"head_chat_{three[0]}", revision="9999", newest="1:999999")
    expect_order(page, "First", "Third", "Second")
    expect(head(page, three[0])).to_have_attribute("aria-current", "page")
    expect(page.locator(".chats [aria-current]")).to_have_count(1)
    arrive(page, f"chats_user_{carol.id}", revision="9999")
    expect(page.locator(".chats")).to_have_attribute("data-revision", "9999")
    expect(head(page, three[0])).to_have_attribute("aria-current", "page")


def test_an_archived_chat_leaves_the_list_and_the_count(carol, three):
    page = home(carol)
    arrive(page, f"head_chat_{three[1]}", revision="9999", archived="")
    expect_order(page, "Third", "First")
    expect(page).to_have_title(re.compile(r"^\(2\) "))


def test_nothing_moves_down_when_a_count_comes(person, alice, chat):
    dora = person("Dora", **PHONE)
    alice.add(dora, chat)
    send(dora, chat, "Mine")
    page = home(dora)
    before = head(page, chat).bounding_box()
    arrive(page, f"head_chat_{chat}", revision="9999", newest="1:999999")
    expect(count(page, chat)).to_be_visible()
    assert head(page, chat).bounding_box() == before


def test_a_screen_reader_hears_the_count_with_the_link_and_nothing_by_itself(alice, bob, chat):
    send(alice, chat, "Hello")
    page = home(bob)
    expect(head(page, chat)).to_have_accessible_description("1 unread")
    assert page.locator(".chats").evaluate("(list) => list.closest('[aria-live], [role=status], [role=log]')") is None


def test_one_s_own_words_are_those_of_you(alice, bob, chat):
    send(bob, chat, "Hello")
    excerpt = f"#head_chat_{chat} .chats__excerpt"
    assert home(bob).locator(excerpt).inner_text() == "You: Hello"
    assert home(alice).locator(excerpt).inner_text() == "Bob: Hello"


def test_the_icon_has_a_dot_while_something_is_unread(alice, carol):
    page = home(carol)
    icon = page.locator("link[rel=icon]")
    plain = icon.get_attribute("href")
    chat = alice.start_chat(title="Plans")
    alice.add(carol, chat)
    send(alice, chat, "Hello")
    page.reload()
    expect(icon).not_to_have_attribute("href", plain)
    head(page, chat).click()
    expect(icon).to_have_attribute("href", plain)


def test_a_list_without_chats_says_how_to_begin(carol):
    page = home(carol)
    expect(page.get_by_text("No chats yet.")).to_be_visible()


# Drafts


def test_a_chat_with_a_draft_says_so_in_every_other_page(alice, bob, chat):
    other = home(bob)
    page = bob.tab(chat)
    composer(page).fill("I was about to say")
    draft = other.locator(f"#draft_chat_{chat}")
    expect(draft).to_have_text("Draft", timeout=PATIENCE)
    expect(head(other, chat)).to_have_accessible_description("Draft")
    expect(page.locator(f"#draft_chat_{chat}")).to_have_text("")  # it stands in the composer
    say(page, "I was about to say it")
    expect(draft).to_have_text("", timeout=PATIENCE)


# Live


def test_what_is_said_elsewhere_shows_at_once(alice, carol, three):
    page = until_live(carol.tab(three[2]))
    send(alice, three[0], "Over here")
    expect(head(page, three[0])).to_contain_text("Over here", timeout=PATIENCE)
    expect_order(page, "First", "Third", "Second")
    expect(count(page, three[0])).to_have_text("2 unread")
    compare_list_with_fresh(page)


def test_a_deletion_takes_its_count_back(alice, carol, three):
    page = home(carol)
    (id,) = send(alice, three[0], "A mistake")
    expect(count(page, three[0])).to_have_text("2 unread", timeout=PATIENCE)
    alice.turbo("DELETE", f"/messages/{id}")
    expect(count(page, three[0])).to_have_text("1 unread", timeout=PATIENCE)
    expect_order(page, "Third", "Second", "First")
    compare_list_with_fresh(page)


def test_what_one_tab_has_read_is_read_in_the_other(alice, bob, chat):
    send(alice, chat, "Hello")
    other = home(bob)
    expect(count(other, chat)).to_have_text("1 unread")
    page = bob.tab(chat)
    expect(count(other, chat)).to_have_text("", timeout=PATIENCE)
    mark_unread(page, "Hello")
    for tab in (page, other):
        expect(count(tab, chat)).to_have_text("1 unread", timeout=PATIENCE)
    compare_list_with_fresh(other)  # a fresh tab with the chat would read it


def test_a_hidden_tab_counts_in_its_title(alice, carol, three):
    page = carol.tab(three[2])
    expect(page).to_have_title("(2) Third · Plainwire")
    hide(page)
    send(alice, three[2], "One", "Two")
    expect(page).to_have_title("(4) Third · Plainwire", timeout=PATIENCE)


def test_a_chat_comes_into_the_list_and_leaves_it(alice, carol):
    page = home(carol)
    chat = alice.start_chat(title="For Carol")
    alice.add(carol, chat)
    expect_order(page, "For Carol")
    expect(page.get_by_text("No chats yet.")).to_be_hidden()
    alice.submit(f"/chats/{chat}", {"_method": "patch", "title": "Carol's", "kind": "closed", "assistant": "never"})
    expect_order(page, "Carol's")
    compare_list_with_fresh(page)
    alice.remove(carol, chat)
    expect_order(page)
    expect(page.get_by_text("No chats yet.")).to_be_visible()
    compare_list_with_fresh(page)


def test_one_s_own_message_moves_the_chat_up_and_counts_nothing(carol, three):
    page = carol.tab(three[0])
    say(page, "Mine")
    sees(page, "Mine")
    expect_order(page, "First", "Third", "Second")
    expect(head(page, three[0]).locator(".chats__excerpt")).to_have_text(re.compile("Mine"), timeout=PATIENCE)
    expect(count(page, three[0])).to_have_text("")
