"""All of the product's processes, as a deploy has them, and people in front of them.

Two web servers of one process each, with the faults of faulty.py; a worker; a process that goes to the database
directly; Redis, the database, and a model provider. They live for many runs: a process that dies comes back by itself.
"""

import json
import os
import re
import subprocess
import sys
import threading
from collections import Counter
from contextlib import ExitStack
from functools import cached_property
from pathlib import Path

import httpx
import psutil
import redis

from tests.browserless import Person
from tests.clusters import Cluster, ClusterServer
from tests.provider import Provider
from tests.replicas import Standby
from tests.servers import (
    PROJECT,
    WITHOUT_RATES,
    Gunicorn,
    Server,
    Worker,
    environ_of,
    free_port,
    postgres_server,
    redis_server,
    wait_until,
)

from .http import Door

#: A page notices everything by the heartbeat; a short one makes for short runs.
HEARTBEAT = 0.4  # seconds
SETTINGS = WITHOUT_RATES | {
    "HEARTBEAT_SECONDS": str(HEARTBEAT),
    "STREAM_RETRY_MS": "60",
    "STREAMS_PER_USER": "10000",
    "QUESTIONS_AT_ONCE": "100000",
    "ASSISTANT_TIMEOUT": "3",
    "LOG_LEVEL": "WARNING",
}
FIGURE = re.compile(r'^turbo_events_total\{event="(\w+)",process="[^"]*"\} ([\d.e+]+)', re.MULTILINE)


class FaultyGunicorn(Gunicorn):
    """Loads the app once and forks, so that a killed process is back in an instant."""

    def __init__(self, environ: dict[str, str], app: str = "tests.delivery.faulty:app", preload: bool = True):
        super().__init__(environ, free_port())
        self.command = [*self.command[:-1], *(["--preload"] if preload else []), app]


class Direct(Server):
    """`direct.py`: verbs are its methods, `direct.post(chat=7, …)`."""

    def __init__(self, environ: dict[str, str]):
        self.lock = threading.Lock()
        super().__init__("direct", [sys.executable, "-m", "tests.delivery.direct"], environ_of(environ))

    def start(self):
        self.process = subprocess.Popen(
            self.command, cwd=PROJECT, env=self.environ, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=self.log_file, text=True, bufsize=1, start_new_session=True,
        )  # fmt: skip
        return self

    def __getattr__(self, verb: str):
        return lambda fault=None, **arguments: self.ask(verb, arguments, fault)

    def ask(self, verb: str, arguments: dict, fault: str | None = None):
        """Raises RuntimeError with what went wrong there."""
        with self.lock:
            self.process.stdin.write(json.dumps({"verb": verb, "arguments": arguments, "fault": fault}) + "\n")
            answer = next((line for line in self.process.stdout if line.startswith("{")), None)
        if answer is None:
            raise RuntimeError(f"the direct process is gone\n{self.log}")
        answer = json.loads(answer)
        if "error" in answer:
            raise RuntimeError(f"{verb}: {answer['error']}")
        return answer["result"]

    def __exit__(self, *_):
        self.process.stdin.close()
        super().__exit__()
        self.process.stdout.close()


class HastyWorker(Worker):
    def __init__(self, environ: dict[str, str]):
        super().__init__(environ)
        self.command = [sys.executable, "-m", "tests.delivery.hasty_worker"]


