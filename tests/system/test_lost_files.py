"""A network that loses some of a page's scripts and style sheets."""

import re
from collections import Counter

import pytest
from playwright.sync_api import Page, expect

from .middlebox import Middlebox
from .pages import PATIENCE, expect_poll, open_chat, say, sees

MOST = 3  # style sheets and scripts of a page, that of the reader's own style among them

STYLED = "getComputedStyle(document.documentElement).getPropertyValue('--own-background') !== ''"


class Loses:
    """The first ``times`` requests for each file get no answer; ``kind`` is how their paths end."""

    def __init__(self, times: float, kind: str = ""):
        self.times, self.kind = times, kind
        self.asked = Counter()

    def __call__(self, request: bytes) -> bytes:
        path = request.split(b" ")[1].split(b"?")[0].decode()
        if re.match(r"/static/|/users/", path) and path.endswith(self.kind):
            self.asked[path] += 1
            if self.asked[path] <= self.times:
                raise ConnectionAbortedError
        return request


@pytest.fixture
def behind(site, person):
    boxes = []

    def arrive(guard):
        boxes.append(Middlebox(site.url, guard=guard).__enter__())
        return person("Carol", url=boxes[-1].url)

    yield arrive
    for box in boxes:
        box.__exit__()


def test_what_is_lost_twice_is_loaded_again_and_the_page_lives(behind):
    guard = Loses(2)
    carol = behind(guard)
    page = open_chat(carol.tab(), carol.start_chat())
    say(page, "Alive")
    sees(page, "Alive")
    expect_poll(page, lambda: page.evaluate(STYLED))
    expect(page.locator("#missing")).to_have_count(0)
    assert max(guard.asked.values()) >= 3


@pytest.mark.parametrize("kind", [".js", ".css"])
def test_what_never_arrives_is_named(behind, kind):
    carol = behind(Loses(float("inf"), kind))
    page = carol.tab()
    page.goto("/chats/new", wait_until="commit")
    expect(page.get_by_role("alert")).to_contain_text(kind, timeout=2 * PATIENCE)
    expect(page.get_by_role("link", name="Load it again")).to_be_visible()


def test_a_style_sheet_stays_named_when_the_script_comes_late(alice):
    page, held = alice.tab(), []
    page.route(re.compile(r"/static/.*\.css"), lambda route: route.abort())
    page.route(re.compile(r"/static/.*\.js"), lambda route: held.append(route))
    page.goto("/chats/new", wait_until="commit")
    expect(page.get_by_role("alert")).to_contain_text(".css", timeout=PATIENCE)
    held[0].continue_()
    page.wait_for_load_state("load")
    expect(page.locator("html[data-runs]")).to_have_count(1)
    expect(page.get_by_role("alert")).to_contain_text(".css")


def test_a_cold_page_asks_for_few_files(person):
    page: Page = person("Dan").tab()
    files = []
    page.on("request", lambda request: files.append(request.url) if re.search(r"\.(js|css)\b", request.url) else None)
    page.goto("/")
    expect(page.locator("html[data-runs]")).to_have_count(1, timeout=PATIENCE)
    assert len(files) <= MOST, files
