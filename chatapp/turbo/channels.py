"""The channels of one process by their streams, and the subscriptions that they need."""

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping

from .channel import Channel
from .cursor import Cursor
from .list_channel import ListChannel
from .publisher import channel as redis_channel
from .slices import sliced
from .subscribers import Listening


class Channels:
    """Keeps a channel for as long as a cursor reads it or a list shows its head.

    ``lists(name)`` says whether a stream is a list, and ``on_dirty(channel)`` is the callback of each ``ListChannel``.
    Hold ``lock`` to look at the channels or to hand something out.
    """

    def __init__(self, subscriber: Listening, lists: Callable[[str], bool], on_dirty: Callable[[ListChannel], None]):
        self.lock = threading.RLock()
        self._channels: dict[str, Channel] = {}
        self._subscriber, self._lists, self._on_dirty = subscriber, lists, on_dirty

    def __len__(self) -> int:
        return len(self._channels)

    def __iter__(self) -> Iterator[Channel]:
        with self.lock:
            return iter(list(self._channels.values()))

    def get(self, name: str | None) -> Channel | None:
        """The channel of a stream, None if no reader and no list of this process needs it."""
        return self._channels.get(name)

    def join(self, cursor: Cursor) -> Channel:
        """Add a reader to the channel of its stream. The caller then subscribes to it."""
        with self.lock:
            found = self._channels.get(cursor.stream) or self._make(cursor.stream)
            found.cursors.add(cursor)
        return found

    def leave(self, cursor: Cursor) -> None:
        """Take a reader away. With the last one, end the subscriptions no longer needed. Harmless to repeat."""
        with self.lock:
            found = self._channels.get(cursor.stream)
            if found is None or cursor not in found.cursors:
                return
            found.cursors.discard(cursor)
            if not found.cursors:
                self._drop([found, *(self._leave_all(found) if isinstance(found, ListChannel) else [])])

    def show(self, shown: Mapping[ListChannel, Iterable[str]]) -> bool:
        """Have each list hear of the heads of its streams and of no others.

        Returns True if it did not listen to all of them before, so that heads may have changed unnoticed.
        """
        entered = [name for listing, names in sliced(shown.items()) for name in self._enter(listing, set(names))]
        return self.subscribe(*dict.fromkeys(entered))

    def _enter(self, listing: ListChannel, names: set[str]) -> set[str]:
        """Returns the streams whose heads the list hears of from now on."""
        with self.lock:
            if self._channels.get(listing.name) is not listing:
                return set()  # its last reader has left meanwhile
            for name in names - listing.entered:
                (self._channels.get(name) or self._make(name)).lists.add(listing)
            self._drop(self._take_from(listing, listing.entered - names))
            listing.entered = names
        return names

    def subscribe(self, *names: str) -> bool:
        """Listen to these streams. Returns True if it did not listen to all of them before."""
        return self._subscriber.subscribe(*map(redis_channel, names))

    def _make(self, name: str) -> Channel:
        made = ListChannel(name, self._on_dirty) if self._lists(name) else Channel(name)
        self._channels[name] = made
        return made

    def _leave_all(self, listing: ListChannel) -> list[Channel]:
        names, listing.entered = listing.entered, set()
        return self._take_from(listing, names)

    def _take_from(self, listing: ListChannel, names: Iterable[str]) -> list[Channel]:
        channels = [self._channels[name] for name in names]
        for channel in channels:
            channel.lists.discard(listing)
        return channels

    def _drop(self, channels: Iterable[Channel]) -> None:
        """Forget the channels that nobody needs any more."""
        unused = [channel for channel in channels if not channel.cursors and not channel.lists]
        for channel in unused:
            del self._channels[channel.name]
        self._subscriber.unsubscribe(*(redis_channel(channel.name) for channel in unused))
        for channel in channels:
            if not channel.cursors:
                channel.rest()
