"""How many connections one owner may have, over all processes."""

import logging
import time

import redis

log = logging.getLogger(__name__)


class ConnectionLimit:
    """Keeps, for each owner, a Redis sorted set of connection ids, scored by when they came.

    What a crashed process left in it is the oldest, and so is the first to go. Without Redis there is no limit
    but that of the process.
    """

    def __init__(self, client: redis.Redis, most: int, lifetime: float):
        """``most`` connections for each owner; none lives longer than ``lifetime`` seconds."""
        self.redis, self.most, self.lifetime = client, most, lifetime

    def admit(self, owner: str, connection_id: str) -> list[str]:
        """Count a connection in. Returns the ids of the oldest ones, which have to give way to it."""
        key = f"turbo:connections:{owner}"
        try:
            pipe = self.redis.pipeline()
            pipe.zadd(key, {connection_id: time.time()}).expire(key, int(self.lifetime))
            pipe.zrange(key, 0, -self.most - 1).zremrangebyrank(key, 0, -self.most - 1)
            oldest = pipe.execute()[2]
        except (redis.RedisError, OSError):
            return []
        return [id.decode() for id in oldest]

    def release(self, owner: str, connection_id: str) -> None:
        """Count a connection out."""
        try:
            self.redis.zrem(f"turbo:connections:{owner}", connection_id)
        except (redis.RedisError, OSError):
            log.debug("connection %s stays counted until it is the oldest", connection_id)