class World:
    """A context manager. ``database`` is sqlite or postgres; ``settings`` come on top of SETTINGS.

    With ``clustered`` a Redis Cluster carries the live changes; with ``replicated`` a PostgreSQL replica answers too.
    """

    def __init__(
        self,
        directory: Path,
        database: str,
        settings: dict[str, str] | None = None,
        people: int = 3,
        clustered: bool = False,
        replicated: bool = False,
    ):
        self.directory, self.database = Path(directory), database
        chosen = {"cluster": clustered, "replica": replicated}
        self.parts = frozenset({database, *(part for part, is_chosen in chosen.items() if is_chosen)})
        self.cluster: Cluster | None = None
        self.settings = SETTINGS | (settings or {})
        self.names = ["Ada", "Bob", "Cleo", *(f"Guest{n}" for n in range(people - 3))][:people]
        self.people: dict[str, Person] = {}
        self._stack = ExitStack()
        self._seen: dict[int, Counter[str]] = {}
        self.figures: Counter[str] = Counter()
        self.leaving: list[psutil.Process] = []  # web processes that were told to go

    def __enter__(self) -> "World":
        with ExitStack() as stack:
            self._start(stack.enter_context)
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_) -> None:
        self._stack.close()

    def _start(self, enter) -> None:
        directory = self.directory / "redis"
        directory.mkdir(parents=True, exist_ok=True)
        self.redis = enter(redis_server(directory))
        self.provider = enter(Provider())
        self.postgres = enter(postgres_server()) if self.database == "postgres" else None
        self.environ = self.settings | {
            "REDIS_URL": self.redis.url,
            "DATABASE_URL": self._database_url(),
            "STORAGE_URL": str(self.directory / "files"),
            "OPENAI_BASE_URL": self.provider.url,
        }
        if "cluster" in self.parts:
            self.cluster = enter(Cluster(self.directory / "cluster"))
            self.environ |= {"REDIS_URL": self.cluster.url, "QUEUE_REDIS_URL": self.redis.url}
        migrate(self.environ)
        if "replica" in self.parts:
            self.environ |= {"DATABASE_REPLICA_URL": enter(Standby(self.postgres)).url("delivery")}
        # One has its streams on sockets, the other gives each a greenlet: whatever is promised holds for both.
        self.web = [enter(FaultyGunicorn(self.environ | {"STREAMS_ON_SOCKETS": sockets})) for sockets in "10"]
        self.direct = enter(Direct(self.environ))
        self._worker = None
        for name in self.names:
            self.people[name] = enter(Person(self.web[0].url, name).sign_up())

    def _database_url(self) -> str:
        if self.postgres:
            return self.postgres.create_database("delivery")
        return f"sqlite:///{self.directory}/delivery.sqlite3"

    @property
    def worker(self):
        """Started when it is first asked for."""
        if self._worker is None:
            self._worker = self._stack.enter_context(HastyWorker(self.environ))
        return self._worker

    @cached_property
    def redis_client(self) -> redis.Redis:
        return self._stack.enter_context(redis.Redis.from_url(self.redis.url, socket_timeout=5))

    @property
    def carriers(self) -> list[ClusterServer]:
        """The servers of the cluster that run."""
        return [server for server in self.cluster.servers if server.running] if self.cluster else []

    def email(self, name: str) -> str:
        return self.people[name].email

    def door(self, name: str, web: int = 0) -> Door:
        """Where this person comes in."""
        cookies = "; ".join(f"{key}={value}" for key, value in self.people[name].http.cookies.items())
        return Door(self.web[web].url, cookies)

    def assistant_will(self, *behaviours) -> None:
        """What the model does from now on, as in tests/provider.py. What hangs, hangs until `provider.release()`."""
        self.provider._released.clear()
        self.provider.will(*behaviours)

    def measure(self) -> Counter[str]:
        """What the hubs counted, added up over all processes that ever were; a killed one takes its last few along."""
        for web in self.web:
            status, text = Door(web.url, "").metrics()
            if status != 200:
                continue  # it is just being restarted
            now = Counter({name: int(float(value)) for name, value in FIGURE.findall(text)})
            before = self._seen.get(id(web), Counter())
            self.figures.update(now if any(now[name] < before[name] for name in before) else now - before)
            self._seen[id(web)] = now
        return self.figures


def migrate(environ: dict[str, str]) -> None:
    """Raises RuntimeError with what the command said."""
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "db", "upgrade"]
    result = subprocess.run(command, cwd=PROJECT, env=environ_of(environ), capture_output=True, text=True)
    if result.returncode:
        raise RuntimeError(result.stdout + result.stderr)


def open_files(pid: int) -> int:
    return len(os.listdir(f"/proc/{pid}/fd"))


def quiet(condition, what: str, timeout: float = 15):
    """``wait_until`` for conditions that a server may not answer yet."""

    def tried():
        try:
            return condition()
        except (httpx.HTTPError, LookupError, OSError):
            return None

    return wait_until(tried, timeout, what)
