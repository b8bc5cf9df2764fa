"""The HTML of rows, kept by what they show."""

import sys
import threading
from collections.abc import Callable
from contextlib import suppress

from cachetools import LRUCache
from markupsafe import Markup

from .streams import record_id

#: Bytes that an entry costs beside its HTML, about: its keys, its digest and the dictionary's own.
OVERHEAD = 500


class RowCache:
    """Keeps the newest HTML of each row, up to ``size`` bytes; the rows that were not asked for longest go first.

    One entry for each row: the many states of a reply that grows do not drive the others out.
    """

    def __init__(self, size: int):
        self._rows = LRUCache(size, getsizeof=lambda entry: OVERHEAD + sys.getsizeof(entry[1]))
        self._lock = threading.Lock()

    def get(self, partial: str, record, state: bytes) -> Markup | None:
        """What ``record`` looks like, if it was kept in this ``state``."""
        with self._lock:
            kept, html = self._rows.get(key(partial, record), (None, None))
        return html if kept == state else None

    def keeping(self, partial: str, record, state: bytes, html: Markup) -> Callable[[], None]:
        """A function that keeps ``html``; it may be called when the record may not be used any more."""
        name = key(partial, record)

        def keep() -> None:
            with self._lock, suppress(ValueError):  # a row that is larger than the whole cache
                self._rows[name] = state, html

        return keep


def key(partial: str, record) -> tuple:
    """Names a row in one of the forms in which it is rendered."""
    return partial, type(record), record_id(record)
