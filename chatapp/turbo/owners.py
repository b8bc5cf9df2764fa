"""Which owners have a connection open, in any process."""

import time
from collections.abc import Iterable

import redis

KEY = "turbo:owners"


class Owners:
    """Keeps a Redis sorted set of owners, scored by the time until which each counts as being here.

    Each process notes all owners of its connections with one command for each heartbeat. So a process that dies takes
    its owners with it. A Redis that forgets everything knows them again after the next heartbeat.
    """

    def __init__(self, client: redis.Redis, lifetime: float):
        """An owner counts as being here for ``lifetime`` seconds, which has to be longer than a heartbeat."""
        self.redis, self.lifetime = client, lifetime

    def note(self, owners: Iterable[str]) -> None:
        """These are here now. Never raises: without Redis nobody is told."""
        now = time.time()
        here = dict.fromkeys(owners, now + self.lifetime)
        if not here:
            return
        try:
            pipe = self.redis.pipeline()
            pipe.zadd(KEY, here).zremrangebyscore(KEY, "-inf", now).expire(KEY, int(self.lifetime) + 1)
            pipe.execute()
        except (redis.RedisError, OSError):
            pass

    def here(self, owners: list[str]) -> set[str] | None:
        """Those of ``owners`` who are here; None where nobody knows, because Redis is away."""
        if not owners:
            return set()
        try:
            until = self.redis.zmscore(KEY, owners)
        except (redis.RedisError, OSError):
            return None
        now = time.time()
        return {owner for owner, score in zip(owners, until, strict=True) if score and score > now}
