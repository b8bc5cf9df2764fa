"""A page in a real browser among the pages of the torture: static/ itself, and not its model in page.py."""

from contextlib import contextmanager
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, Page, Playwright
from playwright.sync_api import Error as BrowserError

from tests.browserless import Person
from tests.system.browsers import launch
from tests.system.pages import CANONICAL, cursor, first_id, pending, picture, say, scroll_up, until_live

from .chat_list import ChatList
from .page import Page as Reloaded

#: The list as people see it. A mark is data: the page may know what was read before the server says so.
LIST = f"""() => {{
  {CANONICAL}
  return [...document.querySelector("[data-lists]").children].map((item) => ({{
    chat: Number(item.dataset.chatId),
    hidden: item.hidden,
    unread: item.querySelector(".chats__unread").textContent.replace(" unread", ""),
    mentioned: item.hasAttribute("data-mentioned") && item.querySelector(".chats__mention").textContent !== "",
    head: canonical(item.querySelector("[data-head]")),
  }}))
}}"""


@contextmanager
def browser_of(person: Person, playwright: Playwright):
    """A browser in which ``person`` is logged in, at every port of this machine."""
    with launch(playwright) as browser, browser.new_context() as context:
        host = urlsplit(str(person.http.base_url)).hostname
        cookies = person.http.cookies.items()
        context.add_cookies([{"name": name, "value": value, "domain": host, "path": "/"} for name, value in cookies])
        yield context


class Tab:
    """The page of ``chat`` at ``url``; ``direct`` is a way on which nothing goes wrong."""

    def __init__(self, context: BrowserContext, url: str, direct: str, chat: int):
        self.context, self.address = context, f"{direct}/chats/{chat}"
        self.said: list[str] = []
        self.page = context.new_page()
        self._open(self.page, f"{url}/chats/{chat}")

    def close(self) -> None:
        self.page.close()

    def say(self) -> None:
        """Type something that nobody has said before, and send it."""
        self.said.append(f"Typed {len(self.said)}.")
        say(self.page, self.said[-1])

    def scroll_up(self) -> None:
        self.page.locator(".conversation__scroller").evaluate("(scroller) => (scroller.scrollTop = 0)")

    def differences(self, fresh: Reloaded, contents: list[str]) -> list[str]:
        """What is not as it should be. ``fresh`` is what a reload shows, and the chat holds ``contents``."""
        if waiting := pending(self.page).count():
            return [f"{waiting} messages wait to be sent"]
        if wrong := [text for text in self.said if contents.count(text) != 1]:
            return [f"sent once, there {contents.count(text)} times: {text}" for text in wrong]
        if (shown := cursor(self.page)) != fresh.cursor:
            return [f"it shows revision {shown} of {fresh.cursor}"]
        return self._compare_list(fresh.chats) or self._compare_with_fresh()

    def _compare_list(self, expected: ChatList) -> list[str]:
        """What the page makes of heads and marks is what the server makes of them."""
        names = ("chat", "hidden", "unread", "mentioned")
        shown = [tuple(line[name] for name in names) for line in self.page.evaluate(LIST)]
        wanted = [tuple(getattr(line, name) for name in names) for line in expected.as_it_came]
        if shown != wanted:
            return [f"its list {names} is {shown} and not {wanted}"]
        dot = self.page.locator(".sidebar__mentions").get_attribute("data-new") is not None
        return [] if dot == expected.dot_as_it_came else [f"its dot for mentions is {dot}"]

    def _compare_with_fresh(self) -> list[str]:
        fresh, first = self.context.new_page(), first_id(self.page)
        try:
            self._open(fresh, self.address)
            scroll_up(fresh, first)
            live, expected = (picture(page, first) | {"list": page.evaluate(LIST)} for page in (self.page, fresh))
        except BrowserError as error:  # the server is just being restarted
            return [error.message]
        finally:
            fresh.close()
        return [
            f"{part}:\n  live  {live[part]}\n  fresh {expected[part]}" for part in live if live[part] != expected[part]
        ]

    def _open(self, page: Page, address: str) -> None:
        page.goto(address)
        until_live(page)
