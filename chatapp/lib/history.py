"""The last hour in Redis, as a list of points."""

import json
from typing import Any

import redis

#: Seconds by which a turn ends early, so that the next look at the same distance finds it free.
EARLY = 0.5


class History:
    """The newest ``most`` points, one every ``step`` seconds, whichever process notes them. Each is a dict that JSON
    can hold. All methods raise redis.RedisError."""

    def __init__(self, client: redis.Redis, name: str, step: int, most: int):
        self.redis, self.name, self.step, self.most = client, name, step, most
        self.turn = f"{name}:turn"

    def take_turn(self) -> bool:
        """True for one process in each ``step``: the one that notes the next point."""
        return bool(self.redis.set(self.turn, 1, nx=True, px=int((self.step - EARLY) * 1000)))

    def now(self) -> float:
        """Seconds since 1970, on the clock that all processes share."""
        seconds, microseconds = self.redis.time()
        return seconds + microseconds / 1_000_000

    def note(self, point: dict[str, Any]) -> None:
        """Add ``point``, with the time as its ``at``. All points are gone when nobody has noted one for long."""
        noted = json.dumps({"at": int(self.now() * 10) / 10} | point)
        pipe = self.redis.pipeline()
        pipe.lpush(self.name, noted).ltrim(self.name, 0, self.most - 1)
        pipe.expire(self.name, 2 * self.step * self.most).execute()

    def points(self) -> list[dict[str, Any]]:
        """The points, the oldest first."""
        return [json.loads(point) for point in reversed(self.redis.lrange(self.name, 0, -1))]
