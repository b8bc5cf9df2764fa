"""The one promise, in a real browser: once things are quiet, the page shows what a fresh one shows."""

import random
import re

import pytest
from playwright.sync_api import Page, expect

from tests.delivery.proxy import Proxy

from .browsers import launch
from .pages import (
    PATIENCE,
    STREAMS,
    compare_with_fresh,
    expect_poll,
    messages,
    open_chat,
    scroll_until,
    scroll_up,
    sees,
    stream,
    until_live,
    until_shows,
)

#: Safari keeps pages that say no-store, and so does Chromium where it is told to.
KEEPS_PAGES = {
    "args": ["--enable-features=CacheControlNoStoreEnterBackForwardCache:level/restore-unless-http-only-cookie-change"],
    "keeps_pages": True,
}
WHY_NOT_KEPT = "JSON.stringify(performance.getEntriesByType('navigation')[0].notRestoredReasons)"
HISTORY = re.compile(r"/messages\?before=")


class Changes:
    """Changes to one chat, which Alice makes by plain HTTP."""

    def __init__(self, person, chat: int, seed: int = 0):
        self.person, self.chat = person, chat
        self.random = random.Random(seed)
        self.ids: list[int] = []
        self.count = 0

    def send(self, text: str = "") -> int:
        self.count += 1
        answer = self.person.send(self.chat, text or f"Message {self.count} with **bold** and\n\n```\ncode\n```")
        assert answer.status_code == 201, answer.text
        self.ids.append(int(re.search(r'id="message_(\d+)"', answer.text)[1]))
        return self.ids[-1]

    def edit(self, id: int | None = None) -> None:
        self.count += 1
        self.person.turbo("PATCH", f"/messages/{id or self.random.choice(self.ids)}", {"content": f"Edit {self.count}"})

    def delete(self, id: int | None = None) -> None:
        id = id or self.random.choice(self.ids)
        self.ids.remove(id)
        self.person.turbo("DELETE", f"/messages/{id}")

    def rename(self) -> None:
        self.count += 1
        form = {"_method": "patch", "title": f"Title {self.count}", "kind": "closed", "assistant": "never"}
        self.person.submit(f"/chats/{self.chat}", form)

    def some_of_each(self) -> None:
        """Every kind of change, in an order of this seed's own."""
        kinds = [self.send, self.send, self.edit, self.edit, self.delete, self.rename]
        self.random.shuffle(kinds)
        for change in kinds:
            change()
        self.send()


@pytest.fixture
def changes(alice, chat) -> Changes:
    changes = Changes(alice, chat)
    for _ in range(4):
        changes.send()
    return changes


@pytest.fixture
def through_proxy(person, site, alice, chat):
    """Carol, who comes to the chat by a way that can be broken; and that way."""
    with Proxy(site.url) as proxy:
        carol = person("Carol", proxy.url)
        alice.add(carol, chat)
        yield carol, proxy


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_after_every_change(seed, alice, bob, chat):
    changes = Changes(alice, chat, seed)
    page = bob.tab(chat)
    for _ in range(3):
        changes.send()
    kinds = [changes.send, changes.edit, changes.delete, changes.rename, changes.send, changes.edit]
    changes.random.shuffle(kinds)
    for change in kinds:
        change()
        compare_with_fresh(page, chat)


def test_after_members_come_and_go(alice, bob, chat, person):
    page = bob.tab(chat)
    carol = person("Carol")
    alice.add(carol, chat)
    compare_with_fresh(page, chat)
    expect(page.get_by_role("link", name="3 members")).to_be_visible()
    alice.remove(carol, chat)
    compare_with_fresh(page, chat)
    expect(page.get_by_role("link", name="2 members")).to_be_visible()


def test_after_a_turbo_visit_away_and_back(bob, alice, chat, changes):
    other = alice.start_chat(title="Elsewhere")
    alice.add(bob, other)
    page = bob.tab(chat)
    page.evaluate("window.sameDocument = true")
    walk_to(page, other)
    changes.some_of_each()
    walk_to(page, chat)  # anew, not the old page as a preview
    compare_with_fresh(page, chat)
    walk_to(page, other)
    changes.some_of_each()
    page.go_back()  # the old page as it was, which has to catch up
    until_live(page)
    compare_with_fresh(page, chat)
    changes.some_of_each()
    compare_with_fresh(page, chat)
    assert page.evaluate("window.sameDocument"), "these were no Turbo visits"


