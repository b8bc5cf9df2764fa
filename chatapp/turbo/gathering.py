"""Sends the changes of a busy stream together.

A frame costs a write for each reader, and a task in each browser. With a thousand readers and a hundred changes a
second, a process would do nothing else. So the first change goes out at once. The changes within the channel's
``pause`` after it wait for one another, and go out as one frame.
"""

import time
from collections import Counter
from contextlib import suppress
from queue import Empty, SimpleQueue

from .channel import Channel
from .channels import Channels


class Gathering:
    """Hands out what channels have gathered when it is due. Counts ``gathered`` and ``deliveries`` in ``figures``."""

    def __init__(self, channels: Channels, figures: Counter[str]):
        self.channels, self.figures = channels, figures
        self._gathering: SimpleQueue[Channel | None] = SimpleQueue()
        self._waiting: list[Channel] = []  # here, so that the others still wait when one of them has failed
        self._closed = False

    def add(self, found: Channel) -> None:
        """Hand out what this channel gathers, once it is due. Called with the first frame that waits."""
        self._gathering.put(found)

    def serve(self) -> None:
        """Hand out until ``close``; blocks, so give it a thread of its own."""
        waiting = self._waiting
        while not self._closed:
            if (found := self._next(waiting)) is not None:
                waiting.append(found)
            for found in [one for one in waiting if one.due <= time.monotonic()]:
                waiting.remove(found)
                with self.channels.lock:
                    if found.gathers:
                        self._hand_out(found)

    def _next(self, waiting: list[Channel]) -> Channel | None:
        """Another channel that gathers, or None once the first waiting one is due."""
        first = min((found.due for found in waiting), default=None)
        with suppress(Empty):
            return self._gathering.get(timeout=first and max(0.0, first - time.monotonic()))
        return None

    def close(self) -> None:
        """End the loop, and drop what waits: its readers come back and catch up."""
        self._closed = True
        self._gathering.put(None)  # wakes it

    def _hand_out(self, found: Channel) -> None:
        before = found.revision
        found.hand_out_early()
        if found.revision != before:
            self.figures["gathered"] += 1
            self.figures["deliveries"] += len(found.cursors)
