"""One chat of texts.py, and the pages that show it."""

import random
import time

from playwright.sync_api import Error, Page

from tests.awkward import kept
from tests.system.pages import CANONICAL, cursor, picture, until_live, until_shows

from .asking import Difference, wait

ROUNDS = 5  # questions in one chat: it stays below the fifty messages of a page
OPEN_WITHIN = 60  # seconds in which a page can be opened while servers are restarted
#: Seconds in which all answers to one question have an end.
ANSWERED_WITHIN = 240
#: How often somebody asks for the rest of an answer that ended too early.
TRIES = 12

#: The messages that have their final text: their revision and what they show.
FINISHED = f"""() => {{
  {CANONICAL}
  const articles = [...document.querySelectorAll(".messages > article:not([data-state=generating])")]
  return Object.fromEntries(articles.map((article) => [article.id, [article.dataset.revision, canonical(article)]]))
}}"""


class Lane:
    """Questions and their answers, one question after the other. ``texts`` is the whole run."""

    def __init__(self, texts, number: int):
        self.texts, self.direct, self.number = texts, texts.direct, number
        self.url = texts.world.web[number % len(texts.world.web)].url
        self.pages = {name: context.new_page() for name, context in texts.contexts.items()}
        self.rounds, self.question, self.numbers, self.tries = ROUNDS, None, [], 0
        self.chat: int | None = None

    def go_on(self) -> bool:
        """All answers have ended: look at them, and ask the next question. False where there is none."""
        if self.question is not None and not self._is_answered():
            return True
        self.question, self.tries = None, 0
        self.numbers = self.texts.next_numbers()
        if self.chat is not None and (self.rounds == ROUNDS or not self.numbers):
            self.compare()
        if not self.numbers:
            return False
        if self.rounds == ROUNDS:
            self._begin_chat()
        self.rounds += 1
        names = self.texts.names[: len(self.numbers)]
        question = f"{' '.join(f'@{name}' for name in names)} Texts {' '.join(map(str, self.numbers))}"
        self.question = self.direct("post", chat=self.chat, email=self.texts.email, content=question)
        self.asked_at = time.monotonic()
        return True

    def _begin_chat(self) -> None:
        members = [self.texts.world.email("Bob")]
        title = f"Lane {self.number}"
        self.chat = self.direct(
            "start_chat", email=self.texts.email, members=members, title=title, assistant="mentioned"
        )
        self.direct("seat_assistants", chat=self.chat, names=self.texts.names)
        self.texts.be_online()
        for page in self.pages.values():
            self.open(page)
        self.rounds = 0

    def open(self, page: Page) -> Page:
        return patiently(lambda: page.goto(f"{self.url}/chats/{self.chat}") and until_live(page))

    def _is_answered(self) -> bool:
        answers = self.direct("answers", question=self.question)
        if len(answers) != len(self.numbers):
            raise Difference(f"Texts {self.numbers}: {len(answers)} answers")
        early = [answer for answer in answers if not self._is_whole(answer)]
        for answer in early:
            self.tries += 1
            if self.tries > TRIES:
                raise Difference(f"Texts {self.numbers}: {answer['state']} {answer['failure']}")
            self.texts.figures["asked for the rest"] += 1
            self.texts.reasons[answer["failure"] or answer["state"]] += 1
            self.direct("go_on", message=answer["id"], email=self.texts.email)
        self.texts.figures["texts"] += 0 if early else len(answers)
        return not early

    def _is_whole(self, answer: dict) -> bool:
        number = self.numbers[self.texts.names.index(answer["by"])]
        text, said = kept(self.texts.text(number)), answer["content"]
        if answer["state"] in ("complete", "cut") and said == text:
            return True
        if answer["state"] == "complete" or not text.startswith(said):
            self.texts.tell(f"Text {number} ({answer['state']}):\n  said   {text!r}\n  stored {said!r}")
            return True
        return False

    def is_late(self) -> bool:
        return self.question is not None and time.monotonic() > self.asked_at + ANSWERED_WITHIN

    def reload(self, name: str, dice: random.Random) -> None:
        """What a page has shown of the answers that have ended, a fresh one shows too."""
        page = self.pages[name]
        try:
            before = page.evaluate(FINISHED)
            patiently(lambda: page.reload(wait_until=dice.choice(["commit", "domcontentloaded"])))
            after = patiently(lambda: until_live(page).evaluate(FINISHED)) if dice.random() < 0.4 else {}
        except Error:  # it was just being opened
            return
        for id, (revision, html) in before.items():
            if id in after and after[id][0] == revision and after[id][1] != html:
                self.texts.tell(f"{id} of texts like {self.numbers}:\n  live  {html}\n  fresh {after[id][1]}")

    def compare(self) -> None:
        """At the end each page shows what a fresh one shows."""
        self.texts.be_online()
        for name, page in self.pages.items():
            fresh = self.texts.contexts[name].new_page()
            try:
                self.open(fresh)
                until_shows(page, cursor(fresh))
                live, wanted = picture(page), picture(fresh)
            finally:
                fresh.close()
            for part in live:
                if live[part] != wanted[part]:
                    self.texts.tell(f"{name}'s page, chat {self.chat}, {part}:\n{different(live[part], wanted[part])}")
            self.texts.figures["pages compared"] += 1
            self.texts.look_at(page)


def different(live, wanted) -> str:
    if isinstance(live, str) or len(live) != len(wanted):
        return f"  live  {live}\n  fresh {wanted}"
    pairs = [pair for pair in zip(live, wanted, strict=True) if pair[0] != pair[1]]
    return "\n".join(f"  live  {one}\n  fresh {other}" for one, other in pairs)


def patiently(do):
    """What ``do()`` returns, once it does: the server may be away, or the page on its way elsewhere."""
    deadline = time.monotonic() + OPEN_WITHIN
    while True:
        try:
            return do()
        except (Error, AssertionError):
            if time.monotonic() > deadline:
                raise
        wait(0.1)
