"""Finds people and chats by what a person typed of their names."""

import re
from collections.abc import Iterable, Sequence

from chatapp.lib.search_words import fold, words_for

#: The most people or chats that one filter may stand for.
LIMIT = 100
_WITH_ID = re.compile(r"(.+)#([1-9][0-9]{0,8})")


def called(values: Iterable[str], named: Sequence[tuple[int, str]], me: int | None = None) -> list[int]:
    """The ids of those in ``named`` that one of ``values`` means: by the whole name, else by how its words begin.

    ``me`` is the id that "me" means. ``Bob#7`` means one of several Bobs, as in a mention.
    """
    found = [id for value in values for id in _called(value.removeprefix("@"), named, me)]
    return list(dict.fromkeys(found))[:LIMIT]


def _called(value: str, named: Sequence[tuple[int, str]], me: int | None) -> list[int]:
    if me is not None and fold(value) == "me":
        return [me]
    if with_id := _WITH_ID.fullmatch(value):
        value, id = with_id[1], int(with_id[2])
        named = [one for one in named if one[0] == id]
    whole = [id for id, name in named if fold(name) == fold(value)]
    return whole or [id for id, name in named if _begins(words_for(value), words_for(name))]


def _begins(starts: list[str], words: list[str]) -> bool:
    return bool(starts) and all(any(word.startswith(start) for word in words) for start in starts)
