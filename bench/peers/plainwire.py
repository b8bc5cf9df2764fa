"""The product as it is deployed: one web process, Redis, SQLite or PostgreSQL, and people who are logged in."""

import json
import re
import socket
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import urlencode
from uuid import uuid4

import psutil
import redis

from bench.peers.asking import Asking
from bench.peers.peer import cpu_of
from tests.browserless import Person
from tests.delivery.world import migrate
from tests.servers import WITHOUT_RATES, Gunicorn, free_port, redis_server

#: As in production, but for the limits that one machine with one address and few people would run into.
SETTINGS = WITHOUT_RATES | {
    "HEARTBEAT_SECONDS": "15",
    "STREAMS_PER_PROCESS": "12000",
    "STREAMS_PER_USER": "20000",
    "LOG_LEVEL": "WARNING",
    "SETUP_WITHOUT_TOKEN": "1",
}
FORM = "application/x-www-form-urlencoded"


class Plainwire(Gunicorn):
    """Publishes through Redis, as a commit does. Reads with a log-in, membership, revisions and catch-up."""

    label = "Plainwire"
    kind, ready, say = "sse", "id: ", ()

    def __init__(self, environ: dict[str, str], redis_url: str):
        super().__init__(environ, free_port())
        self.port = int(self.url.rpartition(":")[2])
        self._asking = Asking(self.label, self.port)
        self.database = sqlite3.connect(environ["DATABASE_URL"].removeprefix("sqlite:///"), timeout=30)
        self.redis = redis.Redis.from_url(redis_url, socket_timeout=5)

    def settle(self) -> "Plainwire":
        """Somebody signs up and begins a chat."""
        self.ada = Person(self.url, "Ada").sign_up()
        self.chat = self.ada.start_chat(title="Plans")
        self._token = self.ada.token(f"/chats/{self.chat}")
        return self

    def __exit__(self, *arguments) -> None:
        self.redis.close()
        self.database.close()
        if hasattr(self, "ada"):
            self.ada.http.close()
        super().__exit__(*arguments)

    @property
    def cookie(self) -> str:
        return "; ".join(f"{name}={value}" for name, value in self.ada.http.cookies.items())

    @property
    def request(self) -> bytes:
        """Of one chat's stream, which is what the peers have."""
        return self.stream_of(self.chat)

    def stream_of(self, chat: int) -> bytes:
        """Of a chat's stream, from where its page stands now."""
        return self.get(f"/chats/{chat}/stream?revision={self.ada.revision(chat)}")

    def page_request(self) -> bytes:
        """What a whole page asks for that has everything: its chat, and what concerns its viewer with the list."""
        page = self.ada.http.get(f"/chats/{self.chat}").text
        (user,) = set(re.findall(r'data-live-list-name-value="(user:\d+)"', page))
        begun = f"chat:{self.chat}={self.ada.revision(self.chat)}&{user}=0"
        with socket.create_connection(("127.0.0.1", self.port), timeout=10) as connection:
            connection.sendall(self.get(f"/stream?{begun}"))
            said = b""
            while not (found := re.findall(rb"id: (\S*user:\d+=[1-9]\d*)", said)):
                said += connection.recv(2**16)
        return self.get(f"/stream?{found[-1].decode()}")

    def get(self, path: str) -> bytes:
        return (
            f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\nAccept: text/event-stream\r\n"
            f"Cookie: {self.cookie}\r\n\r\n"
        ).encode()

    def publish(self, text: str) -> None:
        raised = "UPDATE chats SET revision = revision + 1 WHERE id = ? RETURNING revision"
        with self.database:  # as a commit: a hub believes the database, and nothing that contradicts it
            ((revision,),) = self.database.execute(raised, (self.chat,)).fetchall()
        html = f'<turbo-stream action="append" target="messages_chat_1"><template>{text}</template></turbo-stream>'
        said = {"revision": revision, "html": html, "head": None}
        self.redis.publish(f"turbo:chat:{self.chat}", json.dumps(said))

    def post(self, text: str) -> None:
        """A message, as the composer sends it, and by the client that asks the peers."""
        form = {"content": text, "client_id": uuid4().hex, "csrf_token": self._token}
        headers = {"Content-Type": FORM, "Accept": "text/vnd.turbo-stream.html", "Cookie": self.cookie}
        self._asking.ask("POST", f"/chats/{self.chat}/messages", urlencode(form).encode(), headers)

    def processes(self):
        own = psutil.Process(self.pid)
        return [own, *own.children(recursive=True)]

    def cpu(self) -> float:
        return sum(cpu_of(process.pid) for process in self.processes())

    def kib(self) -> float:
        return sum(process.memory_full_info().uss for process in self.processes()) / 1024


@contextmanager
def plainwire(directory: Path, **settings: str) -> Iterator[Plainwire]:
    """A new one, with Redis and SQLite of its own."""
    directory = Path(directory)
    directory.mkdir(exist_ok=True)
    with ExitStack() as stack:
        redis = stack.enter_context(redis_server(directory))
        environ = SETTINGS | {"REDIS_URL": redis.url, "DATABASE_URL": f"sqlite:///{directory}/bench.sqlite3"}
        environ |= {"STORAGE_URL": f"{directory}/files"} | settings
        migrate(environ)
        yield stack.enter_context(Plainwire(environ, redis.url)).settle()
