"""Reads a page of the web. Its client lets nobody reach into our own network."""

from typing import ClassVar

import httpx2

from chatapp.extensions import web_pages
from chatapp.lib.http_clients import HangUp
from chatapp.lib.page_texts import Unreadable, text_of
from chatapp.lib.plain_texts import in_one_line
from chatapp.lib.safe_addresses import plain
from chatapp.lib.safe_client import SafeClient, Unreachable, Unsafe

from . import ToolError
from .asked import AskedTool, quoted, said, untrusted

client = SafeClient("Plainwire assistant", seconds=10, most=1024 * 1024)
ACCEPT = "text/html, text/markdown, text/plain, application/json, application/xhtml+xml;q=0.9"
NO_ADDRESS = "This is no address of a page. It has to begin with http:// or https://."
CLOSED = "This address is not one of a public page, so it can't be read from here."
SILENT = "The page can't be reached, or it takes too long."
TOO_OFTEN = "Too many pages were read for this person in a short time. Answer without more pages."


class WebPage(AskedTool):
    name = "read_web_page"
    title = "Read web pages"
    icon = "globe"
    description = (
        "Fetches one public web address and returns its text: web pages as Markdown, plain text, Markdown and JSON. It "
        "can't log in, run scripts, search the web, or read PDF and pictures. Say in your answer which pages you used."
    )
    parameters: ClassVar[dict] = {
        "type": "object",
        "properties": {"url": {"type": "string", "description": "The whole address, such as https://example.com/a."}},
        "required": ["url"],
    }

    def words(self, arguments: dict) -> str:
        return f"Read {quoted(said(arguments, 'url'))}"

    def use(self, arguments: dict, hang_up: HangUp) -> str:
        url = said(arguments, "url").partition("#")[0]
        if plain(url) is None:
            raise ToolError(NO_ADDRESS)
        with self.app.app_context():
            if not web_pages.take(self.asker().id):
                raise ToolError(TOO_OFTEN)
        return untrusted(f"the text of the web page {in_one_line(url, 300)}", self._text(url, hang_up))

    def _text(self, url: str, hang_up: HangUp) -> str:
        try:
            answer = client.get(url, accept=ACCEPT, hang_up=hang_up)
        except Unsafe as error:
            raise ToolError(CLOSED) from error
        except Unreachable as error:
            raise ToolError(SILENT) from error
        if not httpx2.codes.is_success(answer.status):
            raise ToolError(f"The server of the page answered with the status {answer.status}.")
        try:
            return text_of(answer.content, answer.content_type, str(answer.url))
        except Unreadable as refusal:
            raise ToolError(str(refusal)) from refusal
