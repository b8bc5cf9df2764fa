"""Markdown to safe HTML."""

from functools import lru_cache

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token
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

# Some of Pygments' 500 lexers take seconds for a page of nonsense; these were tried. Longer code stays plain.
_LANGUAGES = {
    "bash", "c", "c++", "cpp", "cs", "csharp", "css", "diff", "docker", "dockerfile", "elixir", "go", "graphql",
    "haskell", "html", "http", "ini", "java", "javascript", "js", "json", "jsx", "kotlin", "lua", "markdown",
    "md", "nginx", "php", "python", "py", "pycon", "python3", "rb", "ruby", "rs", "rust", "scala", "sh", "shell",
    "sql", "svelte", "swift", "toml", "ts", "tsx", "typescript", "vue", "xml", "yaml", "yml", "zig",
}  # fmt: skip
_HIGHLIGHT_LIMIT = 3_000  # characters


def _highlight(code: str, language: str, attributes: str) -> str:
    try:
        known = language.lower() in _LANGUAGES and len(code) <= _HIGHLIGHT_LIMIT
        html = highlight(code, get_lexer_by_name(language.lower()), _FORMATTER) if known else escape(code)
    except ClassNotFound:
        html = escape(code)
    # In the tab order, so that a long line can be scrolled by keyboard.
    return f'<pre class="highlight"><code tabindex="0">{html}</code></pre>'


def _parser() -> MarkdownIt:
    # Images are links here: a picture from elsewhere tells its host who reads, and the page's policy blocks it.
    options = {"html": False, "linkify": True, "breaks": True, "highlight": _highlight}
    return MarkdownIt("commonmark", options).enable(["table", "strikethrough", "linkify"]).disable("image")


_MARKDOWN = _parser()


@lru_cache(maxsize=512)
def to_html(text: str) -> Markup:
    """The HTML of a Markdown text: GitHub's tables, strikethrough and bare links, a line break where one is typed.

    Safe for any input: raw HTML comes out as text, and what remains is sanitised to a list of harmless tags,
    so that a mistake in the parser is not a hole. The latest 512 results are kept, since a message is
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


@lru_cache(maxsize=512)
def to_lines(text: str, limit: int = 500) -> tuple[str, ...]:
    """The lines with words in them, without Markdown's marks, of the first ``limit`` characters: for titles and
    excerpts, which are plain text."""
    lines = (" ".join(line.split()) for token in _MARKDOWN.parse(text[:limit]) for line in _plain_lines(token))
    return tuple(line for line in lines if line)


def _plain_lines(token: Token) -> list[str]:
    if token.type == "inline":
        parts = ("\n" if child.type.endswith("break") else child.content for child in token.children)
        return "".join(parts).splitlines()
    return token.content.splitlines()  # code; what opens and closes a block has none
