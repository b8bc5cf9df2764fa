"""A day of a team: one at a desk in a light room who uses the keyboard, one on a phone in the dark who uses a thumb."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.servers import worker

from .axe import mistakes
from .pages import PATIENCE, action, compare_with_fresh, composer, message, open_chat, sees, until_live
from .test_attachments import png, uploaded
from .test_looks import PHONE
from .test_people import card
from .test_reactions import expect_pills, picker
from .test_search import RESULTS, box


@pytest.fixture(scope="module", autouse=True)
def thumbnails(site):
    with worker(site.environ):
        yield


@pytest.fixture
def dora(person):
    return person("Dora", color_scheme="light", viewport={"width": 1280, "height": 800})


@pytest.fixture
def emil(person):
    return person("Emil", color_scheme="dark", **PHONE)


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def act(page: Page, text: str, name: str) -> None:
    """On a phone, from the menu of a message."""
    message(page, text).get_by_role("link", name="Actions").tap()
    action(page, text, name).tap()


def test_a_day_of_a_team(dora, emil):
    desk, phone = dora.tab(), emil.tab()
    phone.goto("/")
    chat = dora_starts_a_chat(desk, emil)
    open_chat(phone, chat)
    dora_asks(desk, emil)
    emil_reacts_replies_and_sends_a_picture(phone, dora)
    dora_looks_at_it_and_pins_the_answer(desk)
    emil_keeps_a_bookmark(phone)
    for page in (desk, phone):
        compare_with_fresh(page, chat)
        assert mistakes(page) == []
    dora_finds_it_again(desk)
    emil_writes_to_her_alone(phone, dora)
    dora_answers_from_her_list(desk)
    sees(phone, "Lunch at one")


def dora_starts_a_chat(page: Page, emil) -> int:
    page.goto("/chats/new")
    page.get_by_label("Title").focus()
    page.keyboard.type("The move")
    press(page, "Enter")
    until_live(page)
    chat = int(page.url.rpartition("/")[2])
    page.get_by_role("link", name="1 member").focus()
    press(page, "Enter")
    page.get_by_label("Name or e-mail address").press_sequentially(emil.name[:4])
    expect(page.get_by_role("option", name=emil.name, selected=True)).to_have_count(1, timeout=PATIENCE)
    press(page, "Enter")
    expect(page.locator(".member")).to_have_count(2, timeout=PATIENCE)
    return open_chat(page, chat) and chat


def dora_asks(page: Page, emil) -> None:
    page.keyboard.type(f"@{emil.name[:3]}")
    expect(page.get_by_role("option", name=emil.name).first).to_be_visible(timeout=PATIENCE)
    press(page, "Enter")
    page.keyboard.type("how large is the room?")
    press(page, "Enter")
    sees(page, f"@{emil.name} how large is the room?")


def emil_reacts_replies_and_sends_a_picture(page: Page, dora) -> None:
    question = f"@{page_name(page)} how large is the room?"
    sees(page, question)
    act(page, question, "React")
    picker(page).get_by_role("button", name="👀").first.tap()
    expect_pills(page, question, "👀 1")
    act(page, question, "Reply")
    composer(page).fill("Large enough")
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Attach files").tap()
    chooser.value.set_files([png("room.png")])
    uploaded(page)
    page.get_by_role("button", name="Send").tap()
    expect(page.locator(".messages .attachment")).to_have_count(1, timeout=PATIENCE)


def page_name(page: Page) -> str:
    return page.locator(".sidebar__name").text_content().strip()


def dora_looks_at_it_and_pins_the_answer(page: Page) -> None:
    sees(page, "Large enough")
    page.locator(".messages .attachment a").first.focus()
    press(page, "Enter")
    lightbox = page.get_by_role("dialog")
    expect(lightbox).to_be_visible(timeout=PATIENCE)
    press(page, "Escape")
    expect(lightbox).to_be_hidden()
    action(page, "Large enough", "Pin").focus()
    press(page, "Enter")
    expect(page.locator(".chat__header").get_by_role("link", name="1 pinned")).to_be_visible(timeout=PATIENCE)


def emil_keeps_a_bookmark(page: Page) -> None:
    expect(message(page, "Large enough").get_by_role("link", name="Pinned")).to_be_visible(timeout=PATIENCE)
    act(page, "Large enough", "Bookmark")
    expect(message(page, "Large enough")).to_have_attribute("data-bookmarked", "", timeout=PATIENCE)


def dora_finds_it_again(page: Page) -> None:
    page.get_by_role("link", name="Search", exact=True).focus()
    press(page, "Enter")
    expect(box(page)).to_be_focused(timeout=PATIENCE)
    page.keyboard.type("has:picture large enou")
    expect(page.locator(RESULTS)).to_have_count(1, timeout=PATIENCE)
    expect(page).to_have_url(re.compile(r"large\+enou"))  # the results of the last letters are here
    page.locator(RESULTS).focus()
    press(page, "Enter")
    expect(message(until_live(page), "Large enough")).to_be_in_viewport(timeout=PATIENCE)


def emil_writes_to_her_alone(page: Page, dora) -> None:
    page.locator(".messages").get_by_role("link", name=dora.name).first.tap()
    card(page).get_by_role("button", name=f"Write to {dora.name}").tap()
    expect(page.get_by_role("heading", level=1, name=dora.name)).to_be_visible(timeout=PATIENCE)
    until_live(page)
    composer(page).fill("When do we eat?")
    page.get_by_role("button", name="Send").tap()
    sees(page, "When do we eat?")


def dora_answers_from_her_list(page: Page) -> None:
    line = page.locator(".chats__item").first
    expect(line).to_have_attribute("data-unread", "", timeout=PATIENCE)
    line.get_by_role("link").focus()
    press(page, "Enter")
    sees(until_live(page), "When do we eat?")
    composer(page).focus()
    page.keyboard.type("Lunch at one")
    press(page, "Enter")
    sees(page, "Lunch at one")
