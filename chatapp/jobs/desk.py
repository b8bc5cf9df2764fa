"""The replies that this process is writing."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

from sqlalchemy import select

from chatapp.extensions import db
from chatapp.models import Message
from chatapp.models.reply import Reply

from . import job


class Desk:
    """Knows the replies of all threads. Another thread looks after them."""

    def __init__(self):
        self._replies: set[Reply] = set()
        self._lock = Lock()

    @contextmanager
    def holding(self, reply: Reply) -> Iterator[None]:
        """Keep ``reply`` here while it is being written."""
        with self._lock:
            self._replies.add(reply)
        try:
            yield
        finally:
            with self._lock:
                self._replies.discard(reply)

    @property
    def claimed(self) -> list[Reply]:
        """The replies that this process has claimed."""
        with self._lock:
            return [reply for reply in self._replies if reply.attempt is not None]

    def hand_over(self) -> None:
        """Leave all replies to other processes."""
        with self._lock:
            replies = list(self._replies)
        for reply in replies:
            reply.hand_over()


desk = Desk()


@job
def hang_up_on_ended_replies() -> None:
    """Close the connections of replies that people have stopped, deleted or asked for anew, whatever the model does."""
    replies = desk.claimed
    if not replies:
        return
    ids = [reply.id for reply in replies]
    mine = select(Message.id, Message.attempts).where(Message.id.in_(ids), Message.is_generating())
    still = set(map(tuple, db.session.execute(mine)))
    for reply in replies:
        if (reply.id, reply.attempt) not in still:
            reply.hang_up()


@job
def renew_leases() -> None:
    """Show that this process is alive, even while its models are silent."""
    if replies := desk.claimed:
        db.session.execute(Message.renewal((reply.id, reply.attempt) for reply in replies))
