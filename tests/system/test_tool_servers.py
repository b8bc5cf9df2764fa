"""An administrator adds a server of tools, and gives an assistant one of them, by keyboard alone."""

import itertools
import re

import pytest
from playwright.sync_api import Locator, Page, expect
from sqlalchemy import create_engine, text

from tests.mcp_scripted import Raw, ScriptedServer
from tests.mcp_server import KEY, mcp_server

from .axe import mistakes
from .pages import PATIENCE

numbers = itertools.count(1)


@pytest.fixture
def ada(site, person):
    ada = person("Ada")
    engine = create_engine(site.environ["DATABASE_URL"])
    with engine.begin() as connection:
        connection.execute(text("UPDATE users SET admin = true WHERE id = :id"), {"id": ada.id})
    engine.dispose()
    return ada


@pytest.fixture(scope="module")
def weather():
    """A real server, which wants a key."""
    with mcp_server("--key") as server:
        yield server.url


def press_tab_to(page: Page, wanted: Locator) -> None:
    for _ in range(60):
        page.keyboard.press("Tab")
        if wanted.evaluate("element => element === document.activeElement"):
            return
    raise AssertionError(f"The Tab key does not lead to {wanted}.")


def type_into(page: Page, label: str, words: str) -> None:
    press_tab_to(page, page.get_by_label(label, exact=True))
    page.keyboard.type(words)


def press(page: Page, wanted: Locator, key: str = "Enter") -> None:
    press_tab_to(page, wanted)
    page.keyboard.press(key)


def test_a_server_is_added_and_its_tool_given_to_an_assistant_by_keyboard_alone(ada, weather):
    name, page = f"Weather{next(numbers)}", ada.tab()
    page.goto("/assistants")
    press(page, page.get_by_role("link", name="Tool servers"))
    press(page, page.get_by_role("link", name="Add a tool server"))
    expect(page.get_by_role("heading", name="Add a tool server")).to_be_visible()
    type_into(page, "Name", name)
    type_into(page, "Address", "weather")
    type_into(page, "Key", KEY)
    page.keyboard.press("Enter")
    # A refused form has everything that was typed, the focus where it is wrong, and the key where nobody sees it.
    expect(page.get_by_label("Address", exact=True)).to_be_focused()
    expect(page.get_by_text("The key that you have just typed is kept.")).to_be_visible()
    assert KEY not in page.content() and mistakes(page, "main") == []
    page.keyboard.press("Control+a")
    page.keyboard.type(weather)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name=name)).to_be_visible()
    press(page, page.get_by_role("button", name="Try it"))
    expect(page.get_by_role("status").filter(has_text="It has 4 tools.")).to_be_focused(timeout=PATIENCE)
    press(page, page.get_by_role("checkbox", name="Forecast"), "Space")
    assert mistakes(page, "main") == []
    press(page, page.get_by_role("button", name="Save the tools"))
    expect(page.get_by_text("Saved.")).to_be_visible()
    expect(page.get_by_role("checkbox", name="Forecast")).to_be_checked()
    expect(page.get_by_role("checkbox", name="broken")).not_to_be_checked()
    page.goto("/assistants/new")
    type_into(page, "Name", f"Forecaster{next(numbers)}")
    type_into(page, "Model", "gpt-4o")
    press(page, page.get_by_role("checkbox", name="Search in the chat"), "Space")
    press(page, page.get_by_role("checkbox", name=name), "Space")
    assert mistakes(page, "main") == []
    press(page, page.get_by_role("button", name="Add", exact=True))
    expect(page.get_by_text("is here. Say hello")).to_be_visible()
    given = [page.get_by_role("checkbox", name=label) for label in ("Search in the chat", name)]
    for box in given:
        expect(box).to_be_checked()
    expect(page.get_by_role("checkbox", name="Read web pages")).not_to_be_checked()


def test_a_server_that_fails_is_said_aloud_and_can_be_removed(ada):
    with ScriptedServer() as scripted:
        scripted.says["tools/list"] = Raw(b"No", "text/plain", 500)
        form = {"name": f"Broken{next(numbers)}", "url": scripted.url}
        id = re.search(r"\d+", ada.submit("/tool-servers", form).headers["location"])[0]
        page = ada.tab()
        page.goto(f"/tool-servers/{id}/edit")
        page.get_by_role("button", name="Try it").click()
        expect(page.get_by_role("alert").filter(has_text="has a problem")).to_be_focused(timeout=PATIENCE)
    page.get_by_role("button", name="Remove Broken").click()
    page.get_by_role("dialog").get_by_role("button", name="Remove").click()
    expect(page.get_by_text("is removed.")).to_be_visible()
    expect(page.get_by_role("link", name=form["name"])).to_have_count(0)
