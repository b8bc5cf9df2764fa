"""What holds for every page. The pages come from the URL map, so a new route is looked at, or named here as no page."""

import re

import pytest
from playwright.sync_api import Page
from sqlalchemy import create_engine, text
from werkzeug.routing import Rule

from chatapp import create_app
from tests.routes import address

from .axe import mistakes
from .test_people import direct

#: Endpoints that answer GET with something else: a part of a page, a stream, a file, or data.
NO_PAGES = {
    "assets.show", "attachments.show", "continuations.new", "emoji.index", "health.metrics", "health.ready",
    "health.up", "mentionables.index", "offline_pages.show", "people.index", "portraits.show", "probes.show",
    "retries.new", "service_workers.show", "sidebars.show", "stops.new", "streams.index", "streams.show",
    "thumbnails.show", "uploads.show", "users.style",
}  # fmt: skip
FOR_STRANGERS = ("/login", "/signup")
LONG = "| a | b |\n|---|---|\n| 1 | 2 |\n\n```python\nprint('" + "x" * 200 + "')\n```\n\n" + "w" * 300


@pytest.fixture
def ada(site, person):
    """An administrator, who sees every kind of page."""
    ada = person("Ada")
    engine = create_engine(site.environ["DATABASE_URL"])
    with engine.begin() as connection:
        connection.execute(text("UPDATE users SET admin = true WHERE id = :id"), {"id": ada.id})
    engine.dispose()
    return ada


@pytest.fixture
def pages(ada, bob) -> list[str]:
    """The addresses of all pages, with something on each of them."""
    chat = ada.start_chat(title="Every page", description="What every page has to show", assistant="never")
    ada.add(bob, chat)
    ada.send(chat, LONG)
    id = int(re.search(r'id="message_(\d+)"', bob.send(chat, f"Short, @{ada.name}").text)[1])
    own = int(re.search(r'id="message_(\d+)"', ada.send(chat, "Mine").text)[1])
    for resource in ("pins", "bookmarks"):
        ada.submit(f"/messages/{id}/{resource}", {})
    ada.submit(f"/messages/{id}/reactions", {"emoji": "👍"})
    invitation = ada.submit("/invitations", {"days": "7", "uses": "5"}).headers["location"]
    link = re.search(r"/invitations/[\w.-]{9,}", ada.http.get(invitation).text)[0]
    number = int(invitation.rpartition("/")[2])
    ids = {"chats": chat, "messages": own, "users": bob.id, "directs": direct(ada, bob), "invitations": number}
    more = (
        f"/messages/{id}/replies",
        f"/chats/{chat}?thread={id}",
        "/search?q=short",
        "/search?q=nothing+of+the+kind",
        "/directs/new?q=bo",
        link,
    )
    return [*(address(rule, **ids) for rule in rules()), *more]


def rules() -> list[Rule]:
    app = create_app({"SECRET_KEY": "k" * 40, "DATABASE_URL": "sqlite://", "REDIS_URL": "redis://nowhere"})
    found = {rule.endpoint: rule for rule in app.url_map.iter_rules() if "GET" in rule.methods}
    assert found.keys() >= NO_PAGES
    elsewhere = NO_PAGES | {"acceptances.new", "sessions.new", "users.new"}
    return [rule for endpoint, rule in found.items() if endpoint not in elsewhere]


def test_nothing_is_cut_off_on_a_small_screen(ada, pages):
    page = ada.tab()
    page.set_viewport_size({"width": 360, "height": 640})
    widths = {address: look(page, address).evaluate("document.documentElement.scrollWidth") for address in pages}
    assert {address: width for address, width in widths.items() if width > 360} == {}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(ada, browser, site, pages, scheme):
    page = ada.tab()
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    found = {address: mistakes(look(page, address)) for address in pages}
    with browser.new_context(base_url=site.url, color_scheme=scheme, reduced_motion="reduce") as anonymous:
        stranger = anonymous.new_page()
        found |= {address: mistakes(look(stranger, address)) for address in FOR_STRANGERS}
    assert {address: what for address, what in found.items() if what} == {}


def look(page: Page, address: str) -> Page:
    answer = page.goto(address)
    assert answer.ok, f"{address} answers {answer.status}"
    return page
