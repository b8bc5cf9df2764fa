"""What a screen reader hears of an answer: that it begins and how it ends, and not each of its words."""

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.provider import Cut, Paced

from .pages import PATIENCE, expect_poll, say, until_streaming

#: Notes each text that the status line has.
LISTEN = """(line) => {
  window.heard = []
  new MutationObserver(() => heard.push(line.textContent)).observe(line, { childList: true })
}"""


@pytest.fixture
def chat(alice):
    return alice.start_chat(title="Questions", assistant="always")


def status(page: Page) -> Locator:
    return page.locator("[data-controller=answering]")


def regions(page: Page) -> list[dict]:
    """The log and what is in it, as the browser tells a screen reader."""
    tree = page.context.new_cdp_session(page).send("Accessibility.getFullAXTree")["nodes"]
    return [
        {"role": node["role"]["value"]} | {p["name"]: p["value"].get("value") for p in node.get("properties", [])}
        for node in tree
        if not node.get("ignored")
    ]


def busy(page: Page) -> list[bool]:
    """Which messages say that they are not finished."""
    return [bool(node.get("busy")) for node in regions(page) if node["role"] == "article"]


def test_an_answer_is_announced_twice_however_long_it_is(provider, alice, chat):
    provider.will(Paced("One two three four five six seven eight nine ten. " * 80, 0.06))
    page = until_streaming(alice.tab(chat))
    status(page).evaluate(LISTEN)
    say(page, "Count")
    reply = page.locator("article[data-author-kind=assistant]")
    expect(reply.locator(".message__body")).to_contain_text("four", timeout=PATIENCE)
    expect(reply).to_have_attribute("data-state", "generating")
    assert {node.get("live") for node in regions(page) if node["role"] == "log"} == {"polite"}
    assert busy(page) == [False, True]
    expect(reply).to_have_attribute("aria-live", "off")  # the browser tells of the regions that are live only
    provider.release()
    expect(reply).to_have_attribute("data-state", "complete", timeout=PATIENCE)
    expect_poll(page, lambda: page.evaluate("heard.length") == 2)
    assert page.evaluate("heard") == ["Assistant is answering.", "Answer complete."]
    assert busy(page) == [False, False]
    expect(reply).not_to_have_attribute("aria-live", "off")
    line = page.get_by_role("status").filter(has_text="Answer complete.")
    expect(line).to_have_count(1)


def test_an_answer_that_ends_otherwise_says_how_and_another_version_is_an_answer_too(provider, alice, chat):
    provider.will(Cut("I was"), "Now then.")
    page = until_streaming(alice.tab(chat))
    status(page).evaluate(LISTEN)
    say(page, "Count")
    page.get_by_role("link", name="Try again").click(timeout=PATIENCE)
    expect_poll(page, lambda: page.evaluate("heard.length") == 4)
    begins = "Assistant is answering."
    assert page.evaluate("heard") == [begins, "No answer.", begins, "Answer complete."]
