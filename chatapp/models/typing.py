"""The people who are typing in a chat: a passing state that lives in Redis only."""

import time
from contextlib import suppress
from typing import TYPE_CHECKING

from redis.exceptions import RedisError
from sqlalchemy import select

from chatapp.extensions import db, turbo
from chatapp.turbo import dom_id, render, tell, turbo_stream

if TYPE_CHECKING:
    from .chat import Chat
    from .user import User

#: Seconds after which a person who does not go on has stopped typing.
LIFETIME = 5.0


class Typing:
    """The people typing in ``chat``: a Redis sorted set of user ids, scored by the time at which each expires."""

    def __init__(self, chat: "Chat"):
        self.chat = chat
        self.key = f"typing:{chat.id}"
        self._removed, self._others = 0, None

    def begin(self, user: "User") -> None:
        """Note that ``user`` types, and tell everybody. Without Redis this has no effect."""
        with suppress(RedisError, OSError):
            self._redis.zadd(self.key, {str(user.id): time.time() + LIFETIME})
            self._redis.expire(self.key, 60)
            self._broadcast(self._redis.zrangebyscore(self.key, time.time(), "+inf"))

    def end(self, user: "User") -> None:
        """Note that ``user`` has sent what was typed, and tell everybody."""
        self.forget(user.id)
        self.tell_of_end()

    def forget(self, user_id: int) -> None:
        """The first half of ``end``, which asks no database: it may go to Redis together with other things."""
        tell(self._redis, "zrem", self.key, str(user_id), then=self._note_removed)
        tell(self._redis, "zrangebyscore", self.key, time.time(), "+inf", then=self._note_others)

    def tell_of_end(self) -> None:
        """The second half: tells everybody, if there is anything to tell."""
        if self._removed and self._others is not None:
            self._broadcast(self._others)

    def _note_removed(self, number: int) -> None:
        self._removed = number

    def _note_others(self, ids: list[bytes]) -> None:
        self._others = ids

    @property
    def _redis(self):
        return turbo.redis

    def _broadcast(self, ids: list[bytes]) -> None:
        from .user import User

        query = select(User).where(User.id.in_(map(int, ids))).order_by(User.name)
        users = db.session.scalars(query).all() if ids else []
        html = render("typings/_typing.html", self.chat, users=users)
        turbo.broadcast(self.chat.stream_name, turbo_stream("replace", dom_id(self.chat, "typing"), html))
