"""What people do on the page of a chat, and what it shows them."""

import re
from collections.abc import Callable
from contextlib import suppress

from playwright.sync_api import Locator, Page, TimeoutError, expect

PATIENCE = 40_000  # ms; the machine may be busy with other tests
A_MOMENT = 1000  # ms; in which what holds still can be clicked, where the machine is quick
expect.set_options(timeout=PATIENCE)
LIVE = re.compile("streaming|long-poll|short-poll")
STREAMS = re.compile(r"/stream\?")

#: Elements as text, without the actions of a message, which come when somebody first points at it, without who is here,
#: which a fresh page hears a moment later, and without styles, which the server never sends. Attributes in the order of
#: their names, because morphing adds new ones at the end.
CANONICAL = """
  const passing = ".actions__list, [data-controller=here], [data-controller=company]"
  function canonical(node) {
    if (node.nodeType === Node.TEXT_NODE) return node.data.replace(/&/g, "&amp;").replace(/</g, "&lt;")
    if (node.nodeType !== Node.ELEMENT_NODE || node.matches(passing)) return ""
    const names = node.getAttributeNames().filter((name) => name !== "style").sort()
    const attributes = names.map((name) => ` ${name}="${node.getAttribute(name).replace(/"/g, "&quot;")}"`)
    const children = [...node.childNodes].map(canonical)
    return `<${node.localName}${attributes.join("")}>${children.join("")}</${node.localName}>`
  }
"""


#: What stands behind "More" beside an answer.
RARE = {"Pin", "Copy link", "What it read", "Share", "Mark as unread", "Figures"}


def open_chat(page: Page, chat: int) -> Page:
    page.goto(f"/chats/{chat}")
    return until_live(page)


def until_live(page: Page) -> Page:
    expect(stream(page)).to_have_attribute("data-mode", LIVE, timeout=PATIENCE)
    return page


def until_streaming(page: Page) -> Page:
    """A page that waited for its first heartbeat for too long asks for answers that end, and streams a moment later."""
    expect(stream(page)).to_have_attribute("data-mode", "streaming", timeout=PATIENCE)
    return page


def stream(page: Page) -> Locator:
    return page.locator("[data-stream-url-value]")


def composer(page: Page) -> Locator:
    return page.get_by_role("textbox", name="Message")


def say(page: Page, text: str) -> None:
    composer(page).fill(text)
    composer(page).press("Enter")


def messages(page: Page) -> Locator:
    """All that the server has confirmed."""
    return page.locator(".messages > article")


def message(page: Page, text: str) -> Locator:
    """The one with exactly this text."""
    body = page.locator(".message__body").filter(has_text=re.compile(f"^\\s*{re.escape(text)}\\s*$"))
    return messages(page).filter(has=body)


def action(page: Page, text: str, name: str) -> Locator:
    """A link among the actions of a message, which stand beside it from when somebody first points at it."""
    one = message(page, text)
    if one.locator(".actions__list").count() == 0:
        one.hover()
    if name in RARE and one.get_by_role("button", name="More").is_visible():
        open_more(one)
    return one.get_by_role("link", name=name, exact=True)


def open_more(one: Locator) -> None:
    """The menu of what is rarely done with an answer."""
    if one.locator(".actions__rest:popover-open").count() == 0:
        one.get_by_role("button", name="More").click()


def choose(page: Page, text: str, name: str) -> None:
    """Click an action of a message. Points at it again when it has moved away from the pointer meanwhile.

    The click itself is made once: it may have reached the page and run out of time afterwards, and a second one would
    take back what the first one did.
    """
    patience = A_MOMENT
    while patience < PATIENCE and not can_click(page, text, name, patience):
        patience *= 2
    action(page, text, name).click()


def can_click(page: Page, text: str, name: str, patience: float) -> bool:
    message(page, text).hover()
    with suppress(TimeoutError):
        action(page, text, name).click(trial=True, timeout=patience)
        return True
    return False


def pending(page: Page) -> Locator:
    """What waits to be sent."""
    return page.locator(".outbox > article")


def sees(page: Page, text: str, times: int = 1) -> None:
    expect(message(page, text)).to_have_count(times, timeout=PATIENCE)


def texts(page: Page) -> list[str]:
    """The texts of all messages. A message that no frame has rendered yet has no inner text."""
    bodies = page.locator(".messages > article .message__body")
    return [text.strip() for text in bodies.all_text_contents()]


def cursor(page: Page) -> int:
    """The revision that the page says it shows."""
    return int(stream(page).get_attribute("data-stream-url-value").partition("revision=")[2])


def until_shows(page: Page, revision: int) -> None:
    value = re.compile(rf"revision={revision}$")
    expect(stream(page)).to_have_attribute("data-stream-url-value", value, timeout=PATIENCE)


