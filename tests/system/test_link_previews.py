"""Previews of links on the screens of two people. A worker fetches the page from a server over HTTP."""

import sys

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.linked_site import LinkedSite
from tests.linked_site import Page as Linked
from tests.servers import Worker

from .pages import compare_with_fresh, message, say, sees

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
HEAD = "<title>The plan for this year</title><meta name=description content='What we do, and when.'>"
HOSTILE = f"<title>&lt;b&gt;{'W' * 10_000}</title><meta name=description content='{'long words ' * 1_000}\u202e'>"


class LinkingWorker(Worker):
    def __init__(self, environ: dict[str, str], port: int):
        super().__init__(environ)
        self.command = [sys.executable, "-m", "tests.system.linking_worker", str(port)]


@pytest.fixture(scope="module")
def linked(site):
    with LinkedSite() as linked, LinkingWorker(site.environ, linked.place[1]):
        linked.pages |= {"/plan": Linked(HEAD), "/hostile": Linked(HOSTILE)}
        yield linked


@pytest.fixture
def open_to_all(alice, bob) -> int:
    chat = alice.start_chat(title="Links", kind="open")
    alice.add(bob, chat)
    return chat


def preview(page: Page, text: str) -> Locator:
    return message(page, text).locator(".link-preview")


def test_a_preview_comes_on_both_screens_and_its_author_takes_it_away(alice, bob, open_to_all, linked):
    tabs, url = (alice.tab(open_to_all), bob.tab(open_to_all)), linked.url("/plan")
    say(tabs[0], url)
    for tab in tabs:
        expect(preview(tab, url).get_by_role("link", name="The plan for this year")).to_have_attribute("href", url)
        expect(preview(tab, url)).to_contain_text("What we do, and when.")
        compare_with_fresh(tab, open_to_all)
    remove = "Remove preview"
    expect(preview(tabs[1], url).get_by_role("link", name=remove)).to_have_count(0)
    preview(tabs[0], url).get_by_role("link", name=remove).click()
    for tab in tabs:
        expect(preview(tab, url)).to_have_count(0)
        sees(tab, url)
        compare_with_fresh(tab, open_to_all)


def test_a_hostile_page_moves_nothing_on_a_phone(bob, person, open_to_all, linked):
    carol, url = person("Carol", **PHONE), linked.url("/hostile")
    bob.add(carol, open_to_all)
    page = carol.tab(open_to_all)
    carol.send(open_to_all, url)
    expect(preview(page, url)).to_contain_text("<b>WWW")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert preview(page, url).bounding_box()["height"] < 180
    cross = preview(page, url).get_by_role("link", name="Remove preview").bounding_box()
    assert min(cross["width"], cross["height"]) >= 44
