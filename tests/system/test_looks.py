"""Looks that a test can measure: edges, sizes, colours, and elements that appear and disappear."""

import re
import time

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import create_engine, text

from .pages import action, composer, expect_poll, message, messages, sees

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
TOUCHED = "button, summary, nav a, header a, .button, .actions a, .latest, .message__note a, .messages__pager"
TARGETS = f"""() => [...document.querySelectorAll({TOUCHED!r})]
  .filter((element) => element.checkVisibility({{ opacityProperty: true, visibilityProperty: true }}))
  .map((element) => ({{ name: element.textContent.trim(), ...element.getBoundingClientRect().toJSON() }}))
  .filter(({{ width, height }}) => width > 1 && (width < 44 || height < 44))
  .map(({{ name, width, height }}) => `${{name}}: ${{width}} x ${{height}}`)"""
MIDDLE = "(element) => { const { top, bottom } = element.getBoundingClientRect(); return (top + bottom) / 2 }"
LEFT = "(element) => element.getBoundingClientRect().left"
TEXT_LEFT = """(element) => {
  const range = document.createRange()
  range.selectNodeContents(element)
  return range.getBoundingClientRect().left
}"""
SATURATION = """(element) => {
  const [r, g, b] = getComputedStyle(element).backgroundColor.match(/[\\d.]+/g).map(Number)
  return Math.max(r, g, b) - Math.min(r, g, b)
}"""


@pytest.fixture
def phone(person, alice, chat):
    carol = person("Carol", **PHONE)
    alice.add(carol, chat)
    alice.send(chat, "Hello")
    carol.send(chat, "```\ncode\n```")
    return carol.tab(chat)


@pytest.fixture
def change(site):
    """Runs one statement in the database."""
    engine = create_engine(site.environ["DATABASE_URL"])

    def run(statement: str, **values) -> None:
        with engine.begin() as connection:
            connection.execute(text(statement), values)

    yield run
    engine.dispose()


def change_hello(change, chat: int, values: str) -> None:
    # With its revision, by which processes remember what it looks like.
    update = f"UPDATE messages SET {values}, revision = revision + 1"
    change(f"{update} WHERE chat_id = :chat AND content = 'Hello'", chat=chat)


def test_what_a_finger_is_to_meet_is_large_enough(phone, chat, change):
    sees(phone, "Hello")
    change_hello(change, chat, "state = 'generating'")
    pages = (f"/chats/{chat}", f"/chats/{chat}/messages?before=1000000", "/", f"/chats/{chat}/members")
    for address in (*pages, f"/chats/{chat}/edit", "/sessions", "/connection"):
        phone.goto(address)
        assert phone.evaluate(TARGETS) == [], address
    phone.goto(f"/chats/{chat}/messages?before=1000000")
    expect(phone.get_by_role("link", name="Stop")).to_be_visible()
    expect(phone.locator(".messages__pager")).to_be_visible()


def test_the_menus_of_an_administrator_are_on_the_screen_of_a_phone(phone, alice, chat, change):
    alice.send(chat, "word " * 40)
    make_admin(phone, change)
    phone.goto(f"/chats/{chat}")
    menus = messages(phone).get_by_role("link", name="Actions")
    expect(menus).to_have_count(3)
    for menu in menus.all():
        expect(menu).to_be_visible()
        box = menu.bounding_box()
        assert box["x"] >= 0 and box["x"] + box["width"] <= PHONE["viewport"]["width"], box


def make_admin(page: Page, change) -> None:
    user = page.locator("meta[name=current-user-id]").get_attribute("content")
    change("UPDATE users SET admin = true WHERE id = :id", id=user)


def test_the_menu_of_an_answer_without_words_is_on_the_line_of_its_reason(phone, chat, change):
    make_admin(phone, change)
    change_hello(change, chat, "state = 'failed', failure = 'No answer came.', content = ''")
    phone.goto(f"/chats/{chat}")
    answer = messages(phone).filter(has_text="No answer came.")
    menu, reason = answer.get_by_role("link", name="Actions"), answer.locator(".message__note")
    middles = [part.evaluate(MIDDLE) for part in (menu, reason)]
    assert middles[0] == pytest.approx(middles[1], abs=4)


