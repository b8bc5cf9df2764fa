"""The people who are typing in a chat: a passing state that lives in Redis only."""

import time
from contextlib import suppress
from typing import TYPE_CHECKING

from redis.exceptions import RedisError
from sqlalchemy import select

from chatapp.extensions import db, turbo
from chatapp.turbo import dom_id, render, turbo_stream

if TYPE_CHECKING:
    from .chat import Chat
    from .user import User

#: Seconds after which somebody who does not go on has stopped.
LIFETIME = 5.0


class Typing:
    """The people typing in ``chat``: a Redis sorted set of user ids, scored by the time at which each expires."""

    def __init__(self, chat: "Chat"):
        self.chat = chat
        self.key = f"typing:{chat.id}"

    def begin(self, user: "User") -> None:
        """Note that ``user`` types, and tell everybody. Without Redis this has no effect."""
        with suppress(RedisError, OSError):
            self._redis.zadd(self.key, {str(user.id): time.time() + LIFETIME})
            self._redis.expire(self.key, 60)
            self._broadcast()

    def end(self, user: "User") -> None:
        """``user`` has sent what was typed."""
        with suppress(RedisError, OSError):
            if self._redis.zrem(self.key, str(user.id)):
                self._broadcast()

    @property
    def _redis(self):
        return turbo.publisher.redis

    def _broadcast(self) -> None:
        from .user import User

        user_ids = [int(id) for id in self._redis.zrangebyscore(self.key, time.time(), "+inf")]
        users = db.session.scalars(select(User).where(User.id.in_(user_ids)).order_by(User.name)).all()
        html = render("typings/_typing.html", self.chat, users=users)
        turbo.broadcast(self.chat.stream_name, turbo_stream("replace", dom_id(self.chat, "typing"), html))
