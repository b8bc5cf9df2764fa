"""The receiving side of a Redis Cluster: one connection to each server that has channels of ours."""

import logging
import threading
from collections import defaultdict
from collections.abc import Callable, Iterable

import redis

from .cluster import Cluster
from .subscriber import Subscriber, connector

log = logging.getLogger(__name__)

#: Seconds between two looks at the cluster while a server is away, or has just given channels to another one.
LOOK = 0.5
UNKNOWN = redis.RedisError, OSError


class ShardedSubscriber:
    """Listens to shard channels, wherever in ``cluster`` they are. Its methods are those of Subscriber.

    A slot moves when its server dies and a replica takes its place, or when an administrator moves it. What was
    published meanwhile is lost, as in a restart, so ``on_resubscribed()`` is called afterwards.
    """

    def __init__(self, cluster: Cluster, on_heard: Callable[[str, bytes], None], on_resubscribed: Callable[[], None]):
        self._cluster = cluster
        self._on_heard, self._on_resubscribed = on_heard, on_resubscribed
        self._lock = threading.RLock()
        self._servers: dict[str, Subscriber] = {}  # by "host:port"
        self._places: dict[str, str | None] = {}  # the server of each channel, None while unknown
        self._doubtful, self._closed = threading.Event(), threading.Event()

    def subscribe(self, *channels: str) -> bool:
        """Listen to ``channels`` from now on. Returns True if it did not listen to all of them before."""
        with self._lock:
            new = [channel for channel in channels if channel not in self._places]
            self._places |= {channel: self._begin_at(channel) for channel in new}
            places = self._grouped(channels)
        # The known channels as well: another reader may still wait for their acknowledgement.
        return any([server.subscribe(*several) for server, several in places.items()]) or bool(new)

    def unsubscribe(self, *channels: str) -> None:
        """Listen to ``channels`` no more."""
        with self._lock:
            for server, several in self._grouped(channels).items():
                server.unsubscribe(*several)
            for channel in channels:
                self._places.pop(channel, None)

    def ping(self) -> None:
        """Ask each server for a sign of life."""
        with self._lock:
            servers = list(self._servers.values())
        for server in servers:
            server.ping()

    def run(self) -> None:
        """Follow the slots of the channels until ``close``; blocks."""
        while not self._closed.is_set():
            self._doubtful.wait()
            self._doubtful.clear()
            if not self._closed.is_set():
                self._place_anew()
                self._closed.wait(LOOK)

    def close(self) -> None:
        """Stop listening; ``run`` returns."""
        self._closed.set()
        self._doubtful.set()
        with self._lock:
            for server in self._servers.values():
                server.close()

    def _place_anew(self) -> None:
        """Listen to each channel where it is now."""
        try:
            self._cluster.look_again()
        except UNKNOWN as error:
            log.debug("the cluster can't be asked where its channels are: %s", error)
        with self._lock:
            moved = [channel for channel, place in self._places.items() if place != self._place_of(channel)]
            before = self._grouped(moved)
            self._places |= {channel: self._begin_at(channel) for channel in moved}
            after = self._grouped(moved)
            self._drop_unused()
        for server, channels in before.items():
            server.unsubscribe(*channels)
        for server, channels in after.items():
            server.subscribe(*channels)
        if moved:
            self._on_resubscribed()
        if any(server.is_away for server in self._servers.values()) or None in self._places.values():
            self._doubtful.set()

    def _grouped(self, channels: Iterable[str]) -> dict[Subscriber, list[str]]:
        """``channels`` by their servers, without those whose server is unknown."""
        found = defaultdict(list)
        for channel in channels:
            if server := self._servers.get(self._places.get(channel)):
                found[server].append(channel)
        return found

    def _begin_at(self, channel: str) -> str | None:
        """Returns the server that has the channel, None if unknown. Listens to that server from now on."""
        place = self._place_of(channel)
        if place is None:
            self._doubtful.set()
        elif place not in self._servers:
            self._servers[place] = self._listen_to(place)
        return place

    def _place_of(self, channel: str) -> str | None:
        try:
            return self._cluster.server_of(channel)
        except UNKNOWN as error:
            log.debug("no server of the cluster has %s: %s", channel, error)
            return None

    def _listen_to(self, place: str) -> Subscriber:
        connect = connector(self._cluster.pool_of(place))
        server = Subscriber(connect, self._on_heard, self._on_resubscribed, self._doubtful.set, sharded=True)
        threading.Thread(target=server.run, daemon=True).start()
        return server

    def _drop_unused(self) -> None:
        for name in self._servers.keys() - self._places.values():
            self._servers.pop(name).close()
