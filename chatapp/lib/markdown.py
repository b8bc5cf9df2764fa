"""Markdown to safe HTML."""

import re
from functools import lru_cache

import nh3
from markdown_it import MarkdownIt
from markupsafe import Markup, escape
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import get_lexer_by_name
from pygments.util import ClassNotFound

_TAGS = {"a", "p", "br", "hr", "strong", "em", "s", "code", "pre", "span", "ul", "ol", "li", "blockquote"}
_TAGS |= {"h1", "h2", "h3", "h4", "h5", "h6", "table", "thead", "tbody", "tr", "th", "td"}
_CLASS = {"class"}
_ATTRIBUTES = {"a": {"href", "title"}, "ol": {"start"}, "span": _CLASS, "pre": _CLASS}
_ATTRIBUTES["code"] = {"class", "tabindex"}
_SCHEMES = {"http", "https", "mailto"}
_FORMATTER = HtmlFormatter(nowrap=True)
# Marks that mean something in Markdown and nothing in a line of plain text.
_MARKS = re.compile(r"[`*#>~|]+|^\s*[-+]\s+|!?\[(?=[^\]]*\]\()|\]\([^)]*\)|(?<!\w)_+|_+(?!\w)", re.MULTILINE)


def _highlight(code: str, language: str, attributes: str) -> str:
    try:
        html = highlight(code, get_lexer_by_name(language or "text"), _FORMATTER)
    except ClassNotFound:
        html = escape(code)
    # In the tab order, so that a long line can be scrolled by keyboard.
    return f'<pre class="highlight"><code tabindex="0">{html}</code></pre>'


def _parser() -> MarkdownIt:
    # Images are links here: a picture from elsewhere tells its host who reads, and the page's policy blocks it.
    options = {"html": False, "linkify": True, "breaks": True, "highlight": _highlight}
    return MarkdownIt("commonmark", options).enable(["table", "strikethrough", "linkify"]).disable("image")


_MARKDOWN = _parser()


@lru_cache(maxsize=2048)
def to_html(text: str) -> Markup:
    """The HTML of a Markdown text: GitHub's tables, strikethrough and bare links, a line break where one is typed.

    Safe for any input: raw HTML comes out as text, and what remains is sanitised to a list of harmless tags,
    so that a mistake in the parser is not a hole. The latest 2,048 results are kept, since a message is
    rendered again for every page that shows it.
    """
    html = nh3.clean(
        _MARKDOWN.render(text),
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        url_schemes=_SCHEMES,
        link_rel="noopener noreferrer nofollow",
        set_tag_attribute_values={"a": {"target": "_blank"}},
    )
    return Markup(html.strip())


def to_lines(text: str) -> list[str]:
    """The lines with words in them, without Markdown's marks: for titles and excerpts, which are plain text."""
    lines = (" ".join(_MARKS.sub("", line).split()) for line in text.splitlines())
    return [line for line in lines if line]
