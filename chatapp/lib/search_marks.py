"""Shows the part of a text that has the words of a search, and marks them."""

import unicodedata
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from . import markdown
from .search_query import Term
from .search_words import fold_in_place, words_in

#: Characters before the first word found, so that it shows in which sentence it stands.
LEAD = 60


class Piece(NamedTuple):
    """A part of a text. ``found`` is True for a word of the search."""

    text: str
    found: bool = False


def excerpt(text: str, terms: Sequence[Term], length: int) -> list[Piece]:
    """A Markdown text in one plain line, cut to about ``length`` characters around the first word found."""
    text = unicodedata.normalize("NFC", text)
    skipped = _beginning(text, next(_places(text, terms), (0, 0))[0]) if len(text) > markdown.LINES_LIMIT else 0
    line = " ".join(markdown.to_lines(text[skipped:]))
    begin = _beginning(line, next(_places(line, terms), (0, 0))[0]) if len(line) > length else 0
    shown = line[begin : begin + length].rstrip()
    before = "…" if skipped or begin else ""
    after = "…" if begin + length < len(line) or skipped + markdown.LINES_LIMIT < len(text) else ""
    return [Piece(before), *marked(shown, terms), Piece(after)]


def marked(text: str, terms: Sequence[Term]) -> list[Piece]:
    """``text`` in pieces. Each place where one of ``terms`` stands is a piece of its own."""
    pieces, end = [], 0
    for start, stop in _joined(sorted(_places(text, terms))):
        pieces += [Piece(text[end:start]), Piece(text[start:stop], found=True)]
        end = stop
    return [piece for piece in (*pieces, Piece(text[end:])) if piece.text]


def _beginning(text: str, place: int) -> int:
    """Where to begin to show ``text`` so that ``place`` is in sight: at the beginning of a word, if there is one."""
    begin = max(0, place - LEAD)
    space = text.find(" ", begin, place)
    return space + 1 if begin and space >= 0 else begin


def _places(text: str, terms: Sequence[Term]) -> Iterator[tuple[int, int]]:
    """The beginning and the end of each word found."""
    folded, origins = fold_in_place(text)
    origins.append(len(text))
    whole, begun = {term.word for term in terms}, [term.word for term in terms if term.begins]
    for found in words_in(folded):
        lengths = [len(word) for word in begun if found.word.startswith(word)]
        if lengths or found.word in whole:
            end = found.start + max(lengths, default=len(found.word))
            yield origins[found.start], max(origins[end], origins[end - 1] + 1)


def _joined(places: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Joins places that overlap or touch, such as the pairs of characters of Chinese."""
    start = stop = None
    for place in places:
        if stop is not None and place[0] <= stop:
            stop = max(stop, place[1])
            continue
        if stop is not None:
            yield start, stop
        start, stop = place
    if stop is not None:
        yield start, stop
