"""Reads lists from the database, and misses no head that changes between the reading and the listening."""

import logging
from collections import Counter
from collections.abc import Iterable, Mapping
from contextlib import ExitStack

from sqlalchemy.exc import SQLAlchemyError

from .channel import Head
from .channels import Channels
from .cursor import Cursor
from .errors import Gone
from .headed import HEADS
from .list_channel import ListChannel
from .slices import sliced
from .streams import Frame

log = logging.getLogger(__name__)

#: Readings before a list is given up. A second one is needed after new subscriptions, more only if heads and lists
#: change at the same moment.
TRIES = 5
#: This many lists behind in one batch are a crowd. Pages of a crowd that show the right records get only the heads of
#: these, which are the same for every reader. Other pages get the whole list, made for its reader: it mends any page.
CROWD = 10


class Lists:
    """Keeps the list channels in ``channels`` equal to what ``source`` reads, and counts that in ``figures``."""

    def __init__(self, source, channels: Channels, figures: Counter[str]):
        self.source, self.channels, self.figures = source, channels, figures

    def begin(self, lists: Iterable[ListChannel]) -> dict[ListChannel, Exception]:
        """Read the lists that this process has not read before. Returns those that did not begin, each with the reason,
        such as Gone."""
        with ExitStack() as stack:
            for found in sorted(lists, key=lambda found: found.name):  # in one order: two threads may begin the same
                stack.enter_context(found.reading)
            return self._begin([found for found in lists if not found.begun])

    def _begin(self, new: list[ListChannel]) -> dict[ListChannel, Exception]:
        try:
            return self._begin_together(new) if new else {}
        except SQLAlchemyError:
            raise
        except Exception as error:  # a mistake in one list must not stop the others
            if len(new) == 1:
                return {new[0]: error}
        return {found: error for one in new for found, error in self._begin([one]).items()}

    def _begin_together(self, new: list[ListChannel]) -> dict[ListChannel, Exception]:
        gone: dict[ListChannel, Exception] = {}
        for attempt in range(TRIES):
            listings = self.source.listings([found.name for found in new])
            gone |= {found: Gone(found.name) for found in new if found.name not in listings}
            new = [found for found in new if found not in gone]
            unheard = self.channels.show({found: listings[found.name].heads for found in new})
            if unheard and attempt < TRIES // 2:  # with Redis away it stays so
                continue
            self._bring_forward({name: head for found in new for name, head in listings[found.name].heads.items()})
            new = [found for found in sliced(new) if not self._take(found, listings[found.name], None)]
            if not new:
                break
        return gone | {found: too_busy(found) for found in new}

    def learn(self, joined: Iterable[tuple[Cursor, ListChannel]]) -> None:
        """Bring the lists among these up to the database, in one query, whose readers seem to have everything.

        A position is a sum. A page that is ahead of this process in one head, and behind in another, may have the
        position of the list. No page is ahead of the database.
        """
        equal = {}
        with self.channels.lock:
            for cursor, found in joined:
                found.flush()
                if found.begun and not found.stale and cursor.position == found.position:
                    equal[found.name] = found
        if not equal:
            return
        listings = self.source.listings(list(equal))
        self._bring_forward({name: revision for one in listings.values() for name, revision in one.heads.items()})
        with self.channels.lock:
            for name, listing in listings.items():
                if equal[name].differs(listing.revision, listing.heads):
                    equal[name].doubt()

    def heads_for(self, joined: Iterable[tuple[Cursor, ListChannel]]) -> dict[str, Head] | None:
        """What ``catch_up`` needs for these, in one query: the heads that this process does not know, by their streams.
        None if they are not a crowd."""
        with self.channels.lock:
            lists = {found for cursor, found in joined if is_behind(cursor, found)}
            names = {name for found in lists for name in found.shown if not self._html(name)}
        if len(lists) < CROWD:
            return None
        return self.source.heads(names) if names else {}

    def catch_up(self, cursor: Cursor, found: ListChannel, heads: Mapping[str, Head] | None) -> None:
        """Start a cursor. A page that differs gets the whole list, or in a crowd all heads of it if these are enough.
        Raises Gone."""
        with self.channels.lock:
            found.flush()
            if not found.stale and cursor.position == found.position:
                cursor.start(None, newest=True)
                return
            if heads is not None and is_behind(cursor, found) and (frame := self._heads_alone(cursor, found, heads)):
                cursor.start(frame, newest=True)
                return
        self.figures["catch_ups"] += 1
        self._read(found, only=cursor)

    def _heads_alone(self, cursor: Cursor, found: ListChannel, heads: Mapping[str, Head]) -> Frame | None:
        """All heads of a list in one frame, None if the current state of a head is not known."""
        fragments = []
        for name, revision in found.shown.items():
            channel = self.channels.get(name)
            head = channel.head if channel and self._html(name) else heads.get(name)
            if head is None or head.revision != revision:
                return None
            fragments.append(head.html)
        return Frame(cursor.position, found.position, "".join(fragments))

    def _html(self, name: str) -> str | None:
        channel = self.channels.get(name)
        return channel and channel.head and channel.head.html

    def renew(self, found: ListChannel) -> None:
        """Hand the whole list to all its readers."""
        self._read(found)

    def forget(self, found: ListChannel) -> None:
        """Trust nothing known of a list any more, because the database was restored to an earlier state."""
        with self.channels.lock:
            found.revision, found.stale = None, True

    def _read(self, found: ListChannel, only: Cursor | None = None) -> None:
        with found.reading:
            self._read_until_taken(found, only)

    def _read_until_taken(self, found: ListChannel, only: Cursor | None) -> None:
        for attempt in range(TRIES):
            listing = self.source.listing(found.name)
            unheard = self.channels.show({found: listing.heads})
            if unheard and attempt < TRIES // 2:  # with Redis away it stays so
                continue
            self._bring_forward(listing.heads)
            if self._take(found, listing, only):
                return
        raise too_busy(found)

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
        """Settle a list. Returns False if the reading is older than what is known, and must be repeated."""
        with self.channels.lock:
            return self._settle(found, listing, only)

    def _settle(self, found: ListChannel, listing, only: Cursor | None) -> bool:
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
        stale = found.stale
        everybody = only is None or stale or (found.revision, found.shown) != (listing.revision, shown)
        found.settle(listing.revision, shown)
        if listing.html is not None:
            whole = Frame(0, found.position, "".join([listing.html, *newer]), full=True)
            self.figures["full_replacements"] += 1
            for cursor in found.cursors if everybody else [only]:
                cursor.start(whole, newest=True) if cursor is only else cursor.offer(whole, anyway=True)
        elif stale:  # without its HTML, a list is right for the readers who begin, and not for those before them
            found.doubt()
        found.hand_out_early()
        return True

    def _known(self, name: str, revision: int) -> Head:
        """The newest head that this process knows. Its HTML is empty if only the database has shown it so far."""
        channel = self.channels.get(name)
        if channel is None:  # the reader of the list has left meanwhile
            return Head(revision, "")
        channel.head = channel.head or Head(revision, "")
        return channel.head


def is_behind(cursor: Cursor, found: ListChannel) -> bool:
    """Whether a page shows the current records of the list, but older heads."""
    if found.stale or not found.begun:
        return False
    return cursor.position // HEADS == found.revision and cursor.position < found.position


def too_busy(found: ListChannel) -> TimeoutError:
    log.warning("%s changes faster than it can be read", found.name)
    return TimeoutError(found.name)
