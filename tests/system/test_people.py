"""Finding people, writing to them directly, their cards, and invitations."""

import itertools
import re

from playwright.sync_api import Locator, Page, expect

from tests.browserless import PASSWORD

from .axe import mistakes
from .pages import PATIENCE, compare_with_fresh, composer, message, pending, say, sees, until_live
from .test_chat_list import PHONE, compare_list_with_fresh, head, home
from .test_promise import hide
from .test_unread import count, send

numbers = itertools.count(1)


def new(person, name: str, **options):
    """Somebody whose first name nobody else has."""
    return person(f"{name}{next(numbers)} Doe", **options)


def field(page: Page) -> Locator:
    return page.get_by_label("Name or e-mail address")


def chat_of(page: Page) -> int:
    return int(page.url.rpartition("/")[2])


def name_of(person) -> str:
    return person.name


def card(page: Page) -> Locator:
    return page.get_by_role("dialog", name="Person")


def direct(one, *others) -> int:
    answer = one.submit("/directs", {"user_ids": [other.id for other in others]})
    return int(answer.headers["location"].rpartition("/")[2])


# Finding


def test_a_name_offers_people_and_enter_adds_the_one_who_is_chosen(alice, chat, person):
    zoe = new(person, "Zoe")
    page = alice.tab()
    page.goto(f"/chats/{chat}/members")
    before = page.locator(".member").first.bounding_box()
    field(page).press_sequentially(name_of(zoe)[:4])
    option = page.get_by_role("option", name=name_of(zoe), selected=True)
    expect(option).to_have_count(1)
    expect(field(page)).to_have_attribute("aria-activedescendant", option.get_attribute("id"))
    assert page.locator(".member").first.bounding_box() == before
    assert mistakes(page, ".picker") == []
    hide(page)  # where a notice does not go by itself
    page.keyboard.press("Enter")
    expect(page.get_by_text(f"{name_of(zoe)} is a member now.")).to_be_visible()
    expect(page.locator(".member")).to_have_count(3)


def test_escape_closes_the_list_and_a_whole_address_is_found_by_the_button(alice, chat, person):
    zoe = new(person, "Zoe")
    page = alice.tab()
    page.goto(f"/chats/{chat}/members")
    field(page).press_sequentially("zo")
    expect(page.get_by_role("option").first).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("option")).to_have_count(0)
    expect(field(page)).to_have_value("zo")
    field(page).fill(zoe.email)
    page.keyboard.press("Enter")
    page.get_by_role("button", name=f"Add {name_of(zoe)}").click()
    expect(page.locator(".member")).to_have_count(3)


# Direct chats


def test_a_direct_chat_appears_on_top_of_the_other_s_list_under_the_name_of_the_author(person):
    maya, noor = new(person, "Maya"), new(person, "Noor")
    other = noor.start_chat(title="Plans")
    send(noor, other, "Mine")
    list_of_noor = home(noor)
    page = maya.tab()
    page.goto("/directs/new")
    field(page).press_sequentially(name_of(noor)[:5])
    page.get_by_role("option", name=name_of(noor)).click()
    page.get_by_role("button", name=f"Write to {name_of(noor)}").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(name_of(noor), use_inner_text=True)
    chat = chat_of(until_live(page))
    expect(head(list_of_noor, chat)).to_have_count(0)
    say(page, "Hello")
    sees(page, "Hello")
    expect(page).to_have_title(f"{name_of(noor)} · Plainwire")
    expect(count(list_of_noor, chat)).to_have_text("1 unread", timeout=PATIENCE)
    send(noor, other, "Newer")
    expect(head(list_of_noor, other)).to_contain_text("Newer", timeout=PATIENCE)
    titles = list_of_noor.locator(".chats__title")
    expect(titles).to_have_text([name_of(maya), "Plans"], use_inner_text=True)
    compare_list_with_fresh(list_of_noor)
    head(list_of_noor, chat).click()
    until_live(list_of_noor)
    expect(list_of_noor).to_have_title(re.compile(rf"{name_of(maya)} · Plainwire$"))
    expect(titles).to_have_text(["Plans", name_of(maya)], use_inner_text=True)
    compare_with_fresh(list_of_noor, chat)


def test_several_people_are_named_in_one_chat_for_each_without_oneself(person):
    maya, noor, omar = (new(person, name) for name in ("Maya", "Noor", "Omar"))
    chat = direct(noor, maya, omar)
    send(noor, chat, "Hello both")
    for who, others in ((maya, (noor, omar)), (noor, (maya, omar)), (omar, (maya, noor))):
        page = who.tab(chat)
        names = ", ".join(name_of(other) for other in others)
        expect(page.get_by_role("heading", level=1)).to_have_text(names, use_inner_text=True)
        expect(page.locator(".chats__title")).to_have_text(names, use_inner_text=True)
        expect(page).to_have_title(f"{names} · Plainwire")
    page.keyboard.press("ControlOrMeta+k")
    expect(page.get_by_role("option").first).to_have_text(", ".join(map(name_of, (maya, noor))))


