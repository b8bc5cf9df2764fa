"""A reply on the page while it grows."""

import random
import re
import threading
from collections import defaultdict
from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.jobs.test_growing_replies import ANSWER, tokens
from tests.lib.test_markdown_tail import HOSTILE
from tests.provider import Paced

from .pages import PATIENCE, compare_with_fresh, say, until_streaming


@pytest.fixture
def chat(alice, bob):
    """The assistant answers to everything here."""
    chat = alice.start_chat(title="Questions", assistant="always")
    alice.add(bob, chat)
    return chat


def body(page: Page, state: str) -> Locator:
    reply = page.locator("article[data-author-kind=assistant]").last
    expect(reply).to_have_attribute("data-state", state, timeout=PATIENCE)
    return reply.locator(".message__body")


#: Selects some words where they stand, and keeps the element around them.
SELECT = """(body, words) => {
  const texts = document.createTreeWalker(body, NodeFilter.SHOW_TEXT)
  while (texts.nextNode()) {
    const start = texts.currentNode.data.indexOf(words)
    if (start < 0) continue
    getSelection().setBaseAndExtent(texts.currentNode, start, texts.currentNode, start + words.length)
    window.selected = texts.currentNode.parentElement
    return true
  }
  return false
}"""


class Held(list):
    """Pieces of an answer, of which those behind the first 500 wait for ``go_on``."""

    def __init__(self, pieces: list[str]):
        super().__init__(pieces)
        self.go_on = threading.Event()

    def __iter__(self) -> Iterator[str]:
        for number, piece in enumerate(super().__iter__()):
            if number == 500:
                self.go_on.wait(PATIENCE / 1000)
            yield piece


@pytest.fixture
def held(provider) -> Held:
    """The answer of the model, which stops half-way until it may go on."""
    pieces = Held(tokens(ANSWER))
    provider.will(Paced(pieces, 0.004))
    return pieces


@pytest.mark.parametrize("words", ["another one", "total", "number 2"])
def test_what_somebody_has_selected_stays_selected_while_the_text_grows(held, alice, chat, words):
    page = alice.tab(chat)
    say(page, "How does it work?")
    growing = body(page, "generating")
    expect(growing).to_contain_text(words, timeout=PATIENCE)
    assert growing.evaluate(SELECT, words)
    held.go_on.set()
    expect(body(page, "complete")).to_contain_text("number 10", timeout=PATIENCE)
    assert page.evaluate("getSelection().toString()") == words
    assert page.evaluate("window.selected.isConnected")
    compare_with_fresh(page, chat)


def test_a_page_that_is_opened_in_the_middle_shows_what_is_there_and_goes_on(held, alice, bob, chat):
    first = alice.tab(chat)
    say(first, "How does it work?")
    expect(body(first, "generating")).to_contain_text("A second point", timeout=PATIENCE)
    later = bob.tab(chat)
    expect(body(later, "generating")).to_contain_text("How it works")
    expect(body(later, "generating").locator("tbody tr")).to_have_count(2)
    expect(body(later, "generating").get_by_role("button", name="Copy")).to_have_count(1)
    held.go_on.set()
    for page in (first, later):
        expect(body(page, "complete")).to_contain_text("number 10", timeout=PATIENCE)
        expect(body(page, "complete").get_by_role("button", name="Copy")).to_have_count(1)
        compare_with_fresh(page, chat)


ANOTHER_STATE = """(body) => {
  body.closest("article").dataset.revision = 1
  body.dataset.source = body.innerHTML = "<p>How it</p>"
}"""


def test_a_page_that_shows_another_state_of_the_reply_catches_up(held, alice, chat):
    page = alice.tab(chat)
    say(page, "How does it work?")
    growing = body(page, "generating")
    expect(growing).to_contain_text("How it works", timeout=PATIENCE)
    growing.evaluate(ANOTHER_STATE)
    held.go_on.set()
    expect(body(page, "complete")).to_contain_text("number 10", timeout=PATIENCE)
    compare_with_fresh(page, chat)


@pytest.mark.parametrize("seed", range(3))
def test_texts_cut_at_awkward_places_are_shown_as_a_fresh_page_shows_them(provider, alice, chat, seed):
    dice, texts = random.Random(seed), list(HOSTILE)
    dice.shuffle(texts)
    text = "\n\n".join(texts)
    provider.will(Paced(re.findall(rf"(?s).{{1,{dice.randrange(2, 9)}}}", text), 0.03))
    page = alice.tab(chat)
    mistakes = page.evaluate("""() => {
      const growths = (window.growths = { shown: 0, wrong: [] })
      addEventListener("turbo:before-stream-render", ({ detail: { newStream } }) => {
        if (newStream.action !== "grow") return
        queueMicrotask(() => {
          const body = document.querySelector("[data-source]")
          if (!body) return
          const template = document.createElement("template")
          template.innerHTML = body.dataset.source
          const shown = body.cloneNode(true)
          shown.querySelectorAll(".copy-code").forEach((button) => button.remove())
          growths.shown++
          if (shown.innerHTML !== template.innerHTML) growths.wrong.push([shown.innerHTML, template.innerHTML])
        })
      })
    }""")
    assert mistakes is None
    say(page, "Show me everything")
    expect(body(page, "complete")).to_contain_text("[n]", timeout=PATIENCE)
    growths = page.evaluate("window.growths")
    assert growths["shown"] > 3 and growths["wrong"] == []
    compare_with_fresh(page, chat)


def test_a_viewer_is_sent_the_html_of_a_growing_reply_once_and_a_little_around_each_step(provider, alice, bob, chat):
    """With the list of chats and the heartbeats, from where it shows that the question will be answered.

    How many steps there are depends on how busy the machine is; tests/jobs/test_growing_replies.py sets the clock.
    """
    page, received, counting = until_streaming(bob.tab(chat)), defaultdict(list), threading.Event()
    provider.will(lambda request: counting.wait(PATIENCE / 1000) and Paced(tokens(ANSWER), 0.01))
    network = page.context.new_cdp_session(page)
    network.send("Network.enable")
    network.on("Network.dataReceived", lambda event: received[event["requestId"]].append(event["dataLength"]))
    page.evaluate("window.steps = 0, addEventListener('turbo:before-stream-render', () => window.steps++)")
    say(alice.tab(chat), "How does it work?")
    expect(page.locator("article[data-author-kind=assistant]")).to_have_count(1)
    received.clear()
    counting.set()
    expect(body(page, "complete")).to_contain_text("number 10", timeout=PATIENCE)
    reply = page.locator("article[data-author-kind=assistant]").last
    html = len(reply.evaluate("(article) => article.outerHTML").encode())
    stream = max(received.values(), key=len)  # beside it a busy page may still load something else
    steps = page.evaluate("window.steps")
    assert steps > 5
    assert 0.8 * html < sum(stream) <= 2 * html + 600 * steps
