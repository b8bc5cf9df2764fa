"""Markdown to safe HTML."""

import re
import sys
from collections.abc import Iterable
from functools import lru_cache
from hashlib import sha256
from html import unescape
from threading import Lock

import nh3
from cachetools import LRUCache, cached
from markdown_it.token import Token
from markupsafe import Markup, escape

from .highlighting import highlighted
from .markdown_limits import BoundedMarkdown
from .markdown_mentions import Mentioned, add_places, with_names, words_behind
from .markdown_rules import add_rules

MIB = 1024 * 1024
#: A text that makes more HTML than this is shown as it was typed, because a page holds fifty messages.
HTML_LIMIT = 150_000  # characters
CACHE_BYTES = 8 * MIB
#: The characters of a text that titles and excerpts are made from.
LINES_LIMIT = 500

_TAGS = {"a", "p", "br", "hr", "strong", "em", "s", "code", "pre", "span", "ul", "ol", "li", "blockquote"}
_TAGS |= {"h1", "h2", "h3", "h4", "h5", "h6", "table", "thead", "tbody", "tr", "th", "td", "label", "input", "div"}
_CLASS = {"class"}
_ATTRIBUTES = {"a": {"href", "title"}, "ol": {"start"}, "code": {"tabindex"}, "input": {"checked", "disabled"}}
_ATTRIBUTES |= {"span": _CLASS, "pre": _CLASS, "p": _CLASS, "th": _CLASS, "td": _CLASS, "li": _CLASS}
_ATTRIBUTES["div"] = {"class", "role", "aria-label", "tabindex"}
_VALUES = {"input": {"type": {"checkbox"}}}
_SCHEMES = {"http", "https", "mailto"}


_LINK = re.compile(r'<a href="(https?://[^"]+)"', re.IGNORECASE)
#: A link into this site. The sanitiser writes it, so it has no other form.
_OWN_LINK = re.compile(r'(<a href="/(?![/\\])[^"]*"(?: title="[^"]*")?) target="_blank"')


def _highlight(code: str, language: str, attributes: str) -> str:
    # In the tab order, so that the keyboard can scroll a long line.
    return f'<pre class="highlight"><code tabindex="0">{highlighted(code, language)}</code></pre>'


def _parser() -> BoundedMarkdown:
    options = {"html": False, "linkify": True, "breaks": True, "highlight": _highlight}
    parser = BoundedMarkdown("commonmark", options)
    add_rules(parser)
    add_places(parser)
    return parser.enable(["table", "strikethrough", "linkify"])


_MARKDOWN = _parser()
_CLEANER = nh3.Cleaner(
    tags=_TAGS,
    attributes=_ATTRIBUTES,
    url_schemes=_SCHEMES,
    link_rel="noopener noreferrer nofollow",
    tag_attribute_values=_VALUES,
    set_tag_attribute_values={"a": {"target": "_blank"}},
)


def to_html(text: str, mentions: Iterable[Mentioned] = ()) -> Markup:
    """The HTML of a Markdown text: GitHub's tables, task lists, strikethrough and bare links, shortcodes of emoji, a
    line break where one is typed. A picture becomes a link. ``mentions`` get their current names.

    Safe for any input: raw HTML comes out as text, and a sanitiser lets only harmless tags through, so a mistake in
    the parser does no harm. A text that makes more HTML than HTML_LIMIT comes back as it was typed.
    """
    return Markup(with_names(_parsed(text), mentions))


def to_html_for_links_of_ours(text: str) -> Markup:
    """As ``to_html``, for a text that links to pages of this site by their paths: these open in the same tab."""
    return Markup(_OWN_LINK.sub(r"\1", _parsed(text)))


def places(text: str) -> list[str]:
    """The words after each @ of a Markdown text that may begin a mention, up to 80 characters of them."""
    return words_behind(_parsed(text)) if "@" in text else []


def has_link(text: str) -> bool:
    """Whether a Markdown text has a link."""
    return ("." in text or ":" in text) and "<a href=" in _parsed(text)


def first_link(text: str) -> str | None:
    """The address of the first link to a page that a Markdown text shows; None without one. Code has no links."""
    if "." not in text and ":" not in text:
        return None
    found = _LINK.search(_parsed(text))
    return unescape(found[1]) if found else None


@cached(LRUCache(CACHE_BYTES, getsizeof=sys.getsizeof), key=lambda text: sha256(text.encode()).digest(), lock=Lock())
def _parsed(text: str) -> str:
    """Keeps the latest results, up to CACHE_BYTES, because every page that shows a message renders it again."""
    html = _MARKDOWN.render(text)
    if len(html) <= HTML_LIMIT:
        html = _sanitised(html)
    return html if len(html) <= HTML_LIMIT else f'<p class="plain">{escape(text)}</p>'


def _sanitised(html: str) -> str:
    return _CLEANER.clean(html).strip()


def to_lines(text: str) -> tuple[str, ...]:
    """The lines with words in them, without Markdown's marks, of the first LINES_LIMIT characters: for titles and
    excerpts, which are plain text."""
    return _lines(text[:LINES_LIMIT])


def excerpt(text: str, length: int) -> str:
    """A Markdown text in one plain line, cut to ``length`` characters."""
    line = " ".join(to_lines(text))
    return line if len(line) <= length else line[: length - 1].rstrip() + "…"


@lru_cache(maxsize=512)
def _lines(text: str) -> tuple[str, ...]:
    lines = (" ".join(line.split()) for token in _MARKDOWN.parse(text) for line in _plain_lines(token))
    return tuple(line for line in lines if line)


def _plain_lines(token: Token) -> list[str]:
    if token.type == "inline":
        return "".join(map(_plain_text, token.children)).splitlines()
    return token.content.splitlines()  # code; tokens that open and close a block have no content


def _plain_text(child: Token) -> str:
    return {"softbreak": "\n", "hardbreak": "\n", "html_inline": ""}.get(child.type, child.content)
