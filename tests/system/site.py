"""The product as a deploy has it: web processes, Redis, a database, and whoever answers for the assistant."""

import sys
import urllib.request
from contextlib import ExitStack
from pathlib import Path

from chatapp.lib import local_model
from tests.delivery.world import migrate
from tests.servers import WITHOUT_RATES, Server, environ_of, free_port, gunicorn, redis_server

SETTINGS = WITHOUT_RATES | {
    "WEB_CONCURRENCY": "2",
    "HEARTBEAT_SECONDS": "1",  # a page doubts its connection after two of these and a bit
    "STREAM_RETRY_MS": "100",
    "STREAMS_PER_USER": "50",
    "LOG_LEVEL": "WARNING",
    "ASSISTANT_MODEL": local_model.NAME,
    "ASSISTANT_REPLY_TOKENS": "60",
    "ASSISTANT_TIMEOUT": "60",
}


class Site:
    """A context manager. ``web`` is its gunicorn with two processes, ``environ`` what a worker for it needs to know."""

    def __init__(self, directory: Path, settings: dict[str, str] | None = None):
        self.directory = directory
        self.settings = SETTINGS | (settings or {})

    def __enter__(self) -> "Site":
        with ExitStack() as stack:
            self.redis = stack.enter_context(redis_server(self.directory))
            database = f"sqlite:///{self.directory}/system.sqlite3"
            places = {"DATABASE_URL": database, "STORAGE_URL": f"{self.directory}/files"}
            self.environ = self.settings | {"REDIS_URL": self.redis.url} | places
            migrate(self.environ)
            self.web = stack.enter_context(gunicorn(self.environ))
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_) -> None:
        self._stack.close()

    @property
    def url(self) -> str:
        return self.web.url


class LocalModel(Server):
    """The language model that bin/dev brings along. ``url`` is what OPENAI_BASE_URL takes."""

    def __init__(self):
        port = free_port()
        self.url = f"http://127.0.0.1:{port}/v1"
        command = [sys.executable, "-m", "chatapp.lib.local_model", "--port", str(port)]
        super().__init__("model", command, environ_of({}))

    def is_ready(self) -> bool:
        try:
            return urllib.request.urlopen(f"{self.url}/models", timeout=5).status == 200
        except OSError:
            return False
