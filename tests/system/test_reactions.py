"""Reactions in two browsers: by mouse, by keyboard, by touch, and without scripts."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.provider import Hang

from .axe import mistakes
from .pages import PATIENCE, action, choose, compare_with_fresh, composer, delete, edit_last, message, say, sees
from .test_looks import TARGETS


def pills(page: Page, text: str) -> Locator:
    """The reactions to this message, as they are shown to this reader."""
    return message(page, text).locator(".reaction__pill:visible")


def pill(page: Page, text: str, emoji: str) -> Locator:
    return pills(page, text).filter(has_text=emoji)


def picker(page: Page) -> Locator:
    return page.get_by_role("dialog", name="Choose an emoji")


def open_picker(page: Page, text: str) -> Locator:
    choose(page, text, "React")
    expect(picker(page)).to_be_visible()
    return picker(page)


def expect_pills(page: Page, text: str, *words: str) -> None:
    expect(pills(page, text)).to_have_text([re.compile(rf"^\s*{re.escape(one)}") for one in words], timeout=PATIENCE)


@pytest.fixture
def said(alice, chat) -> int:
    """A message of Alice: "Shipped"."""
    return int(re.search(r'id="message_(\d+)"', alice.send(chat, "Shipped").text)[1])


def react(person, message_id: int, emoji: str) -> None:
    assert person.turbo("POST", f"/messages/{message_id}/reactions", {"emoji": emoji}).status_code == 201


# Two people


def test_both_see_what_the_other_chooses_and_takes_back(alice, bob, chat, said):
    here, there = alice.tab(chat), bob.tab(chat)
    open_picker(there, "Shipped").get_by_title("thumbs up", exact=True).first.click()
    expect(picker(there)).to_be_hidden()
    expect_pills(here, "Shipped", "👍 1")
    pill(here, "Shipped", "👍").click()
    for page in (here, there):
        expect_pills(page, "Shipped", "👍 2")
        expect(pill(page, "Shipped", "👍")).to_have_attribute("aria-pressed", "true")
    pill(there, "Shipped", "👍").click()
    expect_pills(here, "Shipped", "👍 1")
    expect_pills(there, "Shipped", "👍 1")
    expect(pill(there, "Shipped", "👍")).to_have_attribute("aria-pressed", "false")
    expect(pill(here, "Shipped", "👍")).to_have_accessible_name("👍 1, Alice")
    expect(message(there, "Shipped").locator(".reaction")).to_have_attribute("title", "Alice: thumbs up")
    for page in (here, there):
        compare_with_fresh(page, chat)


def test_a_reaction_counts_as_nothing_new(alice, person, chat, said):
    carol, later = person("Carol"), alice.start_chat(title="Later")
    alice.add(carol, chat), alice.add(carol, later)
    page = carol.context.new_page()
    page.goto("/")
    expect(page.locator(f"#unread_chat_{chat}")).to_have_text("1 unread")
    react(alice, said, "🎉")
    alice.send(later, "This is new")
    expect(page).to_have_title("(2) Chats · Plainwire")
    expect(page.locator(f"#unread_chat_{chat}")).to_have_text("1 unread")
    expect(page.locator(".chats__link").first).to_contain_text("Later")


def test_a_deleted_message_takes_its_reactions_along(alice, bob, chat, said):
    react(bob, said, "👍")
    page = bob.tab(chat)
    expect_pills(page, "Shipped", "👍 1")
    delete(alice.tab(chat), "Shipped")
    sees(page, "Shipped", times=0)
    expect(page.locator(".reactions")).to_have_count(0)


def test_a_refusal_says_why(alice, bob, chat, said):
    for emoji in ("👍", "🎉", "👀", "😂", "😮"):
        react(bob, said, emoji)
    page = bob.tab(chat)
    open_picker(page, "Shipped").get_by_title("red heart").first.click()
    expect(page.get_by_text("Take one back to choose another.")).to_be_visible()
    expect(pills(page, "Shipped")).to_have_count(5)


# The picker


def test_an_emoji_is_found_by_a_word_and_chosen_by_keyboard(alice, chat, said):
    page = alice.tab(chat)
    react_link = action(page, "Shipped", "React")
    react_link.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("searchbox", name="Search emoji")).to_be_focused()
    page.keyboard.type("rocket")
    expect(picker(page).get_by_role("status")).to_have_text(re.compile(r"^\d+ emoji found"))
    page.keyboard.press("Enter")
    expect(picker(page)).to_be_hidden()
    expect(react_link).to_be_focused()
    expect_pills(page, "Shipped", "🚀 1")


def test_arrow_keys_lead_through_the_list_and_escape_out_of_it(alice, chat, said):
    page = without_recent(alice.tab(chat))
    open_picker(page, "Shipped")
    expect(page.locator(".emoji-list__all")).to_be_attached()
    page.keyboard.press("ArrowDown")
    expect(focused(page)).to_have_attribute("title", "thumbs up")
    page.keyboard.press("ArrowRight")
    expect(focused(page)).to_have_attribute("title", "red heart")
    page.keyboard.press("ArrowDown")
    expect(focused(page)).to_have_attribute("title", "grinning face with big eyes")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    expect(page.get_by_role("searchbox", name="Search emoji")).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.type("tada")
    expect(page.get_by_role("searchbox", name="Search emoji")).to_have_value("tada")
    page.keyboard.press("Escape")
    expect(page.get_by_role("searchbox", name="Search emoji")).to_have_value("")
    expect(picker(page)).to_be_visible()
    page.keyboard.press("Escape")
    expect(picker(page)).to_be_hidden()
    expect(action(page, "Shipped", "React")).to_be_focused()
    expect(page.locator(".reaction")).to_have_count(0)


def without_recent(page: Page) -> Page:
    page.evaluate("localStorage.clear()")
    return page


def focused(page: Page) -> Locator:
    return page.locator(":focus")


def test_what_was_picked_last_comes_first_the_next_time(alice, chat, said):
    page = without_recent(alice.tab(chat))
    shown = []
    for title, pill in (("rocket", "🚀 1"), ("hot dog", "🌭 1")):
        open_picker(page, "Shipped").locator(".emoji-list__all").get_by_title(title, exact=True).click()
        expect_pills(page, "Shipped", *(shown := [*shown, pill]))
    page.reload()
    recent = open_picker(page, "Shipped").get_by_role("region", name="Recent").locator("button")
    expect(recent.locator("visible=true")).to_have_text(["🌭", "🚀"])


def test_the_list_is_asked_for_when_it_is_opened_and_once_in_a_browser(person, alice, chat, said):
    carol = person("Carol")
    alice.add(carol, chat)
    page = carol.tab(chat)
    assert bytes_of_lists(page) == []
    open_picker(page, "Shipped")
    expect(page.locator(".emoji-list__all")).to_be_attached()
    assert bytes_of_lists(page)[0] > 0
    page.reload()
    open_picker(page, "Shipped")
    expect(page.locator(".emoji-list__all")).to_be_attached()
    assert bytes_of_lists(page) == [0]


def bytes_of_lists(page: Page) -> list[int]:
    """What the network has carried of the list, for each time that this page has asked for it."""
    return page.evaluate("""() => performance.getEntriesByType("resource")
      .filter(({ name }) => name.includes("/emoji?")).map(({ transferSize }) => transferSize)""")


def test_where_the_list_does_not_arrive_the_usual_ones_work_all_the_same(alice, chat, said):
    page = alice.tab(chat)
    page.route(re.compile("/emoji"), lambda route: route.abort())
    shown = open_picker(page, "Shipped")
    expect(shown.get_by_text("The list did not arrive.")).to_be_visible()
    shown.get_by_title("party popper").first.click()
    expect_pills(page, "Shipped", "🎉 1")


def test_a_second_click_on_react_closes_the_picker(alice, chat, said):
    page = alice.tab(chat)
    open_picker(page, "Shipped")
    action(page, "Shipped", "React").click()
    expect(picker(page)).to_be_hidden()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_in_reactions_and_their_picker(alice, bob, chat, said, scheme):
    react(alice, said, "👍"), react(bob, said, "🎉")
    page = alice.tab(chat)
    page.emulate_media(color_scheme=scheme)
    open_picker(page, "Shipped")
    expect(page.locator(".emoji-list__all")).to_be_attached()
    assert mistakes(page) == []
    page.keyboard.type("heart")
    assert mistakes(page) == []


# What stays while a message changes


def test_an_open_picker_and_the_focus_on_a_reaction_survive_a_change_of_the_message(alice, bob, chat, said):
    react(bob, said, "👍"), react(bob, said, "🎉")
    here, there = alice.tab(chat), bob.tab(chat)
    sees(there, "Shipped")
    pill(there, "Shipped", "🎉").focus()
    open_picker(here, "Shipped")
    page = alice.tab(chat)
    edit_last(page, "Shipped at last")
    for tab in (here, there):
        sees(tab, "Shipped at last")
    expect(picker(here)).to_be_visible()
    expect(pill(there, "Shipped at last", "🎉")).to_be_focused()
    picker(here).get_by_title("eyes", exact=True).first.click()
    expect_pills(there, "Shipped at last", "👍 1", "🎉 1", "👀 1")
    expect(pill(there, "Shipped at last", "🎉")).to_be_focused()


def test_a_growing_answer_closes_no_menu_and_takes_no_focus(provider, person, alice, bob):
    """It hangs, with reactions and a menu open, and goes on to its end."""
    carol = person("Carol", has_touch=True, is_mobile=True, viewport={"width": 390, "height": 844})
    chat = alice.start_chat(title="Questions", assistant="always")
    alice.add(bob, chat), alice.add(carol, chat)
    provider.will(Hang("Once upon a time"))
    here, there, phone = alice.tab(chat), bob.tab(chat), carol.tab(chat)
    say(here, "Tell me a story")
    answers = [tab.locator("article[data-author-kind=assistant]") for tab in (here, there, phone)]
    for answer in answers:
        expect(answer).to_contain_text("Once")
    react(bob, int(answers[0].get_attribute("data-message-id")), "👀")
    answers[0].locator(".reaction__pill--add").focus()
    answers[1].hover()
    answers[1].get_by_role("link", name="React").click()
    answers[2].locator(".actions__more").tap()
    provider.release()
    for answer in answers:
        expect(answer).not_to_have_attribute("data-state", "generating")
    expect(answers[0].locator(".reaction__pill--add")).to_be_focused()
    expect(picker(there)).to_be_visible()
    answers[2].get_by_role("link", name="React").tap()
    picker(phone).get_by_role("button", name="🎉").first.tap()
    expect(answers[0].locator(".reaction__pill:visible")).to_have_count(2)


def test_the_focus_follows_a_reaction_that_is_chosen_and_taken_back_by_keyboard(alice, bob, chat, said):
    react(bob, said, "👍")
    page = alice.tab(chat)
    pill(page, "Shipped", "👍").focus()
    page.keyboard.press("Enter")
    expect_pills(page, "Shipped", "👍 2")
    expect(pill(page, "Shipped", "👍")).to_be_focused()
    page.keyboard.press("Enter")
    expect_pills(page, "Shipped", "👍 1")
    expect(pill(page, "Shipped", "👍")).to_be_focused()
    pill(bob.tab(chat), "Shipped", "👍").click()
    expect(page.locator(".reaction")).to_have_count(0)


# Who may react


def test_who_only_reads_along_sees_reactions_and_can_choose_none(alice, bob):
    chat = alice.start_chat(title="For all", kind="open")
    react(alice, int(re.search(r'id="message_(\d+)"', alice.send(chat, "Hello").text)[1]), "👍")
    page = bob.tab(chat)
    expect_pills(page, "Hello", "👍 1")
    message(page, "Hello").hover()
    expect(action(page, "Hello", "React")).to_be_hidden()
    expect(message(page, "Hello").get_by_role("button", name=re.compile("👍"))).to_have_count(0)
    say(page, "Hello, all")
    expect(message(page, "Hello").get_by_role("button", name=re.compile("👍"))).to_have_count(1)


def test_in_an_archived_chat_reactions_are_only_shown(alice, chat, said):
    react(alice, said, "👍")
    page = alice.tab(chat)
    assert alice.submit(f"/chats/{chat}/archives", {}).status_code == 303
    expect(composer(page)).to_be_hidden()
    expect_pills(page, "Shipped", "👍 1")
    message(page, "Shipped").hover()
    expect(action(page, "Shipped", "React")).to_be_hidden()
    expect(message(page, "Shipped").get_by_role("button", name=re.compile("👍"))).to_have_count(0)


# Touch screens, and no scripts


def test_by_touch_the_usual_emoji_are_on_top_of_the_picker(person, alice, browser, chat, said):
    carol = person("Carol", has_touch=True, is_mobile=True, viewport={"width": 390, "height": 844})
    alice.add(carol, chat)
    page = carol.tab(chat)
    message(page, "Shipped").locator(".actions__more").tap()
    action(page, "Shipped", "React").tap()
    picker(page).get_by_role("button", name="🎉").first.tap()
    expect_pills(page, "Shipped", "🎉 1")
    assert page.evaluate(TARGETS) == []
    message(page, "Shipped").locator(".actions__more").tap()
    action(page, "Shipped", "React").tap()
    assert page.evaluate(TARGETS) == []
    picker(page).locator(".emoji-list__all").get_by_title("rocket", exact=True).tap()
    expect(picker(page)).to_be_hidden()
    expect_pills(page, "Shipped", "🎉 1", "🚀 1")
    pill(page, "Shipped", "🎉").tap()
    expect_pills(page, "Shipped", "🚀 1")


def test_without_scripts_reactions_are_plain_forms(bob, browser, chat, said):
    react(bob, said, "👍")
    with bob.new_context(browser, java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(f"/chats/{chat}")
        pill(page, "Shipped", "👍").click()
        expect(message(page, "Shipped")).to_be_visible()
        expect(page.locator(".reaction")).to_have_count(0)
        message(page, "Shipped").hover()
        message(page, "Shipped").get_by_role("link", name="Actions").click()
        page.get_by_role("link", name="React", exact=True).click()
        page.get_by_title("rocket", exact=True).click()
        expect(page).to_have_url(re.compile(rf"/chats/{chat}$"))
        expect_pills(page, "Shipped", "🚀 1")
        message(page, "Shipped").hover()
        message(page, "Shipped").get_by_role("link", name="Actions").click()
        page.get_by_role("link", name="React", exact=True).click()
        page.get_by_role("button", name="Take 🚀 back").click()
        expect(page.locator(".reaction")).to_have_count(0)
