"""Reads lists from the database so that no head slips through between the reading and the listening."""

import logging
from collections import Counter

from .channel import Head
from .channels import Channels
from .cursor import Cursor
from .list_channel import ListChannel
from .streams import Frame

log = logging.getLogger(__name__)

#: Readings until the list is taken as it is. A second one is needed after new subscriptions, more only if heads and
#: lists change at the same moment.
TRIES = 5


class Lists:
    """Keeps the list channels in ``channels`` equal to what ``source`` reads, and counts that in ``figures``."""

    def __init__(self, source, channels: Channels, figures: Counter[str]):
        self.source, self.channels, self.figures = source, channels, figures

    def begin(self, found: ListChannel) -> None:
        """Find out where a list stands that nobody here has read before. Raises Gone."""
        self._read(found, whole=False)

    def catch_up(self, cursor: Cursor, found: ListChannel) -> None:
        """Start a cursor, with the whole list where its page shows anything else. Raises Gone."""
        with self.channels.lock:
            found.flush()
            if not found.stale and cursor.position == found.position:
                cursor.start(None)
                return
        self.figures["catch_ups"] += 1
        self._read(found, whole=True, only=cursor)

    def renew(self, found: ListChannel) -> None:
        """Hand the whole list to all its readers."""
        self._read(found, whole=True)

    def forget(self, found: ListChannel) -> None:
        """Take nothing that is known of a list for true any more: the database was put back to an earlier state."""
        with self.channels.lock:
            found.revision, found.stale = None, True

    def _read(self, found: ListChannel, whole: bool, only: Cursor | None = None) -> None:
        with found.reading:
            self._read_until_taken(found, whole, only)

    def _read_until_taken(self, found: ListChannel, whole: bool, only: Cursor | None) -> None:
        for attempt in range(TRIES):
            listing = self.source.listing(found.name, whole)
            unheard = self.channels.show(found, listing.heads)
            if unheard and attempt < TRIES // 2:  # with Redis away it stays so
                continue
            self._bring_forward(listing.heads)
            with self.channels.lock:
                if self._take(found, listing, only):
                    return
        log.warning("%s changes faster than it can be read", found.name)
        raise TimeoutError(found.name)

    def _bring_forward(self, revisions: dict[str, int]) -> None:
        """Have the other lists show the heads that only the database knew."""
        with self.channels.lock:
            known = {name: channel.head for name in revisions if (channel := self.channels.get(name))}
        behind = [name for name, head in known.items() if head and head.revision < revisions[name]]
        if behind:
            heads = self.source.heads(behind)
            with self.channels.lock:
                for name, head in heads.items():
                    if channel := self.channels.get(name):
                        channel.take_head(head)

    def _take(self, found: ListChannel, listing, only: Cursor | None) -> bool:
        """Settle a list. Returns False where the reading is older than what is known, and has to be repeated."""
        if found.begun and found.revision > listing.revision:
            return False
        newer, shown = [], {}
        for name, revision in listing.heads.items():
            head = self._known(name, revision)
            shown[name] = head.revision
            if head.revision > revision:
                newer.append(head.html)
        if not all(newer):
            return False
        found.flush()
        everybody = only is None or found.stale or (found.revision, found.shown) != (listing.revision, shown)
        found.settle(listing.revision, shown)
        if listing.html is not None:
            whole = Frame(0, found.position, "".join([listing.html, *newer]), full=True)
            self.figures["full_replacements"] += 1
            for cursor in found.cursors if everybody else [only]:
                cursor.start(whole) if cursor is only else cursor.offer(whole, anyway=True)
        found.hand_out_early()
        return True

    def _known(self, name: str, revision: int) -> Head:
        """The newest head that this process knows, whose HTML is empty where only the database had it so far."""
        channel = self.channels.get(name)
        if channel is None:  # the reader of the list has left meanwhile
            return Head(revision, "")
        channel.head = channel.head or Head(revision, "")
        return channel.head
