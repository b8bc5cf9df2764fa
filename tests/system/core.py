"""What has to work on every network: two people in one chat, from the first message to the last."""

from dataclasses import dataclass
from statistics import median

from playwright.sync_api import Page, expect

from .pages import (
    PATIENCE,
    compare_with_fresh,
    delete,
    edit_last,
    message,
    pending,
    say,
    sees,
    stream,
    until_saved,
)

ROUNDS = 4
LATEST = 2.0  # seconds that a message may take where streams are held back
BUSY = 1.5  # seconds that this machine, with other tests beside this one, may add to that

# Both pages look at one clock. Measured from here, the time in which the test itself waits for the browser would count.
PRESSED = "() => addEventListener('keydown', () => (window.pressedAt = Date.now()), { capture: true, once: true })"
ARRIVED = """(text) => {
  const bodies = () => [...document.querySelectorAll(".message__body")]
  const isThere = () => bodies().some((body) => body.textContent.trim() === text)
  const changes = new MutationObserver(() => {
    if (!isThere()) return
    window.arrivedAt = Date.now()
    changes.disconnect()
  })
  changes.observe(document, { childList: true, subtree: true, characterData: true })
}"""


@dataclass
class Findings:
    """How the network was. ``delays`` are seconds between Enter here and the message over there."""

    mode: str
    delays: list[float]

    @property
    def usual(self) -> float:
        return median(self.delays)

    @property
    def worst(self) -> float:
        return max(self.delays)


def core_journey(alice: Page, bob: Page, chat: int, rounds: int = ROUNDS) -> Findings:
    """Send, see, edit, delete; at the end both see what a fresh page shows."""
    delays = []
    for n in range(rounds):
        delays += [delay(alice, bob, f"To Bob {n}"), delay(bob, alice, f"To Alice {n}")]
    edit_last(alice, "Changed")
    until_saved(alice)
    sees(bob, "Changed")
    expect(message(bob, "Changed").locator(".message__edited")).to_be_visible()
    delete(alice, "Changed")
    sees(bob, "Changed", times=0)
    for tab in (alice, bob):
        expect(pending(tab)).to_have_count(0, timeout=PATIENCE)
        compare_with_fresh(tab, chat)
    return Findings(mode(bob), delays)


def delay(writer: Page, reader: Page, text: str) -> float:
    reader.evaluate(ARRIVED, text)
    writer.evaluate(PRESSED)
    say(writer, text)
    sees(reader, text)
    return (reader.evaluate("arrivedAt") - writer.evaluate("pressedAt")) / 1000


def mode(page: Page) -> str:
    return stream(page).get_attribute("data-mode")


def the_assistant_answers(asker: Page, reader: Page) -> None:
    """Where the provider says "Here I am."."""
    say(asker, "@assistant Are you there?")
    for tab in (asker, reader):
        expect(tab.locator("article[data-author-kind=assistant]")).to_contain_text("Here I am.", timeout=PATIENCE)
