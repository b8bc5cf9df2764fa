"""The sending side: frames into Redis channels."""

import json
import time

import redis

from .cluster import Cluster
from .streams import Frame
from .together import tell

CHANNEL_PREFIX = "turbo:"
#: The channel that every process listens to, for what does not concern one stream alone.
CONTROL = "turbo:connections"


def channel(stream: str) -> str:
    """``"turbo:blog_post:7"``, the Redis channel of a stream."""
    return CHANNEL_PREFIX + stream


class Publisher:
    """Publishes JSON to Redis. Never raises: what it can't say, every hub reads from the database."""

    def __init__(self, carrier: redis.Redis | Cluster):
        """Requests wait for ``carrier``, so give it short timeouts."""
        self.redis = carrier

    def frame(self, stream: str, frame: Frame) -> None:
        """Tell every process about one commit: ``{"revision": 43, "html": "…", "head": null, "at": 1764414157.123}``.

        A list that must be read again has no ``html``. A growth has a key of its own and a ``check``: a process that
        does not know growths does that check, and reads the change from the database soon.
        """
        html = {} if frame.html is None else {"html": frame.html}
        if frame.grows:
            html = {"growth": frame.html, "check": 1}
        at = round(time.time(), 4)
        self._send(channel(stream), {"revision": frame.revision, "head": frame.head, "at": at} | html)

    def ephemeral(self, stream: str, html: str) -> None:
        """Tell every process about a passing state: ``{"html": "…"}``. It is never sent again."""
        self._send(channel(stream), {"html": html})

    def end(self, tag: str, stream: str | None = None, rest: int | None = None) -> None:
        """Tell every process to end the connections with ``tag``, all or those of one stream: ``{"end": tag}``.

        On the stream's own channel this stays in order with the frames: no later one gets through. With ``rest`` their
        pages do without a stream for that number of seconds.
        """
        self._send(channel(stream) if stream else CONTROL, {"end": tag, "rest": rest})

    def check(self, stream: str) -> None:
        """Have every process look now for readers who may no longer read: ``{"check": 1}``."""
        self._send(channel(stream), {"check": 1})

    def watch(self) -> None:
        """Have every process read again which owners each reader is told about: ``{"watch": 1}``."""
        self._send(CONTROL, {"watch": 1})

    def _send(self, name: str, payload: dict) -> None:
        tell(self.redis, "publish", name, json.dumps(payload))
