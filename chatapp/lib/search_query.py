"""Reads what people type into a search box: words, quoted phrases, and filters such as ``from:alice``."""

import re
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import NamedTuple

from .search_words import is_unspaced, searchable, unspaced_phrases, words_for

#: A last word of at least this many letters also stands for longer ones. A shorter one would stand for too many.
PREFIX_LENGTH = 3
#: The most words of a query. What is typed after them is left out.
TERMS_LIMIT = 16

_PIECE = re.compile(r'(?:(?P<name>[a-z]+):)?(?:"(?P<quoted>[^"]*)"?|(?P<plain>[^\s"]+)|(?<=:))', re.IGNORECASE)


class Term(NamedTuple):
    """A word that a text must have. With ``begins`` also a longer word that begins with it."""

    word: str
    begins: bool = False


@dataclass
class SearchQuery:
    """What a person searches for."""

    terms: list[Term] = field(default_factory=list)
    #: Words that must stand side by side, in the form in which texts are kept.
    phrases: list[str] = field(default_factory=list)
    #: The values of each filter.
    filters: dict[str, list[str]] = field(default_factory=dict)

    @classmethod
    def read(cls, typed: str, filters: Collection[str]) -> "SearchQuery":
        """Any text is a query. ``filters`` are the names that mean something before a colon."""
        query = cls()
        for piece in _PIECE.finditer(typed):
            name = (piece["name"] or "").lower()
            text = (piece["plain"] or "") if piece["quoted"] is None else piece["quoted"]
            if name in filters:
                query.filters.setdefault(name, []).append(text)
            elif piece["quoted"] is None:
                query._add_words(piece[0], still_typed=piece.end() == len(typed))
            else:
                query._add_words(piece["name"] or "", still_typed=False)
                query._add_phrase(text)
        query.terms = list(dict.fromkeys(query.terms))[:TERMS_LIMIT]
        return query

    def _add_words(self, text: str, still_typed: bool) -> None:
        words = words_for(text)
        self.terms.extend(Term(word, _alone(word)) for word in words)
        if words and still_typed and not is_unspaced(words[-1]):
            self.terms[-1] = Term(words[-1], len(words[-1]) >= PREFIX_LENGTH)
        self.phrases.extend(unspaced_phrases(text))

    def _add_phrase(self, text: str) -> None:
        words = words_for(text)
        self.terms.extend(Term(word, _alone(word)) for word in words)
        if any(map(is_unspaced, words)):
            self.phrases.extend(unspaced_phrases(text))
        elif len(words) > 1:
            self.phrases.append(searchable(text))


def _alone(word: str) -> bool:
    """Whether ``word`` is one character of a script without spaces: it begins a pair, except at the end of a run."""
    return len(word) == 1 and is_unspaced(word)
