"""Remembers the HTML of rows and heads, by the state of everything that they show."""

import sys
import threading
from collections.abc import Callable
from contextlib import suppress

from cachetools import LRUCache
from markupsafe import Markup

from .streams import record_id

#: Bytes that an entry takes beside its HTML, roughly: its keys, its digest and the dictionary's own.
OVERHEAD = 500


class RowCache:
    """Keeps the newest HTML of each row, up to ``size`` bytes. The least recently used rows go first.

    Each row has one entry, so that the many states of a growing reply do not drive the other rows out.
    """

    def __init__(self, size: int):
        self._rows = LRUCache(size, getsizeof=lambda entry: OVERHEAD + sys.getsizeof(entry[1]))
        self._lock = threading.Lock()

    def get(self, partial: str, record, state: bytes) -> Markup | None:
        """The HTML of ``record``, if it was kept in this ``state``."""
        with self._lock:
            kept, html = self._rows.get(key(partial, record), (None, None))
        return html if kept == state else None

    def keeping(self, partial: str, record, state: bytes, html: Markup) -> Callable[[], None]:
        """A function that keeps ``html``, for callers who may no longer use the record by then."""
        name = key(partial, record)

        def keep() -> None:
            with self._lock, suppress(ValueError):  # ValueError: the row is larger than the whole cache
                self._rows[name] = state, html

        return keep


def key(partial: str, record) -> tuple:
    """The name of a row in one of its templates."""
    return partial, type(record), record_id(record)
