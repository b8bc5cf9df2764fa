"""The title that a chat gets from its first message."""

import re

TITLE_LIMIT = 100
_EXCERPT = 60
# Marks that mean something in Markdown and nothing in a title.
_MARKS = re.compile(r"[`*_#>~|]+|^\s*[-+]\s+|\[|\]\([^)]*\)", re.MULTILINE)


def title_from(content: str) -> str:
    """The first line with words in it, without Markdown, cut at a word."""
    lines = (" ".join(_MARKS.sub("", line).split()) for line in content.splitlines())
    line = next((line for line in lines if line), "")
    if len(line) <= _EXCERPT:
        return line
    whole_words = line[:_EXCERPT].rpartition(" ")[0]
    return (whole_words or line[:_EXCERPT]) + "…"
