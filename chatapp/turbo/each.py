"""Deals with many things of which one may fail."""

from collections.abc import Callable, Iterable
from typing import TypeVar

Thing = TypeVar("Thing")


def each(things: Iterable[Thing], do: Callable[[Thing], object], failed: list[Thing] | None = None) -> None:
    """Call ``do`` with each of ``things``, whatever happens with the others.

    Those that fail are appended to ``failed``. Raises the last of their errors, once all have had their turn.
    """
    last = None
    for thing in things:
        try:
            do(thing)
        except Exception as error:
            last = error
            if failed is not None:
                failed.append(thing)
    if last is not None:
        raise last
