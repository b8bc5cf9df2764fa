"""Compares the heads that lists show with the database."""

import time
from collections import Counter

from .channels import Channels
from .lists import Lists
from .repair import Repair

#: Milliseconds by which a look reaches back before the last one: enough for the longest transaction and for clocks that
#: differ between two machines. The next look at all heads finds what this margin misses.
MARGIN = 120_000
#: One look in ALL compares all heads. It also finds a database restored to an earlier state.
ALL = 20


class Heads:
    """Looks for heads in ``source`` that the lists of this process do not show.

    A look reads only what changed since the last one, through an index, however many heads the lists show.
    """

    def __init__(self, source, channels: Channels, lists: Lists, repair: Repair, figures: Counter[str]):
        self.source, self.channels, self.lists, self.repair, self.figures = source, channels, lists, repair, figures
        self._looks = 0
        self._since = _now() - MARGIN

    def compare(self) -> None:
        """Show the heads that Redis lost."""
        with self.channels.lock:
            known = {found.name: found.head.revision for found in self.channels if found.lists and found.head}
        if not known:
            return
        began = _now()
        revisions = self.source.changed_heads(self._since)
        if self._looks % ALL == ALL - 1:
            revisions |= self.source.head_revisions(list(known))
        self._show([name for name, revision in revisions.items() if revision > known.get(name, revision)])
        self._put_back([name for name, revision in revisions.items() if revision < known.get(name, revision)])
        self._looks, self._since = self._looks + 1, began - MARGIN

    def _show(self, names: list[str]) -> None:
        for name, head in self.source.heads(names).items() if names else ():
            self.figures["head_fills"] += 1
            with self.channels.lock:
                if channel := self.channels.get(name):
                    channel.take_head(head)

    def _put_back(self, names: list[str]) -> None:
        # Lower than what was known before the query: the database was restored to an earlier state.
        with self.channels.lock:
            channels = [channel for name in names if (channel := self.channels.get(name))]
            for channel in channels:
                channel.head = None
            lists = {listing for channel in channels for listing in channel.lists}
        for listing in lists:
            self.lists.forget(listing)
            self.repair.tidy(listing)


def _now() -> int:
    return int(time.time() * 1000)
