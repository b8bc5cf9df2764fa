"""The sending side: frames into Redis channels."""

import json
import logging

import redis

from .streams import Frame

log = logging.getLogger(__name__)

CHANNEL_PREFIX = "turbo:"
#: The channel that every process listens to: the ends of connections, whatever they stream.
CONTROL = "turbo:connections"


def channel(stream: str) -> str:
    """``"turbo:blog_post:7"``, the Redis channel of a stream."""
    return CHANNEL_PREFIX + stream


def heard(payload: bytes) -> dict:
    """A publication as a dict, empty where it cannot be read.

    Another version of the code may have written it, so readers ask for the keys that they know and ignore the others.
    """
    try:
        said = json.loads(payload)
    except ValueError:
        said = None
    if not isinstance(said, dict):
        log.warning("a publication on Redis is not understood, and left alone: %.200r", payload)
        return {}
    return said


class Publisher:
    """Publishes JSON to Redis. Never raises: what it can't say, every hub reads from the database."""

    def __init__(self, client: redis.Redis):
        """A request waits for ``client``: give it short timeouts."""
        self.redis = client

    def frame(self, stream: str, frame: Frame) -> None:
        """Tell every process about one commit: ``{"revision": 43, "html": "…", "head": null}``.

        A list that has to be read anew has no ``html``. A growth is not called ``html``, and is a ``check`` too: a
        process that does not know growths does that check, and reads the change from the database soon.
        """
        html = {} if frame.html is None else {"html": frame.html}
        if frame.grows:
            html = {"growth": frame.html, "check": 1}
        self._send(channel(stream), {"revision": frame.revision, "head": frame.head} | html)

    def ephemeral(self, stream: str, html: str) -> None:
        """Tell every process about a passing state: ``{"html": "…"}``. It is never sent again."""
        self._send(channel(stream), {"html": html})

    def end(self, tag: str, stream: str | None = None, rest: int | None = None) -> None:
        """Tell every process to end the connections with ``tag``, all or those of one stream: ``{"end": tag}``.

        On the stream's own channel this stays in order with the frames: no later one gets through. With
        ``rest`` their pages are asked to go without a stream for that many seconds.
        """
        self._send(channel(stream) if stream else CONTROL, {"end": tag, "rest": rest})

    def check(self, stream: str) -> None:
        """Have every process look now for readers who may no longer read: ``{"check": 1}``."""
        self._send(channel(stream), {"check": 1})

    def watch(self) -> None:
        """Have every process read anew who is told of whom: ``{"watch": 1}``."""
        self._send(CONTROL, {"watch": 1})

    def _send(self, name: str, payload: dict) -> None:
        try:
            self.redis.publish(name, json.dumps(payload))
        except (redis.RedisError, OSError) as error:
            log.debug("%s was not told: %s", name, error)
