"""Where Flask-Limiter counts: in Redis for all processes together, and in memory while Redis is away."""

from limits.storage import MemoryStorage, RedisStorage
from redis import ConnectionPool, RedisError

#: What RATELIMIT_STORAGE_URI has to be. The address of Redis is in the pool.
URI = "redis-or-memory://"


class RedisOrMemory(RedisStorage):
    """A storage of `limits` for fixed windows, known to it by the scheme of ``URI``. Option: ``connection_pool``.

    Flask-Limiter can fall back to memory itself, but fails those requests that are under way when it does, and comes
    back to Redis after up to a minute. Here each request falls back for itself.
    """

    STORAGE_SCHEME = [URI.removesuffix("://")]

    def __init__(self, uri: str, connection_pool: ConnectionPool, **options):
        super().__init__(uri, connection_pool, **options)
        self._memory = MemoryStorage()

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """As in `limits`, and so are the others."""
        try:
            return super().incr(key, expiry, amount)
        except (RedisError, OSError):
            return self._memory.incr(key, expiry, amount)

    def get(self, key: str) -> int:
        try:
            return super().get(key)
        except (RedisError, OSError):
            return self._memory.get(key)

    def get_expiry(self, key: str) -> float:
        try:
            return super().get_expiry(key)
        except (RedisError, OSError):
            return self._memory.get_expiry(key)
