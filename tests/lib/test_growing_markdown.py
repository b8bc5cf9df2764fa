"""The HTML of a text that is being written, at each of its letters, on the way to a page."""

from html.parser import HTMLParser

import pytest

from chatapp.lib import markdown
from chatapp.lib.llm import storable
from chatapp.lib.markdown_tail import settled
from chatapp.turbo.growing import source
from chatapp.turbo.streams import Frame, growth
from tests.awkward import PARTS, examples
from tests.browserless import parse

EMPTY = {"br", "hr", "input"}


class Reader(HTMLParser):
    """``blocks`` has the visible letters of each element that stands at the top, and of each text there."""

    def __init__(self, html: str):
        super().__init__()
        self.depth, self.blocks = 0, []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, _):
        if self.depth == 0:
            self.blocks.append("")
        self.depth += tag not in EMPTY

    def handle_endtag(self, tag):
        self.depth -= tag not in EMPTY

    def handle_data(self, data):
        if self.depth == 0 and data.strip():
            self.blocks.append("")
        if self.blocks:
            self.blocks[-1] += "".join(data.split())


class Received(HTMLParser):
    """``kept``, the number of units that stay, and the ``new`` text, of a growth as a browser reads it."""

    def __init__(self, html: str):
        super().__init__()
        self.new = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attributes):
        if tag == "turbo-stream":
            self.kept = int(dict(attributes)["data-growth"].split()[2])

    def handle_data(self, data):
        self.new += data


def states(text: str) -> list[str]:
    """The HTML at each letter of a text, and at its end."""
    written = (storable(text[:length]).lstrip() for length in range(len(text) + 1))
    growing = [markdown.to_html(settled(part)) for part in written]
    return [source(html) for html in (*growing, markdown.to_html(storable(text).strip()))]


def received(before: str, after: str) -> str:
    """What a page that has ``before`` makes of the bytes that it gets."""
    html = growth("message_1", (1, before), (2, after), "")
    (event,) = parse(iter([Frame(1, 2, html).encoded.decode()]))
    growing = Received(event.data)
    kept = before.encode("utf-16-le")[: 2 * growing.kept].decode("utf-16-le")
    return kept + growing.new


@pytest.mark.parametrize("texts", [examples, lambda: PARTS], ids=["specification", "awkward parts"])
def test_what_stays_and_what_is_new_make_the_html_of_the_whole_text_at_each_letter(texts):
    for text in texts():
        shown = ""
        for html in states(text):
            shown = received(shown, html)
            assert shown == html, text


@pytest.mark.parametrize("texts", [examples, lambda: PARTS], ids=["specification", "awkward parts"])
def test_with_no_letter_does_more_go_than_the_block_that_is_being_written(texts):
    for text in texts():
        before: list[str] = []
        for html in states(text):
            blocks = Reader(html).blocks
            assert "".join(blocks).startswith("".join(before[:-1])), (text, before, blocks)
            before = blocks
