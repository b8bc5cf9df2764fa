"""The sending side: frames into Redis channels, and what is done when Redis is away."""

import json
import logging
import time

import redis

from .streams import Frame

log = logging.getLogger(__name__)

CHANNEL_PREFIX = "turbo:"
#: The channel that every process listens to: the ends of connections, whatever they stream.
CONTROL = "turbo:connections"
#: Seconds for which nothing is tried after a failure, so that a dead Redis does not slow down every commit.
PAUSE = 2.0
#: Connections to Redis. When a thousand streams end at once, each counts itself out, and small servers allow few.
CONNECTIONS = 10


def channel(stream: str) -> str:
    """``"turbo:blog_post:7"``, the Redis channel of a stream."""
    return CHANNEL_PREFIX + stream


class Publisher:
    """Publishes JSON to Redis. Never raises: what it can't say, every hub reads from the database."""

    def __init__(self, url: str):
        # Short timeouts in seconds: a request waits for this.
        options = {"socket_connect_timeout": 1, "socket_timeout": 1, "protocol": 2}
        pool = redis.BlockingConnectionPool.from_url(url, max_connections=CONNECTIONS, timeout=1, **options)
        self.redis = redis.Redis.from_pool(pool)
        self._away_until = 0.0
        self._away = False

    def frame(self, stream: str, frame: Frame) -> None:
        """Tell every process about one commit: ``{"revision": 43, "html": "…"}``."""
        self._send(channel(stream), {"revision": frame.revision, "html": frame.html})

    def ephemeral(self, stream: str, html: str) -> None:
        """Tell every process about a passing state: ``{"html": "…"}``. It is never sent again."""
        self._send(channel(stream), {"html": html})

    def end(self, tag: str, stream: str | None = None, rest: int | None = None) -> None:
        """Tell every process to end the connections with ``tag``, all or those of one stream: ``{"end": tag}``.

        On the stream's own channel this stays in order with the frames: no later one gets through. With
        ``rest`` their pages are asked to go without a stream for so many seconds.
        """
        self._send(channel(stream) if stream else CONTROL, {"end": tag, "rest": rest})

    def check(self, stream: str) -> None:
        """Have every process look now for readers who may no longer read: ``{"check": 1}``."""
        self._send(channel(stream), {"check": 1})

    def _send(self, name: str, payload: dict) -> None:
        if time.monotonic() < self._away_until:
            return
        try:
            self.redis.publish(name, json.dumps(payload))
        except (redis.RedisError, OSError) as error:
            self._away_until = time.monotonic() + PAUSE
            if not self._away:
                log.warning("Redis is away, open pages follow the database until it is back: %s", error)
            self._away = True
        else:
            if self._away:
                log.info("Redis is back")
            self._away = False
