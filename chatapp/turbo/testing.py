"""What was broadcast, for tests."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from .signals import published


@dataclass(frozen=True)
class Broadcast:
    """One publication: the stream it went to, its revision (None for a passing state) and its HTML."""

    stream: str
    revision: int | None
    html: str


@contextmanager
def captured_broadcasts(stream: str | None = None) -> Iterator[list[Broadcast]]:
    """Collects what is published inside the block, to one stream or to all.

    >>> with captured_broadcasts("blog_post:7") as broadcasts:
    ...     db.session.commit()
    >>> [b.revision for b in broadcasts]
    [1]
    """
    broadcasts: list[Broadcast] = []

    def collect(sender, **publication):
        if stream in (None, publication["stream"]):
            broadcasts.append(Broadcast(**publication))

    with published.connected_to(collect):
        yield broadcasts
