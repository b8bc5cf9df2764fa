"""Turbo Streams work on our pages as in Turbo's handbook, although our own code applies them."""

import re

import pytest
from playwright.sync_api import Page, Route, expect

from .pages import PATIENCE, composer, expect_poll, message, say, sees

POSTS = re.compile(r"/chats/\d+/messages$")


#: Somebody goes to the list of chats the moment that the next change is applied.
MOVES_ON = """() => addEventListener("turbo:before-stream-render", () => {
  queueMicrotask(() => {
    document.querySelector(".chats__link").focus()
    requestAnimationFrame(() => requestAnimationFrame(() => (window.painted = true)))
  })
}, { once: true })"""


@pytest.fixture
def page(alice, chat) -> Page:
    return alice.tab(chat)


def append(html: str) -> str:
    return f'<turbo-stream action="append" target="main"><template>{html}</template></turbo-stream>'


def update(html: str) -> str:
    return f'<turbo-stream action="update" target="part"><template>{html}</template></turbo-stream>'


def receive(page: Page, html: str, before: str = "() => null") -> None:
    """The page applies ``html``, which the server seems to answer to a message; ``before`` runs just before that."""

    def answer(route: Route) -> None:
        page.evaluate(before)
        route.fulfill(status=201, content_type="text/vnd.turbo-stream.html", body=html)

    page.unroute_all()
    page.route(POSTS, answer)
    with page.expect_response(POSTS):
        say(page, "Give me that")


def test_what_is_no_message_can_be_removed(page):
    receive(page, append('<p id="extra">Extra</p>'))
    expect(page.locator("#extra")).to_be_visible()
    receive(page, '<turbo-stream action="remove" target="extra"></turbo-stream>')
    expect(page.locator("#extra")).to_have_count(0)


def test_what_only_contains_messages_can_be_replaced(page):
    receive(page, append('<div id="box">Empty</div>'))
    expect(page.locator("#box")).to_have_text("Empty")
    box = '<div id="box"><article id="message_7" data-message-id="7">A message of another chat</article></div>'
    receive(page, f'<turbo-stream action="replace" target="box"><template>{box}</template></turbo-stream>')
    expect(page.locator("#box article")).to_have_text("A message of another chat")


def test_several_elements_are_changed_by_a_selector(page):
    receive(page, append('<p class="extra"></p><p class="extra"></p>'))
    receive(page, '<turbo-stream action="update" targets=".extra"><template>Both</template></turbo-stream>')
    expect(page.locator(".extra")).to_have_text(["Both", "Both"])
    receive(page, '<turbo-stream action="remove" targets=".extra"></turbo-stream>')
    expect(page.locator(".extra")).to_have_count(0)


def test_a_listener_on_window_may_bring_its_own_actions(page):
    page.evaluate("""
        addEventListener("turbo:before-stream-render", (event) => {
          const render = event.detail.render
          event.detail.render = async (stream) => {
            if (stream.action === "log") window.logged = stream.target
            else await render(stream)
          }
        })
    """)
    receive(page, '<turbo-stream action="log" target="main"></turbo-stream>' + append('<p id="extra"></p>'))
    expect(page.locator("#extra")).to_have_count(1)
    assert page.evaluate("logged") == "main"


def test_the_focus_stays_in_a_field_that_comes_anew(page):
    receive(page, append('<div id="part"><input id="field"></div>'))
    expect(page.locator("#field")).to_have_count(1)
    receive(page, update('<input id="field" class="new">'), before="document.querySelector('#field').focus()")
    expect(page.locator("#field.new")).to_be_focused()


@pytest.mark.parametrize("live", [True, False], ids=["of the stream", "of an answer"])
def test_who_moves_on_right_after_a_change_keeps_the_new_focus(page, bob, chat, live):
    composer(page).focus()
    if live:
        page.evaluate(MOVES_ON)
        bob.send(chat, "Meanwhile")
    else:
        receive(page, append("<p>Answer</p>"), before=MOVES_ON)
    expect_poll(page, lambda: page.evaluate("window.painted"))
    expect(page.locator(".chats__link").first).to_be_focused()


def test_a_field_with_autofocus_gets_the_focus_that_nobody_has(page):
    receive(page, append('<input id="field" autofocus>'), before="document.activeElement.blur()")
    expect(page.locator("#field")).to_be_focused()


def test_a_permanent_element_is_kept(page):
    receive(page, append('<div id="part"><p id="player" data-turbo-permanent>Playing</p></div>'))
    expect(page.locator("#player")).to_have_text("Playing")
    receive(page, update('<i>New</i><p id="player" data-turbo-permanent>Silent</p>'))
    expect(page.locator("#part i")).to_have_text("New")
    expect(page.locator("#player")).to_have_text("Playing")


def test_a_script_of_ours_runs(page):
    page.route("**/extra.js", lambda route: route.fulfill(content_type="text/javascript", body="window.ran = true"))
    html = append('<script src="/extra.js"></script>')
    page.route(POSTS, lambda route: route.fulfill(status=201, content_type="text/vnd.turbo-stream.html", body=html))
    say(page, "Give me that")
    expect_poll(page, lambda: page.evaluate("window.ran"))


def test_nothing_piles_up_beside_the_body(page, bob, chat):
    for n in range(3):
        bob.send(chat, f"Number {n}")
        sees(page, f"Number {n}")
    nodes = "[...document.documentElement.childNodes].filter((node) => node.nodeType !== Node.TEXT_NODE).length"
    expect_poll(page, lambda: page.evaluate(nodes) == 2)


def test_a_deletion_among_older_messages_leaves_the_list_of_chats_right(alice, chat):
    for text in ("Oldest", "Older", "Newest"):
        alice.send(chat, text)
    page = alice.tab(chat)
    newest = message(page, "Newest").get_attribute("data-message-id")
    page.goto(f"/chats/{chat}/messages?before={newest}")
    older = page.get_by_role("article").filter(has_text="Older")
    older.hover()
    older.get_by_role("link", name="Delete").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(older).to_have_count(0)
    expect(page.locator(f".chats__link[href='/chats/{chat}'] .chats__excerpt")).to_contain_text(
        "Newest", timeout=PATIENCE
    )
