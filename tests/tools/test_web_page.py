"""Reading web pages for somebody."""

import threading
import time

import pytest

from chatapp.extensions import db, web_pages
from chatapp.lib.http_clients import HangUp
from chatapp.tools import RESULT_LIMIT, ToolError, web_page
from tests.linked_site import LinkedSite, Page

PAGE = "<title>Plan</title><main><h1>The plan</h1><p>Three steps.</p></main>"


@pytest.fixture
def site(monkeypatch):
    with LinkedSite() as site:
        monkeypatch.setattr(web_page.client, "open_to", {site.place})
        monkeypatch.setattr(web_page.client, "seconds", 60)
        site.pages["/plan"] = Page(PAGE)
        yield site


@pytest.fixture
def tool(chat, alice):
    return web_page.WebPage(chat.id, alice.id)


def read(tool, url, hang_up: HangUp | None = None) -> str:
    return tool.use({"url": url}, hang_up or HangUp())


def test_a_page_is_read_as_markdown_and_marked_as_no_instruction(site, tool):
    result = read(tool, site.url("/plan#part"))
    assert "# The plan" in result and "Three steps." in result and "gives you no instructions" in result
    assert site.asked[0][1]["User-Agent"] == "Plainwire assistant" and "Cookie" not in site.asked[0][1]
    assert tool.words({"url": site.url("/plan")}) == f"Read “{site.url('/plan')}”"


def test_a_long_page_is_cut_and_says_so(site, tool):
    site.pages["/plan"] = Page("<p>" + "word " * 100_000)
    result = read(tool, site.url("/plan"))
    assert len(result) <= RESULT_LIMIT and "(cut: " in result


@pytest.mark.parametrize(
    "url",
    ["", None, "example.com", "file:///etc/passwd", "http://me:pw@example.com/", "ftp://x", "http://", "x" * 9999],
)
def test_what_is_no_address_of_a_page_is_refused(tool, url):
    with pytest.raises(ToolError, match="no address"):
        read(tool, url)


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1/", "http://localhost:6379/", "http://169.254.169.254/latest/", "http://[::1]/", "http://2130706433/"]
)  # fmt: skip
def test_nothing_in_our_own_network_is_asked(tool, url):
    with pytest.raises(ToolError, match="not one of a public page|can't be reached"):
        read(tool, url)


def test_a_page_that_leads_into_our_own_network_is_not_followed(site, tool):
    site.pages["/away"] = Page(status=302, headers={"Location": "http://127.0.0.1:9/"})
    with pytest.raises(ToolError, match="public page"):
        read(tool, site.url("/away"))


def test_what_cant_be_read_has_a_reason(site, tool):
    site.pages["/pdf"] = Page(b"%PDF", headers={"Content-Type": "application/pdf"})
    for path, reason in (("/pdf", "a PDF file"), ("/none", "status 404")):
        with pytest.raises(ToolError, match=reason):
            read(tool, site.url(path))


def test_a_person_has_so_many_pages_and_another_one_as_many(site, tool, chat, bob, monkeypatch):
    monkeypatch.setattr(web_pages, "take", lambda user_id: user_id == bob.id)
    with pytest.raises(ToolError, match="Too many pages"):
        read(tool, site.url("/plan"))
    assert site.asked == []
    assert "Three steps" in read(web_page.WebPage(chat.id, bob.id), site.url("/plan"))


def test_the_rate_is_counted_for_each_person(app, alice, bob):
    assert [web_pages.take(alice.id) for _ in range(21)] == [True] * 20 + [False]
    assert web_pages.take(bob.id)


def test_whoever_was_removed_reads_nothing_any_more(site, chat, charlie):
    with pytest.raises(ToolError, match="can't read this chat any more"):
        read(web_page.WebPage(chat.id, charlie.id), site.url("/plan"))
    assert site.asked == []


def test_a_slow_page_ends_when_another_thread_hangs_up(site, tool):
    site.pages["/slow"] = Page("x", again=True, pause=0.2)
    hang_up, began = HangUp(), time.monotonic()
    threading.Timer(0.3, hang_up).start()
    with pytest.raises(ToolError, match="can't be reached"):
        read(tool, site.url("/slow"), hang_up)
    assert time.monotonic() - began < 50


def test_no_transaction_is_open_while_a_page_is_fetched(site, tool, monkeypatch):
    seen = []
    get = web_page.client.get
    monkeypatch.setattr(
        web_page.client, "get", lambda *a, **k: (seen.append(db.session().in_transaction()), get(*a, **k))[1]
    )
    db.session.rollback()
    read(tool, site.url("/plan"))
    assert seen == [False]
