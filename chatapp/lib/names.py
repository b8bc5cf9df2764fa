"""Checks whether people can read a name, and whether they could take it for another one."""

import re
import unicodedata
from collections.abc import Iterable

from confusable_homoglyphs import confusables

#: Joiners: invisible, but emoji and some scripts need them between two characters.
_JOINERS = "\u200c\u200d"
#: Blank, though Unicode counts them as letters, symbols or marks: Hangul fillers, an empty Braille cell and others.
_BLANK = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u2800\u3164\uffa0\ufffc")
_BLANK |= frozenset("\U00013441\U00013442\U0001d159")  # blank hieroglyphs, and the head of a note that has none
_EMOJI_STYLE = "\ufe0f"
#: Control characters, direction marks and others without a shape, lone surrogates, private characters, line ends.
_SHAPELESS = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})
#: Marks on one letter. Living scripts need no more.
_MARKS = 3
#: Characters. Time to sort the marks of a text grows with the square of their number, and nobody's name is longer.
_LONGEST = 1_000
_ALIKE = str.maketrans("i1|!0$5@4", "llllossaa")
_SMALL_CAPITAL = re.compile(r"LATIN LETTER SMALL CAPITAL ([A-Z])")


def composed(name: str) -> str:
    """``name`` with each letter and its accent as one character, where Unicode has one. Texts that are far too long for
    a name come back as they are."""
    return unicodedata.normalize("NFC", name) if len(name) <= _LONGEST else name


def flaw(name: str) -> str | None:
    """What is wrong with ``name``, for the person who chose it; None if it can be read."""
    if any(_is_unseen(name, place) for place in range(len(name))):
        return "This contains a character that can't be seen. Type the name anew, without it."
    if not any(unicodedata.category(character)[0] in "LNSP" for character in name):
        return "Use at least one letter or digit."
    kinds = "".join("m" if _is_mark(character) else "-" for character in name)
    if kinds.startswith("m") or "m" * (_MARKS + 1) in kinds:
        return "This has more accents than letters can carry. Leave some out."
    return None


def looks_like(name: str, other: str) -> bool:
    """Whether people could take one for the other: ``"Аss1stant"``, with a Cyrillic А, for ``"Assistant"``."""
    return like(name, [other]) is not None


def like(name: str, others: Iterable[str]) -> str | None:
    """The first of ``others`` that ``looks_like`` the name, or None."""
    if len(name) > _LONGEST:
        return None
    own = _skeleton(name) or name  # the skeleton of a name without any letter is empty
    return next((other for other in others if len(other) <= _LONGEST and (_skeleton(other) or other) == own), None)


def _is_unseen(name: str, place: int) -> bool:
    character = name[place]
    if character in _JOINERS:
        between = name[place - 1 : place] + name[place + 1 : place + 2]
        return len(between) < 2 or any(neighbour.isspace() or neighbour in _JOINERS for neighbour in between)
    return character in _BLANK or unicodedata.category(character) in _SHAPELESS


def _is_mark(character: str) -> bool:
    return unicodedata.category(character) in {"Mn", "Me"} and character != _EMOJI_STYLE


def _skeleton(name: str) -> str:
    plain = (character for character in unicodedata.normalize("NFKD", name) if not unicodedata.combining(character))
    latin = "".join(map(_latin, plain)).lower().translate(_ALIKE)
    return re.sub(r"[\W_]", "", latin)


def _latin(character: str) -> str:
    if character.isascii():
        return character
    if small_capital := _SMALL_CAPITAL.fullmatch(unicodedata.name(character, "")):
        return small_capital[1]
    # Some letters look Latin in one case only, such as the Cyrillic Т.
    found = confusables.is_confusable(character + character.upper(), greedy=True) or []
    alike = (alike["c"] for match in found for alike in match["homoglyphs"])
    return next((letter for letter in alike if letter.isascii()), character)
