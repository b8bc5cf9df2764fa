"""Finds people and chats by what a person typed of their names."""

import re
from collections.abc import Iterable, Sequence
from functools import cached_property

from chatapp.lib.search_words import fold, words_for

#: The most people or chats that one filter may stand for.
LIMIT = 100
_WITH_ID = re.compile(r"(.+)#([1-9][0-9]{0,8})")


def called(values: Iterable[str], named: Sequence[tuple[int, str]], me: int | None = None) -> list[int]:
    """The ids of those in ``named`` that one of ``values`` means: by the whole name, else by how its words begin.

    ``me`` is the id that "me" means. ``Bob#7`` means one of several Bobs, as in a mention.
    """
    names = _Names(named)
    found = [id for value in dict.fromkeys(values) for id in names.meant_by(value.removeprefix("@"), me)]
    return list(dict.fromkeys(found))[:LIMIT]


class _Names:
    """Names by their ids. Each is folded and split once, because a place has thousands of them."""

    def __init__(self, named: Sequence[tuple[int, str]]):
        self.names = dict(named)

    def meant_by(self, value: str, me: int | None) -> list[int]:
        if me is not None and fold(value) == "me":
            return [me]
        ids: Iterable[int] = self.names
        if with_id := _WITH_ID.fullmatch(value):
            value, ids = with_id[1], self.names.keys() & {int(with_id[2])}
        folded, starts = fold(value), set(words_for(value))
        whole = [id for id in ids if self._folded[id] == folded]
        return whole or [id for id in ids if _begins(starts, self._words[id])]

    @cached_property
    def _folded(self) -> dict[int, str]:
        return {id: fold(name) for id, name in self.names.items()}

    @cached_property
    def _words(self) -> dict[int, list[str]]:
        return {id: words_for(name) for id, name in self.names.items()}


def _begins(starts: set[str], words: list[str]) -> bool:
    return bool(starts) and all(any(word.startswith(start) for word in words) for start in starts)
