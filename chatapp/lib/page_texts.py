"""The text of a document from the web: an HTML page as Markdown, a text as it is."""

import html_to_markdown
from html_to_markdown import ConversionOptions, PreprocessingOptions

from .page_words import decoded

HTML = ("text/html", "application/xhtml+xml")
TEXTS = ("text/plain", "text/markdown", "text/x-markdown", "text/csv", "text/xml", "application/xml")
#: Characters of a page to turn into text. The library takes a second at worst for these.
LOOKED_AT = 1_000_000
#: The elements that stand beside the text of a page.
BESIDE = ["iframe", "object", "embed", "svg", "canvas", "video", "audio"]


class Unreadable(Exception):
    """The document has no text. The reason is for people, and for a model."""


def text_of(content: bytes, content_type: str, url: str) -> str:
    """The text of ``content``, which came from ``url``. Leaves out navigation, forms, scripts, pictures, and what a
    browser hides. Raises Unreadable."""
    kind = content_type.partition(";")[0].strip().lower()
    if kind in HTML:
        text = markdown_of(decoded(content, content_type), url)
    elif kind in TEXTS or kind == "application/json" or kind.endswith("+json"):
        text = decoded(content, content_type)
    else:
        raise Unreadable(f"This is no page of text but {named(kind)}, which can't be read.")
    if not text.strip():
        raise Unreadable("There is no text on this page. It may be made by scripts, which are not run.")
    return text


def named(kind: str) -> str:
    kinds = {"application/pdf": "a PDF file", "image": "a picture", "audio": "a sound", "video": "a film"}
    return kinds.get(kind) or kinds.get(kind.partition("/")[0]) or "a file of another kind"


def markdown_of(page: str, url: str) -> str:
    """The text of an HTML page."""
    cleaning = PreprocessingOptions(preset="aggressive", remove_navigation=True, remove_forms=True)
    options = ConversionOptions(
        preprocessing=cleaning,
        skip_images=True,
        strip_tags=BESIDE,
        compact_tables=True,
        extract_metadata=False,
        base_url=url,
    )
    try:
        return html_to_markdown.convert(page[:LOOKED_AT], options).content or ""
    except Exception as error:  # the library is written in another language, and documents few errors
        raise Unreadable("This page can't be read.") from error