def test_whoever_leaves_a_chat_of_two_gets_it_back_with_the_next_message(person):
    maya, noor = new(person, "Maya"), new(person, "Noor")
    chat = direct(maya, noor)
    send(maya, chat, "Hello")
    page = noor.tab(chat)
    page.get_by_role("link", name="Direct chat").click()
    page.get_by_role("link", name="Leave").click()
    page.get_by_role("button", name="Leave").click()
    expect(page).to_have_url(re.compile("/$"))
    expect(head(page, chat)).to_have_count(0)
    send(maya, chat, "Still there?")
    expect(head(page, chat)).to_contain_text("Still there?", timeout=PATIENCE)


# Cards


def test_a_card_opens_at_a_name_and_closes_to_it(person):
    maya, noor = new(person, "Maya"), new(person, "Noor")
    noor.submit("/profile", {"theme": "system", "clock": "24", "about": "Here to help", "time_zone": "Asia/Tokyo"})
    chat = maya.start_chat(title="Team")
    maya.add(noor, chat)
    send(noor, chat, "Hello")
    page = maya.tab(chat)
    name = message(page, "Hello").get_by_role("link", name=name_of(noor))
    name.click()
    expect(card(page).get_by_text("Here to help")).to_be_visible()
    expect(card(page).get_by_text("local time")).to_be_visible()
    assert mistakes(page, ".card-box") == []
    page.keyboard.press("Escape")
    expect(card(page)).to_be_hidden()
    expect(name).to_be_focused()
    page.keyboard.press("Enter")
    card(page).get_by_role("button", name=f"Write to {name_of(noor)}").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(name_of(noor), use_inner_text=True)


def test_a_block_on_the_card_stops_direct_messages_and_says_so(person):
    maya, noor = new(person, "Maya", **PHONE), new(person, "Noor")
    chat = direct(noor, maya)
    send(noor, chat, "Hello")
    page, other = maya.tab(chat), noor.tab(chat)
    page.get_by_role("heading", level=1).get_by_role("link", name=name_of(noor)).tap()
    card(page).get_by_role("button", name="Block").tap()
    expect(card(page).get_by_text("You have blocked")).to_be_visible()
    say(other, "Answer me")
    refusal = f"{name_of(maya)} does not take direct messages from you."
    expect(pending(other).get_by_text(refusal)).to_be_visible(timeout=PATIENCE)
    card(page).get_by_role("button", name="Unblock").tap()
    expect(card(page).get_by_role("button", name="Block", exact=True)).to_be_visible()
    pending(other).get_by_role("button", name="Try again").click()
    sees(page, "Answer me")


def test_the_time_zone_of_the_browser_comes_into_the_profile_once(site, browser, person):
    maya = new(person, "Maya", timezone_id="Africa/Nairobi")
    page = maya.tab()
    with page.expect_response(re.compile("/time_zones$")):
        page.goto("/")
    page.goto("/profile")
    expect(page.get_by_label("Time zone")).to_have_value("Africa/Nairobi")


# Without scripts


def test_without_scripts_people_are_found_written_to_and_blocked(site, browser, person):
    maya, noor = new(person, "Maya"), new(person, "Noor")
    context = maya.new_context(browser, java_script_enabled=False)
    page = context.new_page()
    page.goto("/")
    page.get_by_role("link", name="Write to somebody").first.click()
    field(page).fill(name_of(noor).split()[0])
    page.get_by_role("button", name="Find").click()
    page.get_by_role("link", name=f"Choose {name_of(noor)}").click()
    page.get_by_role("button", name=f"Write to {name_of(noor)}").click()
    composer(page).fill("Hello")
    page.get_by_role("button", name="Send").click()
    expect(message(page, "Hello")).to_be_visible()
    page.get_by_role("heading", level=1).get_by_role("link").filter(visible=True).click()
    page.get_by_role("button", name="Block").click()
    expect(page.get_by_text("You have blocked")).to_be_visible()
    context.close()


def test_an_invitation_leads_somebody_new_into_the_chat_with_and_without_scripts(site, browser, person):
    maya = new(person, "Maya")
    chat = maya.start_chat(title="Newcomers")
    page = maya.tab()
    page.goto(f"/chats/{chat}/members")
    page.get_by_role("link", name="Invite them by a link").click()
    page.get_by_role("button", name="Make a link").click()
    expect(page.get_by_role("img", name="The link as a QR code")).to_be_visible()
    link = page.get_by_label("Link", exact=True).input_value()
    for scripts in (True, False):
        with browser.new_context(java_script_enabled=scripts) as context:
            guest = context.new_page()
            guest.goto(link)
            expect(guest.get_by_text(f"{name_of(maya)} invites you to Newcomers")).to_be_visible()
            guest.get_by_label("Name").fill("Guest")
            guest.get_by_label("E-mail").fill(f"guest{next(numbers)}@example.com")
            guest.get_by_label("Password").fill(PASSWORD)
            guest.get_by_role("button", name="Sign up").click()
            expect(guest.get_by_role("heading", level=1)).to_have_text("Newcomers")
    page.reload()
    expect(page.get_by_text("Used by 2 of 10")).to_be_visible()
