"""People at real browsers. An account is made by plain HTTP, which is quick; what a test is about, the browser does."""

import itertools
import re
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, Error, Page

from tests import browserless

from .pages import open_chat

TROUBLE = ("Content Security Policy", "Refused to", "Trusted Type")
#: Turbo's own requests in a stack. The class has another name in the script that browsers get.
TURBO_REQUEST = re.compile(r"\bat \w+\.(perform|cancel) \(")
numbers = itertools.count(1)


class Person(browserless.Person):
    """Somebody with an account and a browser of their own. ``http`` is the same account without a browser."""

    def __init__(self, url: str, name: str):
        super().__init__(url, name)
        self.email = f"person{next(numbers)}@example.com"
        self.mistakes: list[str] = []
        self.context: BrowserContext | None = None

    def at(self, browser: Browser, url: str | None = None, **options) -> "Person":
        """Sits down at a browser, logged in; ``url`` is the way there, where it is not the server's own address."""
        self.context = self.new_context(browser, url, **options)
        return self

    def new_context(self, browser: Browser, url: str | None = None, **options) -> BrowserContext:
        # A test cannot intercept requests that pass a service worker, so only the tests about the worker have one.
        options = {"service_workers": "block"} | options
        context = browser.new_context(base_url=url or str(self.http.base_url), **options)
        host = urlsplit(url or str(self.http.base_url)).hostname
        cookies = [{"name": c.name, "value": c.value, "domain": host, "path": "/"} for c in self.http.cookies.jar]
        if cookies:
            context.add_cookies(cookies)
        context.on("weberror", lambda thrown: self.thrown(thrown.error))
        context.on("console", lambda line: self.mistakes.append(line.text) if is_trouble(line.text) else None)
        return context

    def remove(self, other: "Person", chat: int) -> None:
        answer = self.submit(f"/chats/{chat}/members/{other.id}", {"_method": "delete"})
        assert answer.status_code == 303, answer.text

    @property
    def id(self) -> int:
        return int(re.search(r'name="current-user-id" content="(\d+)"', self.http.get("/chats/new").text)[1])

    def check(self) -> None:
        """Nothing may have gone wrong in the browser unsaid."""
        mistakes, self.mistakes = self.mistakes, []
        assert mistakes == []

    def leave(self) -> None:
        self.context.close()
        self.http.close()

    def thrown(self, error: Error) -> None:
        """Where a frame can't be loaded, or goes while it is, Turbo lets the request's error go unhandled; the page
        goes on all the same. Where its page is just being closed, the browser does not say whose request it was."""
        whose = error.stack or ""
        nobodys = error.message == "Failed to fetch" and " at " not in whose
        if not nobodys and not TURBO_REQUEST.search(whose):
            self.mistakes.append(error.stack or error.message)

    def tab(self, chat: int | None = None) -> Page:
        """A new tab; with a ``chat``, one that shows it live."""
        page = self.context.new_page()
        return open_chat(page, chat) if chat else page


def is_trouble(text: str) -> bool:
    return any(words in text for words in TROUBLE)
