"""The page about the last hour, with and without JavaScript."""

import pytest
import redis
from playwright.sync_api import Page, expect
from sqlalchemy import create_engine, text

from chatapp.lib.history import History
from chatapp.models.vitals import POINTS, STEP, point

from .axe import mistakes
from .pages import PATIENCE


@pytest.fixture
def ada(site, person):
    """An administrator."""
    ada = person("Ada")
    engine = create_engine(site.environ["DATABASE_URL"])
    with engine.begin() as connection:
        connection.execute(text("UPDATE users SET admin = true WHERE id = :id"), {"id": ada.id})
    engine.dispose()
    return ada


@pytest.fixture
def history(site):
    """The points, of which there are none yet. The server adds none, because it is never its turn."""
    with redis.Redis.from_url(site.environ["REDIS_URL"]) as client:
        history = History(client, "metrics:points", STEP, POINTS)
        client.set(history.turn, 1, ex=600)
        client.delete(history.name)
        yield history
        client.delete(history.name, history.turn)


def note(history: History, count: int, **changes) -> None:
    well = {"streams": 12, "database_up": 1, "processes": {"web": 1, "replies": 1, "jobs": 1}}
    first = history.now() - (count - 1) * STEP
    history.redis.delete(history.name)
    for number in range(count):
        history.note(point({}) | well | {"at": first + number * STEP} | changes)


def open_pages(page: Page):
    return page.get_by_role("img", name="Open pages in the last hour.")


def comes_back(page: Page) -> None:
    """As when somebody returns to its tab."""
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")


def test_the_page_refreshes_itself_and_leaves_alone_what_its_reader_uses(ada, history):
    page = ada.tab()
    note(history, 20)
    page.goto("/vitals")
    expect(open_pages(page)).to_have_accessible_name("Open pages in the last hour. 12 now, 12 at most.")
    page.get_by_text("The same as a table").click()
    table = page.get_by_role("region", name="The last hour")
    table.focus()
    note(history, 20, streams=40, oldest={"default": 190.0, "replies": 0.0})
    comes_back(page)
    fresh = "Open pages in the last hour. 40 now, 40 at most."
    expect(open_pages(page)).to_have_accessible_name(fresh, timeout=PATIENCE)
    expect(page.get_by_role("status")).to_contain_text("Jobs wait for 3 minutes")
    expect(table).to_be_focused()
    expect(table).to_be_visible()
    expect(table.get_by_role("cell", name="40", exact=True)).to_have_count(0)
    table.blur()
    comes_back(page)
    expect(table.get_by_role("cell", name="40", exact=True)).not_to_have_count(0)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_everybody_can_read_it_also_on_a_phone(ada, history, scheme):
    note(history, 60, oldest={"default": 190.0, "replies": 0.0})
    page = ada.tab()
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    page.set_viewport_size({"width": 360, "height": 640})
    page.goto("/vitals")
    page.get_by_text("The same as a table").click()
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    assert mistakes(page) == []


def test_without_javascript_everything_is_there(ada, browser, history):
    note(history, 20)
    with ada.new_context(browser, java_script_enabled=False) as context:
        page = context.new_page()
        page.goto("/vitals")
        expect(open_pages(page)).to_be_visible()
        page.get_by_text("The same as a table").click()
        expect(page.get_by_role("region", name="The last hour")).to_be_visible()
