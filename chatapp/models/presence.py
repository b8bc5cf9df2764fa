"""Who is here now: people with an open page, as far as they show it."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from chatapp.extensions import turbo

if TYPE_CHECKING:
    from .user import User

SHOWN, HIDDEN = "shown", "hidden"


def here(people: Iterable["User"]) -> set["User"]:
    """Those who are here and show it. Nobody while Redis is away: then it is not known, and a page says nothing."""
    shown = {f"user:{person.id}": person for person in people if person.presence == SHOWN and person.active}
    return {shown[owner] for owner in turbo.owners.here(list(shown)) or ()}