@pytest.mark.parametrize(("width", "beside"), [(768, True), (767, False)])
def test_the_sidebar_stands_beside_a_chat_from_768_pixels_on(alice, chat, width, beside):
    page = alice.context.new_page()
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(f"/chats/{chat}")
    expect(page.locator(".sidebar")).to_be_visible(visible=beside)
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("width", [1280, 1920, 800, 390])
def test_header_messages_and_composer_have_one_left_edge(alice, bob, chat, width):
    bob.send(chat, "Hello")
    page = alice.context.new_page()
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(f"/chats/{chat}")
    edges = [page.locator(selector).evaluate(LEFT) for selector in (".messages", ".composer__box")]
    if width >= 768:
        edges.append(page.locator(".chat__title").evaluate(LEFT))
    assert len(set(edges)) == 1, edges
    author, body = (message(page, "Hello").locator(part) for part in (".message__author", ".message__body p"))
    assert author.evaluate(TEXT_LEFT) == pytest.approx(body.evaluate(TEXT_LEFT), abs=1)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_ones_own_messages_are_on_a_soft_tint(alice, chat, scheme):
    alice.send(chat, "Mine")
    page = alice.tab(chat)
    page.emulate_media(color_scheme=scheme)
    assert message(page, "Mine").locator(".message__bubble").evaluate(SATURATION) < 60


def test_actions_move_nothing(alice, chat):
    alice.send(chat, "First")
    alice.send(chat, "Second")
    page = alice.tab(chat)
    for words in ("First", "Second"):
        before = places(page)
        message(page, words).hover()
        expect(action(page, words, "Delete")).to_be_visible()
        assert places(page) == before


def places(page: Page) -> list:
    boxes = "(elements) => elements.map((element) => element.getBoundingClientRect().toJSON())"
    return page.locator(".messages time, .message__bubble, .message__author").evaluate_all(boxes)


def test_a_flash_floats_stays_while_one_points_at_it_and_goes(alice, person):
    carol = person("Carol")  # a clock is for all tabs of a browser
    page = carol.context.new_page()
    page.clock.install()
    page.goto(f"/chats/{carol.start_chat(title='New')}/members")
    heading = page.get_by_role("heading", name="Members")
    before = heading.bounding_box()
    page.get_by_label("E-mail").fill(alice.email)
    page.get_by_role("button", name="Find").click()
    add = page.get_by_role("button", name=re.compile("^Add "))
    expect(add).to_be_visible()
    page.clock.pause_at(time.time() + 60)  # from here on it goes when it is told to
    add.click()
    flash = page.get_by_role("status").filter(has_text="is a member now.")
    expect_poll(page, lambda: page.clock.run_for(100) or flash.is_visible())
    assert heading.bounding_box() == before
    page.clock.run_for(4_000)
    expect(flash).to_be_visible()
    flash.hover()
    page.clock.run_for(60_000)
    expect(flash).to_be_visible()
    page.mouse.move(5, 500)
    page.clock.run_for(10_000)
    expect(flash).to_have_count(0)


def test_an_error_leaves_the_title_in_sight_and_goes_by_itself(person):
    carol = person("Carol", **PHONE)
    page = carol.context.new_page()
    page.clock.install()
    page.goto(f"/chats/{carol.start_chat(title='Somewhere')}")
    page.route("**/edit", lambda route: route.abort())
    settings = page.get_by_role("link", name="Chat settings")
    expect(settings).to_be_visible()
    page.clock.pause_at(time.time() + 60)
    settings.click()
    error = page.get_by_role("alert").filter(has_text="out of reach")
    expect_poll(page, lambda: page.clock.run_for(100) or error.is_visible())
    title = page.get_by_role("heading", name="Somewhere").bounding_box()
    assert error.bounding_box()["y"] >= title["y"] + title["height"]
    page.clock.run_for(10_000)
    expect(error).to_be_visible()
    page.clock.run_for(20_000)
    expect(error).to_have_count(0)


def test_devices_have_names(alice):
    page = alice.context.new_page()
    page.goto("/sessions")
    expect(page.locator(".row__title").first).to_have_text(re.compile("^(Chrome|Unknown browser)"))
    expect(page.locator(".sheet")).not_to_contain_text("Mozilla/")


def test_no_word_is_cut_at_400_percent(alice, bob, chat):
    bob.send(chat, "Hello")
    page = alice.context.new_page()
    page.set_viewport_size({"width": 320, "height": 256})
    for address in (f"/chats/{chat}", "/", f"/chats/{chat}/members", f"/chats/{chat}/edit", "/sessions"):
        page.goto(address)
        expect(page.locator("h1")).to_be_attached()
        assert page.evaluate(CUT) == [], address
    page.goto(f"/chats/{chat}")
    assert messages(page).last.locator(".message__bubble").bounding_box()["height"] > 0
    expect(composer(page)).to_be_in_viewport()


#: Elements whose box cuts their text off without an ellipsis.
CUT = """() => [...document.querySelectorAll("main *, aside *")]
  .filter((element) => element.checkVisibility() && !element.closest("svg, .visually-hidden, textarea, [popover]"))
  .filter((element) => {
    const { overflowX, textOverflow, clipPath, inlineSize } = getComputedStyle(element)
    const hides = overflowX === "hidden" && textOverflow !== "ellipsis" && clipPath === "none"
    return hides && parseFloat(inlineSize) > 1 && element.scrollWidth > element.clientWidth + 1
  })
  .map((element) => element.className)"""
