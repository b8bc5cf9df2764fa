"""Splits texts into the words that are searched for, the same for every database.

Each database has its own way to fold case and accents and to split texts. So this module does both, and the index of a
database compares the words unchanged.
"""

import re
import unicodedata
from collections.abc import Iterator
from typing import NamedTuple

#: Characters of a word. Longer words are cut, in texts and in queries alike.
WORD_LIMIT = 64
#: Bytes of all words of a text. PostgreSQL refuses what is far larger.
TEXT_LIMIT = 32 * 1024
#: Of a word with at most this many parts, such as ``www.example.com``, each sequence of parts can be found.
PARTS_LIMIT = 6
#: ASCII characters in words besides letters and digits. An index must not split words there.
PUNCTUATION = ".-_'@+#^"

# Accents and vowel signs that people leave out when they search. Marks of other scripts are letters.
_ACCENTS = re.compile("[\u0300-\u036f\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u064b-\u065f\u0670]")
_PLAIN = {"ø": "o", "ł": "l", "đ": "d", "æ": "ae", "œ": "oe", "ı": "i", "ð": "d", "þ": "th", "’": "'", "‑": "-"}


class _Folding(dict):
    """The plain form of each character, worked out when it first occurs."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        bare = _ACCENTS.sub("", unicodedata.normalize("NFKD", character.casefold())).casefold()
        self[code] = "".join(_PLAIN.get(letter, letter) for letter in unicodedata.normalize("NFC", bare))
        return self[code]


_FOLDING = _Folding()


def _ranges(codes: set[int]) -> str:
    """The inside of a character class that matches these characters."""
    starts = sorted(code for code in codes if code - 1 not in codes)
    ends = sorted(code for code in codes if code + 1 not in codes)
    return "".join(f"{chr(start)}-{chr(end)}" for start, end in zip(starts, ends, strict=True))


# Thai, Lao, Burmese and Khmer, Hangul, kana and Han: words without spaces between them.
_UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u1100-\u11ff\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf"
_UNSPACED += "\u4e00-\u9fff\ua960-\ua97f\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff"
# Marks, among them the vowel signs of Indian scripts, which are not letters to `re`.
_MARKS = _ranges({code for code in range(0xFE00) if unicodedata.category(chr(code)) in ("Mn", "Mc")})
_LETTERS = f"(?:[^\\W_{_UNSPACED}]|[{_MARKS}])+"
_WORD = re.compile(
    f"(?P<unspaced>[{_UNSPACED}]+)"
    rf"|(?P<code>(?:(?<![\w.])\.)?{_LETTERS}(?:[.\-_'@]{_LETTERS})*(?:\+\+|\#(?!\w))?)"
    "|(?P<emoji>[\u2600-\u27bf\U0001f300-\U0001faff])"
)
_PARTS = re.compile(r"[^.\-_'@+#]+")


class Found(NamedTuple):
    """One word of a text, and where it stands in the folded text."""

    word: str
    start: int


def fold(text: str) -> str:
    """``text`` without case and accents: ``"ecole"`` for ``"École"``."""
    return unicodedata.normalize("NFKC", text).translate(_FOLDING)


def fold_in_place(text: str) -> tuple[str, list[int]]:
    """``text`` folded, and for each character of the result the place in ``text`` that it comes from."""
    pieces = [_FOLDING[ord(character)] for character in text]
    return "".join(pieces), [place for place, piece in enumerate(pieces) for _ in piece]


def words_in(folded: str) -> Iterator[Found]:
    """All words under which a folded text is found. ``node.js`` is found as such, as ``node`` and as ``js``."""
    for match in _WORD.finditer(folded):
        start = match.start()
        if match["code"]:
            yield from _parts_of(match["code"], start)
        elif match["unspaced"]:
            yield from (Found(match[0][place : place + 2], start + place) for place in range(len(match[0])))
        else:
            yield Found(match[0], start)


def _parts_of(word: str, start: int) -> Iterator[Found]:
    yield Found(word[:WORD_LIMIT], start)
    if word.isalnum():  # as most words are: it has no parts
        return
    parts = list(_PARTS.finditer(word))
    for first, part in enumerate(parts):
        lasts = parts[first:] if len(parts) <= PARTS_LIMIT else [part]
        for last in lasts:
            found = word[part.start() : last.end()]
            if found != word:
                yield Found(found[:WORD_LIMIT], start + part.start())


def words_for(query: str) -> list[str]:
    """The words that a text must have to be found by ``query``: the longest one at each place."""
    wanted: list[str] = []
    for match in _WORD.finditer(fold(query)):
        wanted.extend(_pairs(match[0]) if match["unspaced"] else [match[0][:WORD_LIMIT]])
    return wanted


def unspaced_phrases(query: str) -> list[str]:
    """The parts of ``query`` in scripts without spaces, in the form in which texts are kept: as pairs of characters,
    which must follow each other."""
    runs = (match["unspaced"] for match in _WORD.finditer(fold(query)))
    return [" ".join(_pairs(run)) for run in runs if run and len(run) > 2]


def _pairs(run: str) -> list[str]:
    return [run[place : place + 2] for place in range(len(run) - 1)] or [run]


def is_unspaced(word: str) -> bool:
    """Whether the word is in a script that puts no spaces between words."""
    match = _WORD.match(word)
    return bool(match and match["unspaced"])


def searchable(text: str) -> str:
    """All words of ``text`` with a space between them, in order, up to TEXT_LIMIT."""
    words = " ".join([found.word for found in words_in(fold(text))])
    encoded = words.encode()
    if len(encoded) <= TEXT_LIMIT:
        return words
    return encoded[:TEXT_LIMIT].decode(errors="ignore").rpartition(" ")[0]
