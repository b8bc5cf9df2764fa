"""The same chat on networks that break what they do not know."""

import pytest
from playwright.sync_api import Page, expect

from tests.delivery.proxy import Proxy

from .core import BUSY, LATEST, core_journey, delay, mode, the_assistant_answers
from .pages import PATIENCE, STREAMS, until_live


@pytest.fixture
def proxy(site):
    with Proxy(site.url) as proxy:
        yield proxy


@pytest.fixture
def people(person, proxy):
    """Carol and Dan, who have only this way to the server."""
    return person("Carol", proxy.url), person("Dan", proxy.url)


@pytest.fixture
def chat(people):
    carol, dan = people
    chat = carol.start_chat(title="Through the wall", assistant="mentioned")
    carol.add(dan, chat)
    return chat


def test_where_nothing_may_be_upgraded(proxy, people, chat, provider):
    proxy.faults.refuse_upgrade = True
    carol, dan = (person.tab(chat) for person in people)
    findings = core_journey(carol, dan, chat)
    assert findings.mode == "streaming"
    provider.will("Here I am.")
    the_assistant_answers(carol, dan)


def test_where_every_answer_is_held_until_its_end(proxy, people, chat, provider):
    proxy.faults.hold_until_end = True
    carol, dan = (person.tab(chat) for person in people)
    for tab in (carol, dan):
        assert mode(tab).endswith("-poll")
        expect(tab.get_by_text("Delayed network")).to_be_visible(timeout=PATIENCE)
    findings = core_journey(carol, dan, chat)
    assert findings.usual < LATEST, findings
    assert findings.worst < LATEST + BUSY, findings
    provider.will("Here I am.")
    the_assistant_answers(carol, dan)
    the_visit_remembers(dan)


def the_visit_remembers(page: Page) -> None:
    """No more waiting for a stream that will not come."""
    with page.expect_request(STREAMS) as first:
        page.reload()
    assert "wait=" in first.value.url
    until_live(page)


def test_where_a_held_stream_comes_free_again(proxy, people, chat):
    """Streaming is tried again after a while, beside the answers that end."""
    proxy.faults.hold_until_end = True
    carol, dan = (person.tab(chat) for person in people)
    assert mode(dan).endswith("-poll")
    proxy.faults.clear()
    expect(dan.locator("[data-mode=streaming]")).to_be_visible(timeout=2 * PATIENCE)
    assert delay(carol, dan, "Free") < LATEST + BUSY
    expect(dan.locator(".connection")).to_be_hidden()


def test_where_each_piece_comes_with_the_next_one(proxy, people, chat):
    """Some virus scanners do this. The heartbeats bring the last message after all."""
    proxy.faults.hold_one_back = True
    carol, dan = (person.tab(chat) for person in people)
    findings = core_journey(carol, dan, chat)
    assert findings.worst < LATEST + BUSY, findings


def test_where_connections_are_cut_all_the_time(proxy, people, chat):
    proxy.faults.streams_only, proxy.faults.cut_at = True, 9_000  # bytes: two messages
    carol, dan = (person.tab(chat) for person in people)
    core_journey(carol, dan, chat)
