"""Bounds on the work that one text can cause in markdown-it and linkify-it.

Both libraries have rules that read the rest of a paragraph again for each occurrence of some character. Their work
grows with the square of the length, so 10,000 hostile characters hold the process for seconds. The bounds lie far
beyond what people write. They count characters and not seconds, so that every process makes the same HTML of a text.
"""

import importlib
import re

from linkify_it import LinkifyIt
from linkify_it.main import Match
from markdown_it import MarkdownIt, rules_core, rules_inline
from markdown_it.parser_inline import ParserInline
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

#: markdown-it adds the cells that the rows of a table lack. After this many the table ends.
ADDED_CELLS = 500
#: Longer addresses do not become links.
LONGEST_ADDRESS = 2_048  # characters
#: In longer words, www.a.example and ann@a.example do not become links. Addresses that begin with https:// do.
LONGEST_GUESSED_ADDRESS = 200  # characters
#: The rule looks for the scheme of an address in this many characters before its ://
LONGEST_SCHEME = 32
#: In a paragraph with more parts (changes of style), www.a.example and ann@a.example do not become links.
MOST_PARTS = 1_000
#: The number of opening brackets in a paragraph times its length. Beyond this the paragraph is plain text.
BRACKET_WORK = 10_000_000
#: Longer code has no colours: some of Pygments' lexers read all of the rest for each word.
LONGEST_COLOURED_CODE = 3_000  # characters
#: After this much code in one message, further code has no colours either.
COLOURED_CODE = 4_000  # characters

_WORD = re.compile(r"\S+")
# An import statement would find the package's function of the same name, and not the module.
_TABLE = importlib.import_module("markdown_it.rules_block.table")


class BoundedMarkdown(MarkdownIt):
    """markdown-it with these bounds, and without definitions of references: 10,000 characters of them make 6 MB."""

    def __init__(self, preset: str, options: dict):
        super().__init__(preset, options)
        _TABLE.MAX_AUTOCOMPLETED_CELLS = ADDED_CELLS
        self.linkify = WordByWord()
        self.inline = BoundedInline()
        self.inline.ruler.at("linkify", linkify_nearby)
        self.configure(preset, options)
        self.disable("reference")
        self.core.ruler.after("block", "colour_limit", limit_colours)
        self.core.ruler.at("linkify", linkify_few_parts)


def limit_colours(state: StateCore) -> None:
    coloured = 0
    for token in state.tokens:
        if token.type == "fence":
            coloured += len(token.content)
            if len(token.content) > LONGEST_COLOURED_CODE or coloured > COLOURED_CODE:
                token.info = ""


class BoundedInline(ParserInline):
    """Parses the markup within a paragraph, up to BRACKET_WORK."""

    def parse(self, src: str, md: MarkdownIt, env: dict, tokens: list[Token]) -> list[Token]:
        if src.count("[") * len(src) <= BRACKET_WORK:
            return super().parse(src, md, env, tokens)
        tokens.append(Token("text", "", 0, content=src))
        return tokens


class WordByWord(LinkifyIt):
    """Looks for links in one word at a time, because no link holds a space."""

    def test(self, text: str) -> bool:
        return bool(self.match(text))

    def match(self, text: str) -> list[Match]:
        words = (word for word in _WORD.finditer(text) if len(word[0]) <= LONGEST_GUESSED_ADDRESS)
        return [moved(link, word.start()) for word in words for link in LinkifyIt.match(self, word[0]) or ()]

    def match_at_start(self, text: str) -> Match | None:
        word = _WORD.match(text, 0, LONGEST_ADDRESS + 1)
        return super().match_at_start(word[0]) if word and len(word[0]) <= LONGEST_ADDRESS else None


def moved(link: Match, distance: int) -> Match:
    link.index += distance
    link.last_index += distance
    return link


def linkify_few_parts(state: StateCore) -> None:
    """markdown-it's rule for www.a.example, for short lists of parts only: it copies the list for each link."""
    tokens = state.tokens
    state.tokens = [token for token in tokens if len(token.children or ()) <= MOST_PARTS]
    rules_core.linkify(state)
    state.tokens = tokens


def linkify_nearby(state: StateInline, silent: bool) -> bool:
    """markdown-it's rule for https://…, which looks for the scheme in the last few characters only."""
    if not state.src.startswith("://", state.pos):
        return False
    read, nearby = state.pending[:-LONGEST_SCHEME], state.pending[-LONGEST_SCHEME:]
    if read:
        state.pending = read
        state.pushPending()
        state.pending = nearby
    return rules_inline.linkify(state, silent)
