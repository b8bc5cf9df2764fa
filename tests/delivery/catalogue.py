"""The list of all changes, which changes.py and list_changes.py fill."""

from collections.abc import Callable
from dataclasses import dataclass

DIRECT = "direct"


@dataclass(frozen=True)
class Change:
    do: Callable
    weight: int
    where: tuple[str, ...]


CHANGES: dict[str, Change] = {}


def change(weight: int, *where: str):
    """Registers a change. ``where`` is any of web-0, web-1 and direct."""

    def register(function):
        CHANGES[function.__name__] = Change(function, weight, where or ("web-0", "web-1", DIRECT))
        return function

    return register
