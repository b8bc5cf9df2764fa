"""The settings of the library, with the values that ``app.config`` gets where the app sets none."""

DEFAULTS = {
    #: The Redis that carries frames between processes: a redis, rediss or unix address.
    "TURBO_REDIS_URL": "redis://127.0.0.1:6379/0",
    #: Seconds between two heartbeats. Routers cut a stream that is silent for 55.
    "TURBO_HEARTBEAT_SECONDS": 15,
    #: Milliseconds until a browser whose stream ended comes back, more or less, so that not all come at once.
    "TURBO_RETRY_MS": 2000,
    #: Seconds. Each stream ends at a random age in between, and its page opens another, so that nothing ages.
    "TURBO_MIN_AGE_SECONDS": 2700,
    "TURBO_MAX_AGE_SECONDS": 3600,
    #: Streams of one reader, over all processes. The oldest gives way to the newest.
    "TURBO_STREAMS_PER_READER": 20,
    #: Streams of one process. Each takes about 2 KB on a socket that the server hands over, and 30 elsewhere.
    "TURBO_STREAMS_PER_PROCESS": 1500,
    #: Bytes of HTML that each process keeps, of the rows that it rendered last.
    "TURBO_ROW_CACHE_BYTES": 16 * 2**20,
}
