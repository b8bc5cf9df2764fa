"""Mentions: the list that opens at an @, what is highlighted for whom, and the page of all that mention one."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from .axe import mistakes
from .pages import PATIENCE, compare_with_fresh, composer, delete, edit_last, message, say, sees
from .test_chat_list import compare_list_with_fresh, head, home
from .test_unread import send

HIGHLIGHT = "(mention) => getComputedStyle(mention).backgroundColor"


@pytest.fixture
def carol(person, alice, bob, chat):
    """The third in the chat."""
    carol = person("Carol")
    alice.add(carol, chat)
    return carol


def options(page: Page) -> Locator:
    return page.get_by_role("option")


def begin(page: Page, text: str) -> None:
    composer(page).focus()
    page.keyboard.type(text)


def chosen(page: Page, name: str) -> None:
    """The option that a screen reader hears."""
    option = page.get_by_role("option", name=name, selected=True)
    expect(option).to_have_count(1)
    expect(composer(page)).to_have_attribute("aria-activedescendant", option.get_attribute("id"))


# The list


def test_an_at_opens_a_list_and_enter_inserts_a_name_and_sends_nothing(alice, bob, carol, chat):
    send(carol, chat, "I was here last")
    page = alice.tab(chat)
    begin(page, "Hi @")
    expect(options(page)).to_have_count(3)
    chosen(page, "Carol")
    page.keyboard.press("ArrowDown")
    chosen(page, "Bob")
    page.keyboard.press("Enter")
    expect(composer(page)).to_have_value("Hi @Bob ")
    expect(options(page)).to_have_count(0)
    expect(composer(page)).not_to_have_attribute("aria-activedescendant", re.compile("."))
    page.keyboard.type("there")
    page.keyboard.press("Enter")
    sees(page, "Hi @Bob there")


def test_what_is_typed_narrows_the_list_and_tab_inserts(alice, bob, carol, chat):
    page = alice.tab(chat)
    begin(page, "@ca")
    expect(options(page)).to_have_count(1)
    chosen(page, "Carol")
    page.keyboard.press("Tab")
    expect(composer(page)).to_have_value("@Carol ")
    expect(composer(page)).to_be_focused()
    expect(options(page)).to_have_count(0)


def test_escape_closes_the_list_and_nothing_else(alice, bob, chat):
    say(alice.tab(chat), "Mine")
    page = alice.tab(chat)
    sees(page, "Mine")
    composer(page).press("ArrowUp")
    expect(page.get_by_text("Editing your message")).to_be_visible()
    page.keyboard.type(" @b")
    chosen(page, "Bob")
    page.keyboard.press("Escape")
    expect(options(page)).to_have_count(0)
    expect(page.get_by_text("Editing your message")).to_be_visible()
    page.keyboard.type("o")
    page.wait_for_timeout(300)
    expect(options(page)).to_have_count(0)
    page.keyboard.press("Escape")
    expect(page.get_by_text("Editing your message")).to_be_hidden()


def test_nothing_opens_within_an_input_method(alice, bob, chat):
    page = alice.tab(chat)
    composer(page).evaluate("""(input) => {
      input.value = "@b"
      input.dispatchEvent(new InputEvent("input", { bubbles: true, isComposing: true }))
    }""")
    page.wait_for_timeout(300)
    expect(options(page)).to_have_count(0)
    composer(page).dispatch_event("compositionend")
    expect(options(page)).to_have_count(1)


def test_the_open_list_is_sound_for_screen_readers(alice, bob, carol, chat):
    page = alice.tab(chat)
    begin(page, "@")
    expect(options(page)).to_have_count(3)
    found = mistakes(page, ".composer")
    assert found == []


def test_the_list_moves_nothing(alice, bob, chat):
    page = alice.tab(chat)
    before = composer(page).bounding_box()
    begin(page, "@")
    expect(options(page)).to_have_count(2)
    assert composer(page).bounding_box() == before


def test_the_page_of_a_message_to_edit_offers_people_too(alice, bob, chat):
    (id,) = send(alice, chat, "Hi")
    page = alice.tab()
    page.goto(f"/messages/{id}/edit")
    page.get_by_label("Message").press("ControlOrMeta+End")
    page.keyboard.type(" @b")
    expect(options(page)).to_have_count(1)
    page.keyboard.press("Tab")
    expect(page.get_by_label("Message")).to_have_value("Hi @Bob ")


# In the message


def test_a_mention_is_highlighted_for_the_one_whom_it_means(alice, bob, carol, chat):
    pages = {person.name: person.tab(chat) for person in (alice, bob, carol)}
    say(pages["Alice"], "@Bob and @all, look")
    looks = {}
    for name, page in pages.items():
        sees(page, "@Bob and @all, look")
        mentions = page.locator(".mention")
        looks[name] = [mentions.nth(number).evaluate(HIGHLIGHT) for number in range(2)]
    assert looks["Bob"][0] == looks["Bob"][1] and looks["Alice"] == looks["Carol"]
    assert looks["Alice"][0] != looks["Bob"][0] and looks["Alice"][1] == looks["Bob"][1]


def test_a_message_with_a_mention_does_not_move_when_it_is_confirmed(alice, bob, chat):
    page = alice.tab(chat)
    width = "(bubble) => bubble.getBoundingClientRect().width"
    say(page, "Hi @Bob there")
    sees(page, "Hi @Bob there")
    with_mention = message(page, "Hi @Bob there").locator(".message__bubble").evaluate(width)
    say(page, r"Hi \@Bob there")
    expect(page.locator(".messages > article")).to_have_count(2)
    assert page.locator(".messages > article").last.locator(".message__bubble").evaluate(width) == with_mention


def test_the_editor_shows_what_was_typed_and_an_edit_mentions_somebody_else(alice, bob, carol, chat):
    page, other = alice.tab(chat), bob.tab(chat)
    say(page, "Hi @bob!")  # behind a name without "!", Enter takes a person from the list, if that is open by then
    for tab in (page, other):
        sees(tab, "Hi @Bob!")
    composer(page).press("ArrowUp")
    expect(composer(page)).to_have_value("Hi @bob!")
    composer(page).press("Escape")
    expect(page.get_by_text("Editing your message")).to_be_hidden()
    edit_last(page, "Hi @carol!")
    sees(other, "Hi @Carol!")
    expect(other.locator(".mention")).to_have_attribute("data-mention-id", str(carol.id))
    compare_with_fresh(other, chat)


# The list of chats


def marked(page: Page, chat: int) -> Locator:
    return page.locator(f"#mention_chat_{chat}")


def dot(page: Page) -> Locator:
    return page.locator(".sidebar__new")


def test_a_chat_is_marked_while_its_mention_is_unread(alice, carol, chat):
    page = home(carol)
    (id,) = send(alice, chat, "@Carol")
    expect(marked(page, chat)).to_have_text("@ mentions you", timeout=PATIENCE)
    expect(head(page, chat)).to_have_accessible_description("1 unread @ mentions you")
    expect(dot(page)).to_be_visible()
    compare_list_with_fresh(page)
    alice.turbo("PATCH", f"/messages/{id}", {"content": "nobody"})
    expect(marked(page, chat)).to_have_text("", timeout=PATIENCE)
    expect(dot(page)).to_be_hidden()
    send(alice, chat, "@all")
    expect(marked(page, chat)).to_have_text("@ mentions you", timeout=PATIENCE)
    compare_list_with_fresh(page)
    other = carol.tab(chat)  # which reads it
    for tab in (page, other):
        expect(marked(tab, chat)).to_have_text("", timeout=PATIENCE)
        expect(dot(tab)).to_be_hidden()
    compare_list_with_fresh(page)


def test_what_is_deleted_marks_nothing(alice, carol, chat):
    page = home(carol)
    own = alice.tab(chat)
    say(own, "@Carol hello")
    expect(dot(page)).to_be_visible(timeout=PATIENCE)
    delete(own, "@Carol hello")
    expect(dot(page)).to_be_hidden(timeout=PATIENCE)
    expect(marked(page, chat)).to_have_text("")


# The page


def items(page: Page) -> Locator:
    return page.locator(".excerpts__item")


def test_the_page_follows_what_happens_and_counts_as_a_look(alice, carol, chat):
    send(alice, chat, "@Carol one")
    elsewhere = home(carol)
    expect(dot(elsewhere)).to_be_visible()
    page = carol.tab()
    page.goto("/")
    page.get_by_role("link", name="Mentions").click()
    expect(items(page)).to_have_count(1)
    expect(items(page)).to_contain_text("Alice")
    expect(items(page)).to_contain_text("in Plans")
    expect(items(page).get_by_text("New")).to_be_visible()
    expect(dot(elsewhere)).to_be_hidden(timeout=PATIENCE)
    expect(marked(elsewhere, chat)).to_have_text("@ mentions you")
    (id,) = send(alice, chat, "@all two")
    expect(items(page)).to_have_count(2, timeout=PATIENCE)
    expect(items(page).first).to_contain_text("@all two")
    alice.turbo("DELETE", f"/messages/{id}")
    expect(items(page)).to_have_count(1, timeout=PATIENCE)
    items(page).get_by_role("link").click()
    sees(page, "@Carol one")


def test_an_older_mention_that_goes_leaves_the_page(alice, carol, chat):
    ids = send(alice, chat, "@Carol one", "@Carol two")
    page = carol.tab()
    page.goto("/mentions")
    expect(items(page)).to_have_count(2)
    alice.turbo("PATCH", f"/messages/{ids[0]}", {"content": "nobody"})
    expect(items(page)).to_have_count(1, timeout=PATIENCE)


def test_an_empty_page_fills_by_itself(alice, carol, chat):
    page = carol.tab()
    page.goto("/mentions")
    expect(page.get_by_text("Nobody has mentioned you yet")).to_be_visible()
    send(alice, chat, "@Carol")
    expect(items(page)).to_have_count(1, timeout=PATIENCE)
    expect(dot(page)).to_be_hidden(timeout=PATIENCE)


def test_without_scripts_people_are_mentioned_and_look_by_plain_forms(site, browser, alice, carol, chat):
    context = carol.new_context(browser, java_script_enabled=False)
    page = context.new_page()
    page.goto(f"/chats/{chat}")
    page.get_by_label("Message", exact=True).fill("Hello @Alice")
    page.get_by_role("button", name="Send").click()
    expect(page.locator(".mention")).to_have_text("@Alice")
    send(alice, chat, "Hello @Carol")
    page.goto("/")
    page.get_by_role("link", name="Mentions new").click()
    expect(items(page)).to_have_count(1)
    page.get_by_role("button", name="Mark all as seen").click()
    expect(page.get_by_role("link", name="Mentions", exact=True)).to_be_visible()
    context.close()
