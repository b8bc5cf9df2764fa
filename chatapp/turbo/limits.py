"""How many connections one owner may have, over all processes."""

import logging
import time
from collections.abc import Iterator

import redis

log = logging.getLogger(__name__)

#: Counts connections in, each under the key of its owner. ARGV: the time, the connections that an owner may have, the
#: seconds for which a key lasts, and the ids. Returns the ids of the oldest ones, which no longer count.
ADMIT = """
local oldest = {}
for place, key in ipairs(KEYS) do
    redis.call("zadd", key, ARGV[1] + place * 1e-6, ARGV[place + 3])
    redis.call("expire", key, ARGV[3])
    local over = redis.call("zcard", key) - ARGV[2]
    if over > 0 then
        for _, id in ipairs(redis.call("zrange", key, 0, over - 1)) do table.insert(oldest, id) end
        redis.call("zremrangebyrank", key, 0, over - 1)
    end
end
return oldest
"""
#: Counts out the connections with the ids in ARGV.
RELEASE = """
for place, key in ipairs(KEYS) do redis.call("zrem", key, ARGV[place]) end
"""
#: Connections in one call: Redis answers nobody else meanwhile.
AT_ONCE = 500


class ConnectionLimit:
    """Keeps, for each owner, a Redis sorted set of connection ids, scored by when they came.

    The ids that a crashed process left in it become the oldest, and so the first to go. Without Redis only the limit of
    the process holds.
    """

    def __init__(self, client: redis.Redis, most: int, lifetime: float):
        """``most`` connections for each owner; none lives longer than ``lifetime`` seconds."""
        self.redis, self.most, self.lifetime = client, most, lifetime
        self._admit, self._release = client.register_script(ADMIT), client.register_script(RELEASE)

    def admit(self, *connections: tuple[str, str]) -> list[str]:
        """Count connections in: ``(owner, connection id)``. Returns the ids of the oldest ones, which have to give way
        to them."""
        oldest = []
        try:
            for part in parts(connections):
                given = [time.time(), self.most, int(self.lifetime), *(id for _, id in part)]
                oldest += self._admit(keys_of(part), given)
        except (redis.RedisError, OSError):
            log.debug("some of %d connections are not counted", len(connections))
        return [id.decode() for id in oldest]

    def release(self, *connections: tuple[str, str]) -> None:
        """Count connections out: ``(owner, connection id)``."""
        try:
            for part in parts(connections):
                self._release(keys_of(part), [id for _, id in part])
        except (redis.RedisError, OSError):
            log.debug("%d connections stay counted until they are the oldest", len(connections))


def parts(connections: tuple) -> Iterator[tuple]:
    """All ``connections``, ``AT_ONCE`` at a time."""
    return (connections[start : start + AT_ONCE] for start in range(0, len(connections), AT_ONCE))


def keys_of(connections: tuple[tuple[str, str], ...]) -> list[str]:
    """The keys of their owners."""
    return [f"turbo:connections:{owner}" for owner, _ in connections]
