"""The places in a Markdown text that may mention a person, and the names shown there.

Such a place is an @ right before a word, but not in code, in a link or within a word. The parser only marks the places,
because it does not know the names. So the HTML of a text can be remembered, whatever the names are.
"""

import re
from collections.abc import Iterable
from html import escape, unescape
from typing import NamedTuple

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

#: What the HTML of a text has in each place. Nobody can type it, because raw HTML comes out as text.
PLACE = '<span class="at">@</span>'
#: Places in one text. Further ones stay plain text, because each mention costs rows and a publication.
MOST_PLACES = 20
#: Characters to read after a place.
BEHIND = 80

# Neither in an address nor in a file's name; and not @@.
_AT = re.compile(r"(?<![\w@./\\+&=%#-])@(?=[^\s@])")
_LONGEST_ENTITY = len("&quot;")


class Mentioned(NamedTuple):
    """A person whom a text mentions: the name as it stands in the text, a key for ``data-mention-id``, and the name to
    show instead. With ``hidden`` that name is plain text, without the key."""

    written: str
    key: str
    name: str
    hidden: bool = False


def add_places(parser: MarkdownIt) -> None:
    """Have ``parser`` mark the places."""
    # After "linkify", so that no address changes, and before "text_join", so that \@Bob stays as typed.
    parser.core.ruler.after("linkify", "places", mark_places)
    parser.add_render_rule("at", lambda renderer, tokens, index, options, env: PLACE)


def mark_places(state: StateCore) -> None:
    """Splits texts at their places."""
    room = MOST_PLACES
    for token in state.tokens:
        if token.type == "inline" and "@" in token.content:
            token.children = _split(token.children, room)
            room -= sum(child.type == "at" for child in token.children)


def _split(children: list[Token], room: int) -> list[Token]:
    shown, depth = [], 0
    for token in children:
        depth += token.nesting if token.type.startswith("link_") else 0
        if token.type != "text" or depth or room == 0:
            shown.append(token)
            continue
        first, *others = _AT.split(token.content, maxsplit=room)
        room -= len(others)
        token.content = first
        shown.append(token)
        for words in others:
            shown += [Token("at", "", 0, content="@"), Token("text", "", 0, content=words, level=token.level)]
    return shown


def words_behind(html: str) -> list[str]:
    """The text right after each place in ``html``, up to BEHIND characters."""
    parts = html.split(PLACE)[1:]
    texts = (part[: BEHIND * _LONGEST_ENTITY].partition("<")[0] for part in parts)
    return [unescape(text)[:BEHIND] for text in texts]


def with_names(html: str, mentions: Iterable[Mentioned]) -> str:
    """``html`` with a ``<bdi class="mention" data-mention-id="7">@Bob</bdi>`` for each of ``mentions`` that stands at a
    place, and a plain @ at all other places."""
    longest_first = sorted(mentions, key=lambda mention: len(mention.written), reverse=True)
    if longest_first and PLACE in html:
        # After "Ann" her key may follow, but no further letter, and not the key of another person.
        names = "|".join(f"({_in_html(mention.written)}(?:#{mention.key})?)" for mention in longest_first)
        pattern = re.compile(rf"{re.escape(PLACE)}(?:{names})(?![\w]|#\d)", re.IGNORECASE)
        html = pattern.sub(lambda found: _element(longest_first[found.lastindex - 1]), html)
    return html.replace(PLACE, "@")


def _in_html(text: str) -> str:
    return re.escape(escape(text, quote=False))


def _element(mention: Mentioned) -> str:
    if mention.hidden:
        return f"@{escape(mention.name)}"
    return f'<bdi class="mention" data-mention-id="{escape(mention.key)}">@{escape(mention.name)}</bdi>'
