"""Without a mouse, without eyes, without motion, on a small screen."""

from playwright.sync_api import Page, expect

from .axe import mistakes
from .pages import PATIENCE, action, composer, expect_poll, messages, say, sees

#: What has the focus: its name for a screen reader as well as we can tell, and whether one sees that it has it.
FOCUSED = """() => {
  const { activeElement: element } = document
  const look = () => [element, element.parentElement].map((shown) => {
    const { outline, boxShadow, borderColor, clipPath } = getComputedStyle(shown)
    return [outline, boxShadow, borderColor, clipPath].join()
  }).join()
  const label = element.labels?.[0]?.textContent
  const name = element.getAttribute("aria-label") ?? label ?? element.textContent
  const focused = look()
  element.blur()
  const visible = focused !== look()
  element.focus()
  return { tag: element.localName, name: name.trim().replace(/\\s+/g, " "), visible }
}"""


def walk(page: Page, key: str = "Tab") -> list[dict]:
    """Everything that has the focus on the way through the page, until it comes back to its beginning."""
    stops = []
    page.locator("body").evaluate("(body) => (body.tabIndex = -1, body.focus(), body.removeAttribute('tabindex'))")
    for _ in range(60 + page.locator(".chats__link").count()):
        page.keyboard.press(key)
        stop = page.evaluate(FOCUSED)
        if stop["tag"] == "body" or stop in stops[:1]:
            return stops
        stops.append(stop)
    raise AssertionError(f"a trap: {stops[-5:]}")


def test_tab_reaches_everything_and_one_sees_where_one_is(alice, chat):
    alice.send(chat, "Mine")
    page = alice.tab(chat)
    stops = walk(page)
    names = [stop["name"] for stop in stops]
    expected = ["Skip to content", "New chat", "Log out", "2 members", "Chat settings", "Messages", "Edit", "Delete"]
    for name in [*expected, "Message", "Send"]:
        assert name in names, names
    assert [stop["name"] for stop in stops if not stop["visible"]] == []
    assert names.index("Messages") < names.index("Edit") < names.index("Message") < names.index("Send")


def test_the_skip_link_leads_to_the_content(alice, chat):
    page = alice.tab(chat)
    page.get_by_role("link", name="Skip to content").focus()
    expect(page.get_by_role("link", name="Skip to content")).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()


def test_the_conversation_is_a_log_with_a_name(alice, chat):
    page = alice.tab(chat)
    log = page.get_by_role("log", name="Messages")
    expect(log).to_be_visible()
    alice.send(chat, "Hello")
    expect(log.get_by_role("article")).to_have_count(1, timeout=PATIENCE)
    expect(page.get_by_role("textbox", name="Message")).to_be_visible()


def test_enter_sends_and_shift_enter_breaks_the_line(alice, bob, chat):
    page, other = alice.tab(chat), bob.tab(chat)
    composer(page).press_sequentially("one")
    composer(page).press("Shift+Enter")
    composer(page).press_sequentially("two")
    expect(composer(page)).to_have_value("one\ntwo")
    composer(page).press("Enter")
    expect(messages(other)).to_contain_text("one", timeout=PATIENCE)
    expect(messages(other)).to_contain_text("two")
    expect(composer(page)).to_have_value("")
    expect(composer(page)).to_be_focused()


def test_enter_within_an_input_method_does_not_send(alice, chat):
    page = alice.tab(chat)
    composer(page).fill("にほん")
    event = "new KeyboardEvent('keydown', { key: 'Enter', isComposing: true, bubbles: true, cancelable: true })"
    assert composer(page).evaluate(f"(input) => input.dispatchEvent({event})"), "the key was taken"
    expect(composer(page)).to_have_value("にほん")
    expect(messages(page)).to_have_count(0)


def test_a_message_is_deleted_by_the_keyboard_alone(alice, chat):
    page = alice.tab(chat)
    say(page, "Goes")
    sees(page, "Goes")
    action(page, "Goes", "Delete").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    sees(page, "Goes")
    action(page, "Goes", "Delete").focus()
    page.keyboard.press("Enter")
    page.get_by_role("dialog").get_by_role("button", name="Delete").focus()
    page.keyboard.press("Enter")
    sees(page, "Goes", times=0)


def test_what_moves_stands_still_where_that_is_asked_for(alice, bob, chat):
    page = alice.tab(chat)
    other = bob.tab(chat)

    def dots(look: str) -> list:
        """Of the first dot, while the other types: it goes five seconds after the last key."""
        composer(other).press("l")
        return page.locator(".typing .typing__dots span").evaluate_all(f"(dots) => dots.slice(0, 1).map({look})")

    expect_poll(page, lambda: dots(ANIMATION) == [["1.4s", "infinite", "ease-in-out"]])
    page.emulate_media(reduced_motion="reduce")
    expect_poll(page, lambda: dots("(dot) => getComputedStyle(dot).animationName") == ["none"])


def test_a_wide_table_on_a_phone_scrolls_by_keyboard_and_axe_is_content(alice, chat):
    cells = " | ".join(["a rather wide cell"] * 8)
    alice.send(chat, f"| {cells} |\n|{'---|' * 8}\n| {cells} |")
    page = alice.tab(chat)
    page.set_viewport_size({"width": 390, "height": 844})
    table = messages(page).locator(".table")
    table.focus()
    page.keyboard.press("ArrowRight")
    expect_poll(page, lambda: table.evaluate("(table) => table.scrollLeft > 0"))
    assert mistakes(page) == []


ANIMATION = """(dot) => {
  const { animationDuration, animationIterationCount, animationTimingFunction } = getComputedStyle(dot)
  return [animationDuration, animationIterationCount, animationTimingFunction]
}"""
