"""Makes the channels of a process equal to the database again, whatever Redis lost."""

import logging
import queue
import time
from collections import Counter
from collections.abc import Callable

from .channel import Channel
from .channels import Channels
from .each import each
from .list_channel import ListChannel
from .lists import Lists

log = logging.getLogger(__name__)

#: Seconds that a missing frame has to arrive by itself before it is read from the database.
GRACE = 0.03
#: Seconds for which heads that wait for the readers of lists are collected.
COLLECT = 0.2


class Repair:
    """Fills gaps in ``channels`` and renews ``lists`` from ``source``, and counts that in ``figures``."""

    def __init__(self, source, channels: Channels, lists: Lists, figures: Counter[str]):
        self.source, self.channels, self.lists, self.figures = source, channels, lists, figures
        self._gaps: queue.SimpleQueue[Channel | None] = queue.SimpleQueue()
        self._dirty: queue.SimpleQueue[ListChannel | None] = queue.SimpleQueue()
        self._doubted: set[str] = set()  # names of streams
        self._closed = False

    def look_at(self, found: Channel) -> None:
        """Fill the gap of a channel soon, if it has one."""
        if found.has_gap and found.begun:
            self._gaps.put(found)

    def fill_gaps(self) -> None:
        """Fill gaps until ``close``; blocks, so give it a thread of its own."""
        while not self._closed and (first := self._gaps.get()) is not None:
            # Two processes often publish two neighbouring frames in the wrong order: the other one is on its way.
            time.sleep(GRACE)
            _for_each(first, self._gaps, self._mend)

    def _mend(self, found: Channel) -> None:
        if found.has_gap and found.cursors:
            self._fill(found, "gap_fills")
        if found.name in self._doubted:
            self._doubted.discard(found.name)
            self.source.renew_head(found.name)

    def doubt(self, found: Channel) -> None:
        """Check soon whether lists show the right head: the release before this one announces no heads."""
        if found.lists:
            self._gaps.put(found)
            self._doubted.add(found.name)

    def tidy(self, found: ListChannel) -> None:
        """Hand out the heads of a list soon, or read it anew if it is stale."""
        self._dirty.put(found)

    def tidy_lists(self) -> None:
        """Tidy lists until ``close``; blocks, so give it a thread of its own."""
        while not self._closed and (first := self._dirty.get()) is not None:
            time.sleep(COLLECT)
            _for_each(first, self._dirty, self._tidy)

    def _tidy(self, found: ListChannel) -> None:
        if not found.stale:
            with self.channels.lock:
                found.flush()
        elif found.cursors:
            self.lists.renew(found)

    def compare(self, on_deleted: Callable[[str], None]) -> None:
        """Fill in what Redis lost, after one query for all streams. ``on_deleted`` hears the names of deleted ones."""
        with self.channels.lock:
            known = {found.name: found.revision for found in self.channels if found.cursors and found.begun}
        if not known:
            return
        revisions = self.source.revisions(list(known))
        for name in known.keys() - revisions.keys():
            on_deleted(name)
        each(known.keys() & revisions.keys(), lambda name: self._level(name, known[name], revisions[name]))

    def close(self) -> None:
        """End the two loops, and drop what waits."""
        self._closed = True
        self._gaps.put(None)  # wakes them
        self._dirty.put(None)

    def _fill(self, found: Channel, figure: str) -> None:
        self.figures[figure] += 1
        if isinstance(found, ListChannel):
            return self.lists.renew(found)
        with self.channels.lock:
            revision = found.revision
        if revision is None:
            return  # its last reader has just left
        frame = self.source.catch_up(found.name, revision)
        self.figures["full_replacements"] += frame.full
        with self.channels.lock:
            if found.begun:
                found.fill(frame)

    def _level(self, name: str, known: int, revision: int) -> None:
        found = self.channels.get(name)
        if found and (revision > (found.revision or 0) or found.stale):
            self._fill(found, "heartbeat_fills")
        elif found and revision < known:
            self._put_back(found)

    def _put_back(self, found: Channel) -> None:
        # Lower than what was known before the query: the database was restored to an earlier state.
        if isinstance(found, ListChannel):
            self.lists.forget(found)
            return self.lists.renew(found)
        frame = self.source.catch_up(found.name, found.revision)
        self.figures["full_replacements"] += frame.full
        with self.channels.lock:
            if frame.full and found.begun:
                found.put_back(frame)


def _for_each(first: Channel, waiting: queue.SimpleQueue, do: Callable[[Channel], None]) -> None:
    """Call ``do`` with ``first`` and with all that wait. Those that fail wait on."""
    all, failed = {first, *(waiting.get() for _ in range(waiting.qsize()))} - {None}, []
    try:
        each(all, do, failed)
    finally:
        for found in failed:
            waiting.put(found)