def picture(page: Page, first: int = 0) -> dict:
    """The header, the reader's standing, the title without a count, and the messages from ``first`` on."""
    return page.evaluate(
        f"""(first) => {{
          {CANONICAL}
          const articles = [...document.querySelectorAll(".messages > article")]
          const shown = articles.filter((article) => Number(article.dataset.messageId) >= first)
          return {{
            header: canonical(document.querySelector(".chat__header")),
            standing: canonical(document.querySelector(".standing")),
            title: document.title.replace(/^\\(\\d+\\+?\\) /, ""),
            messages: shown.map(canonical),
          }}
        }}""",
        first,
    )


def first_id(page: Page) -> int:
    """The id of the first message shown; 0 where the page shows no message, or has no older ones."""
    if page.locator(".messages > turbo-frame").count() == 0:
        return 0
    return int(messages(page).first.get_attribute("data-message-id"))


#: Goes to the top or the end of the messages, or so many pixels ``away`` from there.
SCROLL = """(scroller, [edge, away]) => {
  const last = scroller.scrollHeight - scroller.clientHeight
  scroller.scrollTop = edge === "top" ? away : last - away
}"""


def scroll_until(page: Page, edge: str, condition: Callable[[], bool]) -> None:
    """Scroll to the "top" or the "end" of the messages until ``condition()``.

    Again and again, with a step back now and then, as one does who waits for more: the page may still be on its way to
    the place where it opens.
    """
    scroller = page.locator(".conversation__scroller")
    for turn in range(5 * PATIENCE // 20):  # it may be a long way, and each page of it takes its time
        scroller.evaluate(SCROLL, [edge, 600 if turn % 10 == 9 else 0])
        page.wait_for_timeout(20)
        if condition():
            return
    raise AssertionError(scroller.evaluate("(scroller) => [scroller.scrollTop, document.hidden, scroller.innerHTML]"))


def load_more(page: Page, edge: str) -> None:
    """Read on at the "top" or the "end" until the next page of messages is there. It may not be on its way already."""
    before = messages(page).count()
    scroll_until(page, edge, lambda: messages(page).count() != before)


def scroll_up(page: Page, until: int = 0) -> None:
    """Read back to the message with the id ``until``, or to the beginning."""
    if first_id(page) > until:
        scroll_until(page, "top", lambda: first_id(page) <= until)


def compare_with_fresh(page: Page, chat: int) -> None:
    """The one promise: once things are quiet, the page shows what a new tab shows."""

    def pictures(fresh: Page) -> tuple[dict, dict]:
        first = first_id(page)
        scroll_up(fresh, first)
        return picture(page, first), picture(fresh, first)

    compare_when_level(page, lambda fresh: open_chat(fresh, chat), cursor, pictures)


def compare_when_level(
    page: Page, load: Callable[[Page], Page], position: Callable[[Page], int], pictures: Callable[[Page], tuple]
) -> None:
    """Compare ``pictures(fresh)``, once the page and a fresh one are at the same position, and still are afterwards.

    A fresh page that lags behind is loaded again, because a change may come after the server rendered it: what the
    reader has read by opening a chat, for one.
    """
    fresh = load(page.context.new_page())
    seen = []

    def level() -> bool:
        if position(page) > position(fresh):
            load(fresh)
        before = position(page), position(fresh)
        if before[0] != before[1]:
            return False
        seen[:] = pictures(fresh)
        return before == (position(page), position(fresh))

    try:
        expect_poll(page, level)
        assert seen[0] == seen[1]
    finally:
        fresh.close()


def delete(page: Page, text: str) -> None:
    """By the link beside the message, and yes to the question."""
    choose(page, text, "Delete")
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()


def edit_last(page: Page, text: str) -> None:
    """By ArrowUp in the empty composer, once the server has confirmed what was sent."""
    expect(pending(page)).to_have_count(0)
    composer(page).press("ArrowUp")
    expect(page.get_by_text("Editing your message")).to_be_visible(timeout=PATIENCE)
    composer(page).fill(text)
    composer(page).press("Enter")


def until_saved(page: Page) -> None:
    """Wait for the bar above the composer to go, which moves all messages."""
    expect(page.get_by_text("Editing your message")).to_be_hidden(timeout=PATIENCE)


def expect_said(page: Page, within: Locator, words: str, act: Callable[[], None]) -> None:
    """``act()`` has something within an element say this, if only for two seconds."""
    within.evaluate(NOTE)
    act()
    expect_poll(page, lambda: page.evaluate("(words) => said.includes(words)", words))


NOTE = """(element) => {
  window.said = []
  const note = (changes) => changes.forEach(({ target }) => said.push(target.textContent.trim()))
  new MutationObserver(note).observe(element, { childList: true, subtree: true })
}"""


def expect_poll(page: Page, condition) -> None:
    """Wait for something that happens here and not on the page."""
    for _ in range(PATIENCE // 20):
        if condition():
            return
        page.wait_for_timeout(20)  # the page's requests are answered meanwhile
    raise AssertionError("It did not happen.")
