"""Chats on networks that change the answers, or cut them when they are quiet."""

import re

import pytest
from playwright.sync_api import expect

from tests.servers import gunicorn

from .core import core_journey, mode
from .middlebox import Middlebox, cut_in_silence, retype, until_the_end
from .pages import PATIENCE, STREAMS, open_chat

#: Notes in the page the address of the stream that brought the last heartbeat, and the number of its heartbeats.
COUNT_BEATS = """
  const Original = EventSource
  window.EventSource = class extends Original {
    beats = 0
    constructor(url) {
      super(url)
      this.addEventListener("beat", () => {
        document.documentElement.dataset.beats = ++this.beats
        document.documentElement.dataset.stream = url
      })
    }
  }
"""


@pytest.mark.parametrize(
    "content_type", [b"text/plain", b"application/octet-stream", b""], ids=["text", "binary", "none"]
)
def test_a_stream_that_lost_its_content_type_on_the_way_is_read_all_the_same(site, person, content_type):
    with Middlebox(site.url, retype(content_type)) as box:
        carol, dan = person("Carol", box.url), person("Dan", box.url)
        chat = carol.start_chat(title="Through the wall")
        carol.add(dan, chat)
        core_journey(carol.tab(chat), tab := dan.tab(chat), chat, rounds=2)
        assert mode(tab) == "long-poll"


def test_who_types_is_seen_while_they_type_where_answers_are_held_until_their_end(site, person, alice, chat):
    with Middlebox(site.url, until_the_end) as box:
        dan = person("Dan", box.url)
        alice.add(dan, chat)
        page = dan.tab(chat)
        for _ in range(3):  # until the answers take longer than a passing state lasts
            with page.expect_request(re.compile(r"wait=([5-9]|\d\d)"), timeout=2 * PATIENCE):
                pass
        with page.expect_response(STREAMS, timeout=12_000):  # far sooner than the end of its wait, 25 s by now
            assert alice.turbo("POST", f"/chats/{chat}/typing", {}).status_code == 204
        expect(page.locator(".typing")).to_contain_text("Alice is typing")


def test_a_page_asks_for_a_heartbeat_below_the_silence_that_its_network_stands(site, person):
    with gunicorn(site.environ | {"HEARTBEAT_SECONDS": "60"}) as web, Middlebox(web.url, cut_in_silence(4)) as box:
        carol = person("Carol", box.url)
        chat, page = carol.start_chat(title="Quiet"), carol.tab()
        page.add_init_script(COUNT_BEATS)
        open_chat(page, chat)
        expect(page.locator("html")).to_have_attribute(
            "data-beats", re.compile(r"^([3-9]|\d\d+)$"), timeout=3 * PATIENCE
        )
        expect(page.locator("html")).to_have_attribute("data-stream", re.compile(r"[?&]beat=2$"))
        assert mode(page) == "streaming"
