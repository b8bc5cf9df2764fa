"""The library for live pages in an app that is not this one: the example of its README, in two browsers."""

import pytest
from playwright.sync_api import expect

from tests.servers import redis_server
from tests.turbo.scratch import ScratchBlog

from .pages import PATIENCE


@pytest.fixture
def blog(tmp_path):
    for name in ("app", "redis"):
        (tmp_path / name).mkdir()
    with redis_server(tmp_path / "redis") as redis, ScratchBlog(tmp_path / "app", redis.url) as server:
        yield server


def test_what_one_visitor_writes_in_another_app_another_one_sees_at_once(browser, blog):
    with browser.new_context() as here, browser.new_context() as there:
        writer, reader = here.new_page(), there.new_page()
        mistakes = []
        for page in (writer, reader):
            page.on("pageerror", lambda error: mistakes.append(error))
            page.goto(blog.url)
            expect(page.locator("live-page")).to_have_attribute("data-mode", "streaming", timeout=PATIENCE)
        for words in ("Hello", "And again"):
            writer.get_by_label("Comment").fill(words)
            writer.get_by_role("button", name="Send").click()
            expect(writer.get_by_label("Comment")).to_have_value("", timeout=PATIENCE)  # the answer's page is there
            for page in (writer, reader):
                expect(page.locator("#comments_post_1 p").last).to_have_text(words, timeout=PATIENCE)
        live = words_of(reader)
        reader.reload()
        expect(reader.locator("live-page")).to_have_attribute("data-mode", "streaming", timeout=PATIENCE)
        assert "revision=2" in live and words_of(reader) == live
        assert mistakes == []


def words_of(page) -> str:
    """The live part of the page, and the revision that it shows, which is in the address of its stream. No spaces."""
    return "".join(page.locator("live-page").evaluate("(element) => element.outerHTML").split())
