"""Which subscriber goes with which Redis."""

from collections.abc import Callable

import redis

from .cluster import Cluster
from .sharded_subscriber import ShardedSubscriber
from .subscriber import Subscriber, connector

#: The client of the Redis or the cluster that carries the frames, or the address of one server.
Carrier = str | redis.Redis | Cluster
Listening = Subscriber | ShardedSubscriber


def subscriber(
    carrier: Carrier, on_heard: Callable[[str, bytes], None], on_resubscribed: Callable[[], None]
) -> Listening:
    """Returns a subscriber that listens to the servers of ``carrier``, on connections of its own."""
    if isinstance(carrier, Cluster):
        return ShardedSubscriber(carrier, on_heard, on_resubscribed)
    pool = redis.ConnectionPool.from_url(carrier) if isinstance(carrier, str) else carrier.connection_pool
    return Subscriber(connector(pool), on_heard, on_resubscribed)
