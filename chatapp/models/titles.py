"""The titles of chats: what is shown of them, and the one that a chat gets from its first message."""

from chatapp.lib import markdown
from chatapp.lib.names import flaw

TITLE_LIMIT = 100
_EXCERPT = 60


def shown_title(title: str) -> str:
    """What people see: a chat has no title before its first message."""
    return title or "New chat"


def title_from(content: str) -> str:
    """The first line with words in it that can be seen, without Markdown, cut at a word."""
    line = next((line for line in markdown.to_lines(content) if not flaw(line)), "")
    if len(line) <= _EXCERPT:
        return line
    whole_words = line[:_EXCERPT].rpartition(" ")[0]
    return (whole_words or line[:_EXCERPT]) + "…"
