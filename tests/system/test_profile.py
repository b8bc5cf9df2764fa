"""One's profile."""

import itertools

from playwright.sync_api import Locator, Page, expect

from tests.browserless import PASSWORD

from .axe import mistakes
from .test_people import new

numbers = itertools.count(1)
STOPS = 80  # on the way through the page
OWN = "a few words of my own"


def go_to(target: Locator) -> None:
    """Press Tab until it has the focus."""
    page = target.page
    for _ in range(STOPS):
        page.keyboard.press("Tab")
        if target.evaluate("(element) => element === document.activeElement"):
            return
    raise AssertionError(f"Tab does not lead to {target}")


def write(field: Locator, text: str) -> None:
    go_to(field)
    field.page.keyboard.press("ControlOrMeta+a")
    field.page.keyboard.type(text)


def choose(page: Page, question: str, number: int) -> None:
    """Take the answer with this number, from 0, where the first one is chosen."""
    go_to(page.get_by_role("group", name=question).get_by_role("radio").first)
    for _ in range(number):
        page.keyboard.press("ArrowDown")


def press(page: Page, button: str) -> None:
    go_to(page.get_by_role("button", name=button, exact=True))
    page.keyboard.press("Enter")


def settle(page: Page) -> None:
    """Everything in the first form."""
    write(page.get_by_label("About you"), "Ask me about tea")
    write(page.get_by_label("Time zone"), "Europe/Lisbon")
    choose(page, "Colours", 2)
    choose(page, "Show others when I am here", 1)
    press(page, "Save")
    expect(page.get_by_text("Saved.")).to_be_visible()


def test_by_keyboard_alone_one_settles_everything_and_logs_in_by_it(person):
    maya, address = new(person, "Maya"), f"moved{next(numbers)}@example.com"
    page = maya.tab()
    page.goto("/")
    go_to(page.get_by_role("link", name=maya.name, exact=False).last)
    page.keyboard.press("Enter")
    settle(page)
    assert mistakes(page) == []
    write(page.get_by_label("New e-mail address"), address)
    write(page.get_by_label("Your password", exact=True), "not my password")
    page.keyboard.press("Enter")
    expect(page.get_by_text("This is not your password.")).to_be_visible()
    proof = page.get_by_label("Your password", exact=True)
    expect(proof).to_be_focused()
    expect(page.get_by_label("New e-mail address")).to_have_value(address)
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_text("Your address is changed.")).to_be_visible()
    write(page.get_by_label("Your password now"), PASSWORD)
    write(page.get_by_label("New password"), OWN)
    press(page, "Change the password")
    expect(page.get_by_text("Your password is changed.")).to_be_visible()
    press(page, "Log out")
    page.wait_for_url("**/login")
    write(page.get_by_label("E-mail"), address)
    write(page.get_by_label("Password"), OWN)
    page.keyboard.press("Enter")
    expect(page.get_by_text("No chats yet.")).to_be_visible()
    page.goto("/profile")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    expect(page.get_by_label("About you")).to_have_value("Ask me about tea")
    expect(page.get_by_label("Time zone")).to_have_value("Europe/Lisbon")
    expect(page.get_by_role("group", name="Show others").get_by_label("No")).to_be_checked()
