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
    "health.up", "mentionables.index", "offline_pages.show", "people.index", "place_pictures.show", "portraits.show",
    "probes.show", "permissions.new", "readings.show", "refusals.new", "retries.new", "service_workers.show",
    "sidebars.show", "stops.new", "streams.index", "streams.show", "texts.show", "thumbnails.show", "uploads.show",
    "users.style",
}  # fmt: skip
#: Blueprints about answers of the assistant.
ABOUT_ANSWERS = {"versions", "reasonings", "shares", "tool_uses"}
FIRST_USE = "UPDATE messages SET first_use_id = (SELECT max(id) FROM tool_uses) WHERE id = :id"
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
def answer(site, ada) -> int:
    """An answer with two versions, reasoning and a use of a tool, in a chat that lets it be shared."""
    chat = ada.start_chat(title="Answers", assistant="always", sharing="on")
    question = int(re.search(r'id="message_(\d+)"', ada.send(chat, "How much is it?").text)[1])
    engine = create_engine(site.environ["DATABASE_URL"])
    done = "UPDATE messages SET content = :text, state = 'complete', thought_for = 9, version = 2, versions = 2"
    done += ", revision = revision + 1"
    version = "INSERT INTO reply_versions (message_id, number, content, state) VALUES (:id, 1, :text, 'stopped')"
    thought = "INSERT INTO reasonings (message_id, number, content) VALUES (:id, 1, :text)"
    used = "INSERT INTO tool_uses (message_id, number, round, place, stands_at, call_id, name, title, words, icon,"
    used += " arguments, result, state) VALUES (:id, 2, 1, 0, 0, 'a', 'x', 'Search', 'Searched', 'search', '{}', :text,"
    used += " 'done')"
    with engine.begin() as connection:
        given = {"id": question + 1, "text": LONG}
        for statement in (f"{done} WHERE id = :id", version, thought, used, FIRST_USE):
            connection.execute(text(statement), given)
    engine.dispose()
    return question + 1


@pytest.fixture
def pages(ada, bob, answer) -> list[str]:
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
    form = {"name": f"Helper {chat}", "model": "m", "base_url": "http://127.0.0.1:9/v1", "reply_tokens": "500"}
    assistant = int(re.search(r"\d+", ada.submit("/assistants", form).headers["location"])[0])
    weather = {"name": f"Weather {chat}", "url": "http://127.0.0.1:9/mcp"}
    server = int(re.search(r"\d+", ada.submit("/tool-servers", weather).headers["location"])[0])
    share = ada.submit(f"/messages/{answer}/shares", {}).headers["location"]
    shared = re.search(r"/shared/([\w.-]+)", ada.http.get(share).text)[1]
    ids = {
        "assistants": assistant,
        "tool-servers": server,
        "chats": chat,
        "messages": own,
        "users": bob.id,
        "directs": direct(ada, bob),
        "invitations": number,
    }
    use = re.search(rf"/messages/{answer}/uses/(\d+)", ada.http.get(f"/messages/{answer}/replies").text)[1]
    about_answers = {"messages": answer, "shares": int(share.rpartition("/")[2]), "uses": int(use)}
    more = (
        f"/messages/{id}/replies",
        f"/chats/{chat}?thread={id}",
        "/search?q=short",
        "/search?q=nothing+of+the+kind",
        "/directs/new?q=bo",
        link,
        f"/shared/{shared}",
        f"/messages/{answer}/replies",
    )
    about = {blueprint: ids | about_answers for blueprint in ABOUT_ANSWERS}
    return [*(address(rule, **about.get(rule.endpoint.partition(".")[0], ids)) for rule in rules()), *more]


def rules() -> list[Rule]:
    app = create_app({"SECRET_KEY": "k" * 40, "DATABASE_URL": "sqlite://", "REDIS_URL": "redis://nowhere"})
    found = {rule.endpoint: rule for rule in app.url_map.iter_rules() if "GET" in rule.methods}
    assert found.keys() >= NO_PAGES
    elsewhere = NO_PAGES | {"acceptances.new", "shared_answers.show", "sessions.new", "users.new"}
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
