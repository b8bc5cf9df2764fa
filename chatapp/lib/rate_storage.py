"""Where Flask-Limiter counts: in Redis for all processes together, and in memory while Redis is away."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from limits import RateLimitItem
from limits.storage import MemoryStorage, RedisStorage
from redis import ConnectionPool, RedisError

#: The value that RATELIMIT_STORAGE_URI must have. The address of Redis is in the pool.
URI = "redis-or-memory://"

#: Counts one more in each window, up to the first that is full. ARGV has seconds and limit of each.
_COUNT = """
local counts = {}
for number, key in ipairs(KEYS) do
    local count = redis.call("incr", key)
    if count == 1 then redis.call("expire", key, ARGV[2 * number - 1]) end
    counts[number] = count
    if count > tonumber(ARGV[2 * number]) then break end
end
return counts
"""
#: Counts one more in each window, whether it is full or not. ARGV has the seconds of each.
_COUNT_ALL = """
local counts = {}
for number, key in ipairs(KEYS) do
    counts[number] = redis.call("incr", key)
    if counts[number] == 1 then redis.call("expire", key, ARGV[number]) end
end
return counts
"""
#: What was counted ahead, by key.
_ahead: ContextVar[dict[str, int] | None] = ContextVar("rates", default=None)


class RedisOrMemory(RedisStorage):
    """A storage of `limits` for fixed windows, known to it by the scheme of ``URI``. Option: ``connection_pool``.

    Flask-Limiter can fall back to memory itself, but fails the requests under way when it does, and comes
    back to Redis after up to a minute. Here each request falls back for itself.
    """

    STORAGE_SCHEME = [URI.removesuffix("://")]

    def __init__(self, uri: str, connection_pool: ConnectionPool, **options):
        super().__init__(uri, connection_pool, **options)
        self._memory = MemoryStorage()
        self._count = self.get_connection().register_script(_COUNT)
        self._count_all = self.get_connection().register_script(_COUNT_ALL)

    @contextmanager
    def asked_once(self, windows: Iterable[tuple[RateLimitItem, list[str]]]) -> Iterator[bool]:
        """Asks Redis once for several windows, in place of once for each that is hit inside the block.

        Pass the windows in the order in which they are hit. Those after a full one do not count. The block gets whether
        all of them had room, so that it need not hit them.
        """
        windows = [(item.key_for(*names), item.get_expiry(), item.amount) for item, names in windows]
        counts = self._counts(windows) if windows else {}
        token = _ahead.set(dict(counts))
        try:
            yield all(counts.get(key, amount + 1) <= amount for key, _, amount in windows)
        finally:
            _ahead.reset(token)

    def _counts(self, windows: list[tuple[str, int, int]]) -> dict[str, int]:
        keys = [key for key, _, _ in windows]
        limits = [number for _, *numbers in windows for number in numbers]
        try:
            counts = self._count(list(map(self.prefixed_key, keys)), limits)
        except (RedisError, OSError):
            return {}
        return dict(zip(keys, counts, strict=False))

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """As in `limits`, like ``get`` and ``get_expiry``."""
        known = _ahead.get()
        if known and key in known:
            return known.pop(key)
        try:
            return super().incr(key, expiry, amount)
        except (RedisError, OSError):
            return self._memory.incr(key, expiry, amount)

    def incr_all(self, keys: list[tuple[str, int]]) -> list[int]:
        """``incr`` for many keys, each with its expiry, in one question."""
        try:
            return self._count_all([self.prefixed_key(key) for key, _ in keys], [expiry for _, expiry in keys])
        except (RedisError, OSError):
            return [self._memory.incr(key, expiry) for key, expiry in keys]

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
