"""Which owners have a connection open, in any process."""

import time
from collections.abc import Iterable
from contextlib import suppress

import redis

from .slices import batches

KEY = "turbo:owners"


class Owners:
    """Keeps a Redis sorted set of owners, scored by the time until which each counts as being here.

    Each process notes all owners of its connections with each heartbeat. So the owners of a dead process
    expire. A Redis that has lost everything knows all owners again after the next heartbeat.
    """

    def __init__(self, client: redis.Redis, lifetime: float):
        """An owner counts as being here for ``lifetime`` seconds, which must be longer than a heartbeat."""
        self.redis, self.lifetime = client, lifetime

    def note(self, owners: Iterable[str]) -> None:
        """Note that these are here now. Never raises: without Redis nothing is noted."""
        with suppress(redis.RedisError, OSError):
            for some in batches(owners):
                self._note(some)

    def _note(self, owners: list[str]) -> None:
        now = time.time()
        here = dict.fromkeys(owners, now + self.lifetime)
        pipe = self.redis.pipeline()
        pipe.zadd(KEY, here).zremrangebyscore(KEY, "-inf", now).expire(KEY, int(self.lifetime) + 1)
        pipe.execute()

    def here(self, owners: list[str]) -> set[str] | None:
        """Those of ``owners`` who are here; None while Redis is away."""
        if not owners:
            return set()
        try:
            until = self.redis.zmscore(KEY, owners)
        except (redis.RedisError, OSError):
            return None
        now = time.time()
        return {owner for owner, score in zip(owners, until, strict=True) if score and score > now}
