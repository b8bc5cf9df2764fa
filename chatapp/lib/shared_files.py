"""Shares files under hashed names through Redis, while a deploy replaces one release with the next.

The requests of a page may reach a process of either release, and each release has other files. Processes cannot share
them by disk: on most platforms each process has a disk of its own.
"""

import gzip
import re
import threading
import time
import zlib
from hashlib import sha256

import redis

from .assets import HASH_LENGTH, Assets

#: Seconds for which Redis keeps a file after it was last put there.
KEPT = 7 * 24 * 3600
#: Seconds after which a process puts its files there again, and seconds until another try if that failed.
AGAIN, SOON = 24 * 3600, 60
HASHED = re.compile(rf"/static/[\w/@.-]+-([0-9a-f]{{{HASH_LENGTH}}})\.(?:css|js|json|svg|webmanifest)")


class SharedFiles:
    """Call ``share()`` before sending a page, and ``get(address)`` for a file that this process does not know."""

    def __init__(self):
        self._lock = threading.Lock()

    def init_app(self, app, assets: Assets, client: redis.Redis) -> None:
        """Shares nothing yet, because a process that sends no pages has no need to."""
        self.assets, self.redis = assets, client
        self.due = 0.0  # on time.monotonic()'s clock

    def share(self) -> None:
        """Put the files of this release into Redis, once a day. If Redis is away, a later call tries again."""
        with self._lock:
            if time.monotonic() < self.due:
                return
            self.due = time.monotonic() + SOON
        try:
            with self.redis.pipeline(transaction=False) as pipeline:
                for address, content in self.assets.contents():
                    if HASHED.fullmatch(address):
                        pipeline.set(key(address), gzip.compress(content, mtime=0), ex=KEPT)
                pipeline.execute()
            self.due = time.monotonic() + AGAIN
        except redis.RedisError:
            pass  # the client has logged it

    def get(self, address: str) -> bytes | None:
        """The content of `/static/css/base-1f2e3d4c….css`, gzipped; None if no release has put it there."""
        named = HASHED.fullmatch(address)
        try:
            small = self.redis.get(key(address)) if named else None
        except redis.RedisError:
            return None
        return small if small and is_content_of(named[1], small) else None


def key(address: str) -> str:
    return f"shared-file:{address}"


def is_content_of(digest: str, small: bytes) -> bool:
    """Checks the hash, so that nobody who can write to Redis can choose what browsers run."""
    try:
        return sha256(gzip.decompress(small)).hexdigest().startswith(digest)
    except (OSError, EOFError, zlib.error):
        return False
