"""The figures of an answer, from its actions; and a budget that is used up."""

import re

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import create_engine, text

from tests.provider import Counted, Provider
from tests.servers import worker

from .pages import PATIENCE, action, choose, expect_poll, message, say, sees

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
BUDGET = {"currency": "", "unit": "tokens", "person_day": "", "place_day": "", "place_month": ""}


@pytest.fixture
def provider(site):
    with Provider() as provider, worker(site.environ | {"OPENAI_BASE_URL": provider.url}):
        provider.will(Counted("All is well.", 12_340, 56))
        yield provider


@pytest.fixture
def chat(alice, bob) -> int:
    chat = alice.start_chat(title="Questions", assistant="always")
    alice.add(bob, chat)
    return chat


@pytest.fixture
def ada(site, person):
    """An administrator, who takes all budgets back in the end."""
    ada = person("Ada")
    engine = create_engine(site.environ["DATABASE_URL"])
    with engine.begin() as connection:
        connection.execute(text("UPDATE users SET admin = true WHERE id = :id"), {"id": ada.id})
    engine.dispose()
    yield ada
    ada.submit("/budget", BUDGET)


def expect_figures(page: Page) -> None:
    expect(page.get_by_role("heading", name="Figures", level=1)).to_be_visible()
    read = page.locator(".figures").get_by_text("12,340 tokens")
    expect_poll(page, lambda: read.count() or (page.reload() and read.count()))  # figures come after the last word


def test_members_open_the_figures_of_an_answer_and_come_back_to_it(alice, bob, chat, provider):
    page = bob.tab(chat)
    alice.send(chat, "How are you?")
    sees(page, "All is well.")
    expect(action(page, "How are you?", "Figures")).to_be_hidden()
    choose(page, "All is well.", "Figures")
    expect_figures(page)
    page.get_by_role("link", name="Back to the message").click()
    expect(message(page, "All is well.")).to_be_in_viewport()


def test_on_a_phone_the_figures_are_in_the_sheet_of_actions(person, alice, chat, provider):
    carol = person("Carol", **PHONE)
    alice.add(carol, chat)
    page = carol.tab(chat)
    alice.send(chat, "How are you?")
    sees(page, "All is well.")
    message(page, "All is well.").get_by_role("link", name="Actions").tap()
    action(page, "All is well.", "Figures").tap()
    expect_figures(page)


def test_a_budget_that_is_used_up_is_said_in_place_and_lets_people_write_on(ada, person, alice, chat, provider):
    carol = person("Carol")
    alice.add(carol, chat)
    ada.submit("/budget", BUDGET | {"person_day": "1"})
    page, other = carol.tab(chat), alice.tab(chat)
    say(page, "How are you?")
    sees(other, "All is well.")  # the first one finds the budget unused
    say(page, "And now?")
    sees(other, "And now?")
    words = "Your budget for today is used up. It starts again at midnight (UTC)."
    for tab in (page, other):
        expect(tab.get_by_text(words)).to_be_visible(timeout=PATIENCE)


def test_the_page_of_sums_is_read_by_the_keyboard_alone(bob, chat, provider):
    bob.send(chat, "How are you?")
    sees(bob.tab(chat), "All is well.")
    page = bob.tab()
    page.goto("/profile")
    page.get_by_role("link", name="Figures").press("Enter")
    expect(page.get_by_role("img", name="Tokens of each month")).to_be_visible()
    table = page.get_by_role("region", name="By chat")
    read = table.get_by_role("row").filter(has_text="Questions").first.get_by_text("12.3 k")
    expect_poll(page, lambda: read.count() or (page.reload() and read.count()))
    page.get_by_role("region", name="By month").get_by_role("link").first.press("Enter")
    expect(page).to_have_url(re.compile("month="))
