"""Makes the channels of a process equal to the database again, whatever Redis lost."""

import queue
import threading
import time
from collections import Counter

from .channel import Channel

#: Seconds that a missing frame has to arrive by itself before it is read from the database.
GRACE = 0.03


class Repair:
    """Fills gaps in ``channels`` (by stream name, guarded by ``lock``) from ``source``, and counts that."""

    def __init__(self, source, channels: dict[str, Channel], lock: threading.RLock, figures: Counter[str]):
        self.source, self.figures = source, figures
        self._channels, self._lock = channels, lock
        self._gaps: queue.SimpleQueue[Channel | None] = queue.SimpleQueue()
        self._closed = False

    def look_at(self, found: Channel) -> None:
        """Fill the gap of a channel soon, if it has one."""
        if found.has_gap and found.revision is not None:
            self._gaps.put(found)

    def fill_gaps(self) -> None:
        """Fill gaps until ``close``; blocks, so give it a thread of its own."""
        while not self._closed and (first := self._gaps.get()) is not None:
            # Two processes often publish two neighbouring frames in the wrong order: the other one is on its way.
            time.sleep(GRACE)
            waiting = {first, *(self._gaps.get() for _ in range(self._gaps.qsize()))} - {None}
            for found in waiting:
                if found.has_gap and found.connections:
                    self._fill(found, "gap_fills")

    def compare(self) -> list[str]:
        """Fill the changes that Redis lost, after one query for all streams. Returns the names of deleted streams."""
        with self._lock:
            known = {name: found.revision for name, found in self._channels.items() if found.revision is not None}
        if not known:
            return []
        revisions = self.source.revisions(list(known))
        for name in known.keys() & revisions.keys():
            found = self._channels.get(name)
            if found and revisions[name] > found.revision:
                self._fill(found, "heartbeat_fills")
            elif found and revisions[name] < known[name]:
                self._put_back(found)
        return list(known.keys() - revisions.keys())

    def close(self) -> None:
        """End ``fill_gaps``, and drop the gaps that wait."""
        self._closed = True
        self._gaps.put(None)  # wakes it

    def _fill(self, found: Channel, figure: str) -> None:
        self.figures[figure] += 1
        frame = self.source.catch_up(found.name, found.revision)
        self.figures["full_replacements"] += frame.full
        with self._lock:
            found.fill(frame)

    def _put_back(self, found: Channel) -> None:
        # Lower than what was known before the question was asked: the database was put back to an earlier state.
        frame = self.source.catch_up(found.name, found.revision)
        self.figures["full_replacements"] += frame.full
        with self._lock:
            if frame.full:
                found.put_back(frame)
