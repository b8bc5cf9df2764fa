"""What the events of a stream say of themselves, by the rules of static/turbo/wire.js and region.js."""

import re
from dataclasses import dataclass
from urllib.parse import parse_qsl

MARK = re.compile(r"<!--(?:(?:after|grown) (?:(\S+) )?(\d+)|full(?: (\S+))?)-->$")
STREAM = re.compile(
    r'<turbo-stream action="(\w+)" targets?="([^"]+)"(?: data-growth="([\d ]+)")?>'
    r"(?:<template>(.*?)</template>)?</turbo-stream>",
    re.DOTALL,
)


@dataclass(frozen=True)
class Mark:
    """The comment at the end of a change: the stream that it is about, and what it follows, if it is not a full one.

    Where a connection carries one stream the mark has no name.
    """

    name: str | None
    after: int | None

    @property
    def full(self) -> bool:
        return self.after is None


def mark_of(html: str) -> Mark | None:
    """None for a passing state, which moves nothing."""
    found = MARK.search(html)
    if found is None:
        return None
    name, after, whole = found.groups()
    return Mark(name or whole, int(after) if after else None)


def positions(text: str) -> dict[str | None, int]:
    """Where each stream stands, from the id of an event or from a heartbeat: ``chat:7=43&user:4=118``, or ``43``."""
    if "=" not in text:
        return {None: int(text)} if text else {}
    return {name: int(position) for name, position in parse_qsl(text)}


class Region:
    """A part of a page that one stream keeps live. ``cursor`` is the position of what it shows."""

    name: str | None
    cursor: int

    def receive(self, html: str, mark: Mark, position: int) -> bool:
        """Take a change. False for one that does not fit: one before it is missing, or a row cannot grow so."""
        if not mark.full and not self.reached(mark.after):
            return False
        older = position < self.cursor
        if older and not mark.full:
            return True
        if not self.take(html, reset=mark.full and self.starts_anew(position)):
            return False
        self.move_to(position, mark.full)
        return True

    def reached(self, position: int) -> bool:
        """Whether it shows everything up to ``position``."""
        return position <= self.cursor

    def starts_anew(self, position: int) -> bool:
        """Whether a full change is right whatever the revisions on the page say."""
        return position < self.cursor

    def move_to(self, position: int, full: bool) -> None:
        self.cursor = position

    def take(self, html: str, reset: bool) -> bool:
        """False where it follows something that the page does not show."""
        raise NotImplementedError
