"""Remembers the HTML of rows and heads, by the state of everything that they show."""

import sys
import threading
from collections.abc import Mapping
from contextlib import suppress

from cachetools import LRUCache
from markupsafe import Markup

from .streams import record_id

#: Bytes that an entry takes besides its HTML, roughly: its key, its digest and its share of the dictionary.
OVERHEAD = 500
NOTHING = None, None


class RowCache:
    """Keeps the newest HTML of each row, up to ``size`` bytes. The least recently used rows go first.

    Each row has one entry, so that the many states of a growing reply do not drive the other rows out.
    """

    def __init__(self, size: int):
        self._rows = LRUCache(size, getsizeof=lambda entry: OVERHEAD + sys.getsizeof(entry[1]))
        self._lock = threading.Lock()

    def get(self, key: tuple, state: bytes | tuple) -> Markup | None:
        """The HTML that was kept under ``key`` (``row_key``), if it was kept in this ``state``."""
        return self.get_all({key: state}).get(key)

    def get_all(self, states: Mapping[tuple, bytes | tuple]) -> dict[tuple, Markup]:
        """The HTML that was kept under each key of ``states``, of those that were kept in that state."""
        with self._lock:
            kept = {key: self._rows.get(key, NOTHING) for key in states}
        return {key: html for key, (state, html) in kept.items() if state == states[key]}

    def keep(self, key: tuple, state: bytes | tuple, html: Markup) -> None:
        with self._lock, suppress(ValueError):  # ValueError: the row is larger than the whole cache
            self._rows[key] = state, html


def row_key(partial: str, record) -> tuple:
    """The key of a row rendered with the template ``partial``."""
    return row_key_by_id(partial, type(record), record_id(record))


def row_key_by_id(partial: str, cls: type, id: int | str) -> tuple:
    return partial, cls, id