def walk_to(page: Page, chat: int) -> None:
    link = page.locator(f".chats__link[href='/chats/{chat}']")
    link.click(timeout=PATIENCE)
    expect(page).to_have_url(re.compile(f"/chats/{chat}$"))
    expect(page.locator(f"#header_chat_{chat}")).to_be_visible(timeout=PATIENCE)
    until_live(page)


def test_while_a_visit_is_under_way(bob, alice, chat, changes):
    other = alice.start_chat(title="Elsewhere")
    alice.add(bob, other)
    page = bob.tab(chat)
    held = []
    page.route(re.compile(f"/chats/{other}$"), lambda route: held.append(route))
    page.locator(f".chats__link[href='/chats/{other}']").click(timeout=PATIENCE)
    wait_for(page, lambda: held)
    changes.some_of_each()
    until_shows(page, alice.revision(chat))
    held[0].continue_()
    expect(page.locator(f"#header_chat_{other}")).to_be_visible(timeout=PATIENCE)
    page.go_back()
    until_live(page)
    compare_with_fresh(page, chat)


def wait_for(page: Page, condition) -> None:
    """For what happens here and not on the page, which goes on meanwhile."""
    for _ in range(PATIENCE // 20):
        if condition():
            return
        page.wait_for_timeout(20)
    raise AssertionError("It did not happen.")


def test_after_a_reload(bob, chat, changes):
    page = bob.tab(chat)
    changes.some_of_each()
    page.reload()
    until_live(page)
    compare_with_fresh(page, chat)
    changes.some_of_each()
    compare_with_fresh(page, chat)


@pytest.fixture
def long_chat(bob, chat, changes):
    """Bob has read all of it, so that his page opens with the newest messages alone."""
    for _ in range(116):
        changes.send("Long ago")
    bob.turbo("POST", f"/chats/{chat}/reads", {"message_id": changes.ids[-1]})
    return changes


def test_with_history_scrolled_up(bob, chat, long_chat):
    page = bob.tab(chat)
    scroll_up(page, until=long_chat.ids[40])
    for id in (long_chat.ids[60], long_chat.ids[100], long_chat.ids[119]):
        long_chat.edit(id)
    for id in (long_chat.ids[62], long_chat.ids[101], long_chat.ids[2]):
        long_chat.delete(id)
    compare_with_fresh(page, chat)
    scroll_up(page)
    expect(messages(page)).to_have_count(117)
    compare_with_fresh(page, chat)


def test_what_changes_in_a_page_of_history_that_is_on_its_way(bob, chat, long_chat):
    page, held = bob.tab(chat), []
    page.route(HISTORY, lambda route: held.append((route, route.fetch())), times=1)  # old when it comes
    scroll_until(page, "top", lambda: held)
    edited, deleted, shown = long_chat.ids[65], long_chat.ids[66], long_chat.ids[110]
    long_chat.edit(edited)
    long_chat.delete(deleted)
    long_chat.edit(shown)
    sees(page, f"Edit {long_chat.count}")
    [(route, answer)] = held
    route.fulfill(response=answer)
    expect(messages(page)).not_to_have_count(50, timeout=PATIENCE)
    compare_with_fresh(page, chat)


def test_reading_on_does_not_move_what_is_read(bob, chat, long_chat):
    page = bob.tab(chat)
    first = messages(page).first
    id = first.get_attribute("id")
    page.locator(".conversation__scroller").evaluate("(scroller) => (scroller.scrollTop = 0)")
    expect(messages(page)).not_to_have_count(50, timeout=PATIENCE)
    expect(page.locator(f"#{id}")).to_be_in_viewport()


def test_after_a_hidden_tab_has_let_go_of_its_stream(bob, chat, changes):
    """One hidden tab of a browser stays awake, for the unread mark; so there are two."""
    awake, asleep = bob.context.new_page(), bob.context.new_page()
    for tab in (awake, asleep):
        tab.add_init_script(REST_AT_ONCE)
        open_chat(tab, chat)
    hide(awake)
    kept = "async () => (await navigator.locks.query()).held.some(({ name }) => name === 'turbo-hidden-stream')"
    expect_poll(awake, lambda: awake.evaluate(kept))
    changes.send()
    until_shows(awake, changes.person.revision(chat))
    with asleep.expect_event("requestfailed", lambda request: STREAMS.search(request.url), timeout=PATIENCE):
        hide(asleep)
    changes.some_of_each()
    shown = asleep.evaluate("document.querySelector('.messages').innerHTML")
    compare_with_fresh(awake, chat)
    assert asleep.evaluate("document.querySelector('.messages').innerHTML") == shown
    for tab in (awake, asleep):
        show(tab)
        compare_with_fresh(tab, chat)
        expect(tab.locator(f"#unread_chat_{chat}")).to_have_text("")


#: Instead of half a minute after it was hidden.
REST_AT_ONCE = """new MutationObserver(() => {
  document.querySelector("[data-stream-url-value]")?.setAttribute("data-stream-hidden-after-value", "0.1")
}).observe(document, { childList: true, subtree: true })"""


def hide(page: Page) -> None:
    """A headless browser takes each of its tabs for visible."""
    page.evaluate(
        """() => {
          Object.defineProperty(document, "hidden", { get: () => true, configurable: true })
          document.dispatchEvent(new Event("visibilitychange"))
        }"""
    )


def show(page: Page) -> None:
    page.evaluate(
        """() => {
          delete document.hidden
          document.dispatchEvent(new Event("visibilitychange"))
        }"""
    )


def test_out_of_the_back_forward_cache(person, playwright, alice, chat, changes):
    with launch(playwright, **KEEPS_PAGES) as browser:
        dora = person("Dora", browser=browser)
        alice.add(dora, chat)
        page = dora.context.new_page()
        page.add_init_script("addEventListener('pageshow', ({ persisted }) => (window.persisted = persisted))")
        open_chat(page, chat)
        page.goto("/up")
        changes.some_of_each()
        page.go_back(wait_until="commit")
        expect_poll(page, lambda: page.evaluate("window.persisted !== undefined"))
        assert page.evaluate("persisted"), page.evaluate(WHY_NOT_KEPT)
        compare_with_fresh(page, chat)
        changes.some_of_each()
        compare_with_fresh(page, chat)


def test_after_a_network_that_was_away(bob, chat, changes):
    page = bob.tab(chat)
    bob.context.set_offline(True)
    changes.some_of_each()
    bob.context.set_offline(False)
    compare_with_fresh(page, chat)


def test_after_a_restart_of_the_server(site, bob, chat, changes):
    page = bob.tab(chat)
    site.web.restart()
    changes.some_of_each()
    compare_with_fresh(page, chat)


@pytest.mark.parametrize("status", [401, 429, 503])
def test_after_the_stream_was_refused_for_a_while(status, through_proxy, chat, changes):
    carol, proxy = through_proxy
    page = carol.tab(chat)
    refuse(proxy, status)
    with page.expect_response(lambda response: response.status == status, timeout=PATIENCE):
        proxy.cut_all()
    changes.some_of_each()
    proxy.faults.clear()
    compare_with_fresh(page, chat)


def refuse(proxy: Proxy, status: int) -> None:
    proxy.faults.streams_only, proxy.faults.status = True, status


def test_after_a_connection_that_died_without_a_word(through_proxy, chat, changes):
    carol, proxy = through_proxy
    page = carol.tab(chat)
    proxy.faults.streams_only = proxy.faults.black_hole = True
    changes.some_of_each()
    expect(page.get_by_text("Reconnecting")).to_be_visible(timeout=PATIENCE)
    proxy.faults.clear()
    compare_with_fresh(page, chat)
    expect(page.locator(".connection")).to_be_hidden(timeout=PATIENCE)


def test_after_more_changes_than_are_sent_one_by_one(through_proxy, chat, changes):
    carol, proxy = through_proxy
    page = carol.tab(chat)
    refuse(proxy, 503)
    proxy.cut_all()
    for _ in range(110):
        changes.send()
    proxy.faults.clear()
    compare_with_fresh(page, chat)
    changes.some_of_each()
    compare_with_fresh(page, chat)


@pytest.mark.parametrize("cursor", ["999999", "nonsense", "0"])
def test_after_the_page_came_with_a_bad_cursor(cursor, bob, chat, changes):
    page = bob.tab(chat)
    address = f"/chats/{chat}/stream?revision={cursor}"
    stream(page).evaluate("(element, address) => (element.dataset.streamUrlValue = address)", address)
    page.evaluate("dispatchEvent(new Event('online'))")
    expect(stream(page)).to_have_attribute("data-stream-url-value", re.compile(rf"revision=(?!{cursor}$)\d+$"))
    compare_with_fresh(page, chat)
    changes.some_of_each()
    compare_with_fresh(page, chat)
