"""The previous release: its own code, whose processes still run while those of this release start.

It comes from the project's history, by `git archive`; it needs no work tree of its own, and leaves nothing behind.
"""

import io
import shutil
import subprocess
import sys
import tarfile
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.browserless import Person
from tests.provider import Provider
from tests.servers import PROJECT, Gunicorn, Worker, environ_of, free_port, redis_server

#: The deployed release. After a release, the next change puts the release's commit here.
PREVIOUS = "3bd1c1fed642ddb5546bc61a8e1799952aa2fcac"


def unpack_previous(directory: Path) -> Path:
    """The previous release, ready to run. Skips the test where there is no history to take it from."""
    archive = git("archive", "--format=tar", PREVIOUS)
    if archive.returncode:
        if git("rev-parse", "--git-dir").returncode:
            pytest.skip("This is no clone of the repository: there is no history to take the previous release from.")
        if git("rev-parse", "--is-shallow-repository").stdout.strip() == b"true":
            pytest.skip(f"This clone is shallow and lacks the previous release. Run: git fetch origin {PREVIOUS}")
        pytest.fail(f"PREVIOUS in tests/releases.py is no commit of this repository: {archive.stderr.decode()}")
    with tarfile.open(fileobj=io.BytesIO(archive.stdout)) as files:
        files.extractall(directory, filter="data")
    (directory / "node_modules").symlink_to(PROJECT / "node_modules")
    return directory


def git(*arguments: str) -> subprocess.CompletedProcess:
    return subprocess.run(["git", "-C", str(PROJECT), *arguments], capture_output=True)


def migrate(directory: Path, environ: dict[str, str]) -> None:
    """With the migrations of the release in ``directory``. Raises CalledProcessError."""
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "db", "upgrade"]
    subprocess.run(command, cwd=directory, env=environ_of(environ), check=True, capture_output=True)


class ReleaseGunicorn(Gunicorn):
    """The web process of the release in ``directory``."""

    def __init__(self, directory: Path, environ: dict[str, str], port: int):
        super().__init__(environ, port)
        self.command[-1] = "wsgi:app"  # not all of them have tests/slowly.py
        self.directory_of_work = directory


class ReleaseWorker(Worker):
    """The worker of the release in ``directory``."""

    def __init__(self, directory: Path, environ: dict[str, str]):
        super().__init__(environ)
        self.command = [sys.executable, "worker.py"]
        self.directory_of_work = directory


def next_release(directory: Path) -> Path:
    """This release once more, with other scripts and style sheets."""
    for name in ("chatapp", "migrations", "static", "templates"):
        shutil.copytree(PROJECT / name, directory / name)
    for name in ("gunicorn.conf.py", "wsgi.py"):
        shutil.copy(PROJECT / name, directory / name)
    (directory / "node_modules").symlink_to(PROJECT / "node_modules")
    for file in (directory / "static").rglob("*"):
        if file.suffix in {".css", ".js"}:
            file.write_text(file.read_text() + "\n/* The next release. */\n")
    return directory


class Deploy:
    """A deploy half-way. A context manager.

    ``old`` and ``new`` are web processes of both releases. The old one made the database, and Ada and Bob have a chat
    there from before; the new one has migrated it.
    """

    LIMITS = ("MESSAGE_RATE", "LOGIN_RATE", "SIGNUP_RATE", "WRITE_RATE", "CHAT_RATE")

    def __init__(self, directory: Path, database_url: str | None = None):
        self.directory = directory
        self.database_url = database_url or f"sqlite:///{directory}/deploy.sqlite3"
        self._stack = ExitStack()

    def __enter__(self) -> "Deploy":
        with ExitStack() as stack:
            self._start(stack.enter_context)
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_) -> None:
        self._stack.close()

    def _start(self, enter) -> None:
        (self.directory / "previous").mkdir()
        self.code = unpack_previous(self.directory / "previous")
        redis, provider = enter(redis_server(self.directory)), enter(Provider())
        self.environ = {
            "DATABASE_URL": self.database_url,
            "REDIS_URL": redis.url,
            "OPENAI_BASE_URL": provider.url,
            "HEARTBEAT_SECONDS": "1",
            "LOG_LEVEL": "WARNING",
            "SETUP_WITHOUT_TOKEN": "1",
        } | dict.fromkeys(self.LIMITS, "100000 per second")
        migrate(self.code, self.environ)
        self.old = enter(ReleaseGunicorn(self.code, self.environ, free_port()))
        self.ada, self.bob = (enter(Person(self.old.url, name).sign_up()) for name in ("Ada", "Bob"))
        self.chat = self.ada.start_chat(title="From before")
        self.ada.add(self.bob, self.chat)
        self.ada.send(self.chat, "Written before")
        migrate(PROJECT, self.environ)
        self.new = enter(ReleaseGunicorn(PROJECT, self.environ, free_port()))

    def at(self, web: Gunicorn, person: Person) -> Person:
        """The same person, with the same cookies, at one of the two."""
        there = self._stack.enter_context(Person(web.url, person.name))
        there.http.cookies, there.email = person.http.cookies, person.email
        return there
