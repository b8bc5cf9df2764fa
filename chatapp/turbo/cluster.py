"""A Redis Cluster that carries the frames: each channel is on one shard."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import redis
from redis.cluster import RedisCluster
from redis.exceptions import RedisClusterException

#: Seconds to wait, after no server of a cluster has answered, before the next question.
PAUSE = 1.0


class Cluster:
    """Asks where the slots are on first use, so that an app can start while its cluster is away.

    ``make()`` returns a client of redis-py. Requests wait for it, so give it short timeouts, and no retries, because it
    looks for the slots again after each failure. All methods raise redis.RedisError and OSError, never redis-py's other
    exceptions for clusters.
    """

    def __init__(self, make: Callable[[], RedisCluster]):
        self._make = make
        self._made: RedisCluster | None = None
        self._lock = threading.Lock()
        self._alone_until = 0.0  # on time.monotonic()'s clock

    def publish(self, channel: str, payload: str) -> None:
        """Publish on the channel's shard."""
        with self._client() as client:
            client.spublish(channel, payload)

    def ping(self) -> None:
        """Ask all servers for a sign of life."""
        with self._client() as client:
            client.ping(target_nodes=RedisCluster.PRIMARIES)

    def server_of(self, channel: str) -> str:
        """The server that has the channel now, as ``"host:port"``."""
        with self._client() as client:
            return client.get_node_from_key(channel).name

    def pool_of(self, server: str) -> redis.ConnectionPool:
        """The connection pool of a server that ``server_of`` has named."""
        with self._client() as client:
            return client.get_redis_connection(client.get_node(node_name=server)).connection_pool

    def look_again(self) -> None:
        """Ask anew where the slots are."""
        with self._client() as client:
            client.nodes_manager.initialize()

    def close(self) -> None:
        """Close the connections. Harmless before the first use."""
        if self._made is not None:
            self._made.close()

    @contextmanager
    def _client(self) -> Iterator[RedisCluster]:
        try:
            yield self._made or self._begin()
        except RedisClusterException as error:
            raise redis.ConnectionError(str(error)) from error

    def _begin(self) -> RedisCluster:
        with self._lock:
            if self._made is None:
                if time.monotonic() < self._alone_until:
                    raise redis.ConnectionError("no server of the cluster answered just now")
                self._alone_until = time.monotonic() + PAUSE
                self._made = self._make()
            return self._made
