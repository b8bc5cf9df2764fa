"""The Flask extension."""

from flask import Flask
from sqlalchemy.orm import Session

from .hub import Hub
from .publisher import Publisher
from .signals import published
from .source import DatabaseSource
from .streams import Frame
from .transactions import after_commit


class Turbo:
    """Publishes what models announce, and streams it to the readers of this process.

    Settings, from ``app.config``: REDIS_URL, HEARTBEAT_SECONDS, STREAM_RETRY_MS, STREAM_MIN_AGE_SECONDS,
    STREAM_MAX_AGE_SECONDS, STREAMS_PER_PROCESS.
    """

    def __init__(self):
        self._withdrawn = lambda connections: []

    def init_app(self, app: Flask, db) -> None:
        config = app.config
        app.extensions["turbo"] = self
        self.publisher = Publisher(config["REDIS_URL"])
        self.hub = Hub(
            config["REDIS_URL"],
            DatabaseSource(app, db, lambda connections: self._withdrawn(connections)),
            beat=config["HEARTBEAT_SECONDS"],
            retry=config["STREAM_RETRY_MS"],
            ages=(config["STREAM_MIN_AGE_SECONDS"], config["STREAM_MAX_AGE_SECONDS"]),
            limit=config["STREAMS_PER_PROCESS"],
        )

    def withdrawn(self, function):
        """Register the function that names, of the connections it is given, those who may no longer read."""
        self._withdrawn = function
        return function

    def publish(self, stream: str, frame: Frame) -> None:
        """Hand a committed frame to Redis."""
        self.publisher.frame(stream, frame)
        published.send(self, stream=stream, revision=frame.revision, html=frame.html)

    def broadcast(self, stream: str, html: str) -> None:
        """Send a passing state, such as who is typing. It has no revision and is never sent again."""
        self.publisher.ephemeral(stream, html)
        published.send(self, stream=stream, revision=None, html=html)

    def end(self, session: Session, tag: str, stream: str | None = None) -> None:
        """Once ``session`` commits, end the connections that carry ``tag``, in every process."""
        after_commit(session, lambda: self.publisher.end(tag, stream))
