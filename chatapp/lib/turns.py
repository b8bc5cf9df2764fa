"""Lets threads take turns at something that is slow when all do it at once."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Semaphore


class Turns:
    """``at_once`` threads have a turn at the same time, and besides them ``first`` of those that must not wait."""

    def __init__(self, at_once: int, first: int):
        self._usual, self._first = Semaphore(at_once), Semaphore(first)

    @contextmanager
    def take(self, first: bool = False) -> Iterator[None]:
        """Wait for a turn and have it. Do not nest: a thread could wait for its own turn, for ever."""
        kind = self._first if first else self._usual
        with kind:
            yield
