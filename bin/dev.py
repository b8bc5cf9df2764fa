"""What bin/dev does once everything is installed: check, migrate, start the parts, stop them together."""

import importlib
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from pathlib import Path

from parts import Parts

PROJECT = Path(__file__).resolve().parent.parent
sys.path.append(str(PROJECT / "chatapp"))
config = importlib.import_module("config")  # the package around it takes a second
READY_WITHIN = 60  # seconds
POLL = 0.1  # seconds
EXPLANATIONS = {
    "redis": "carries live changes and jobs; a bundled server, data and log in instance/redis",
    "model": "answers for the assistant; a bundled small model, no key needed",
    "web": "serves the pages and the streams",
    "worker": "runs the jobs, the assistant's replies among them",
}


def main() -> None:
    stopping, in_a_hurry = heed_signals()
    environ = prepared_environment()
    check(environ)
    add_local_servers(environ)
    migrate(environ, stopping)
    run(chosen_parts(environ), environ, stopping, in_a_hurry)


def heed_signals() -> tuple[threading.Event, threading.Event]:
    """The first signal asks the parts to stop, the second does not wait for them."""
    stopping, in_a_hurry = threading.Event(), threading.Event()

    def heed(number, frame):
        (in_a_hurry if stopping.is_set() else stopping).set()

    for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(name, heed)
    return stopping, in_a_hurry


def prepared_environment() -> dict[str, str]:
    """The environment wins over .env, and both win over what suits development."""
    suited = {"BIND_HOST": "127.0.0.1", "PORT": "8000", "FLASK_DEBUG": "1", "PYTHONUNBUFFERED": "1"}
    suited |= {"SETUP_WITHOUT_TOKEN": "1"}  # only the developer can reach it
    environ = suited | dotenv() | os.environ
    environ["SECRET_KEY"] = environ.get("SECRET_KEY") or config.local_secret("secret_key")
    environ["PATH"] = f"{PROJECT / '.venv' / 'bin'}{os.pathsep}{environ['PATH']}"
    return environ


def dotenv() -> dict[str, str]:
    file = PROJECT / ".env"
    lines = file.read_text().splitlines() if file.exists() else []
    pairs = (line.split("=", 1) for line in lines if "=" in line and not line.lstrip().startswith("#"))
    return {name.strip(): value.strip().strip("'\"") for name, value in pairs}


def check(environ: dict[str, str]) -> None:
    try:
        settings = config.from_environment(environ)
    except ValueError as error:
        fail(str(error))
    check_port(settings["BIND_HOST"], settings["PORT"])
    if environ.get("REDIS_URL"):
        check_redis(settings["REDIS_URL"])


def check_port(host: str, port: int) -> None:
    try:
        socket.create_server((host, port), reuse_port=False).close()
    except OSError as error:
        fail(f"PORT {port} cannot be used ({os.strerror(error.errno)}). Choose another: PORT={port + 1} bin/dev")


def check_redis(url: str) -> None:
    import redis

    try:
        redis.Redis.from_url(url, socket_connect_timeout=3, socket_timeout=3).ping()
    except redis.RedisError as error:
        fail(f"REDIS_URL is set, but the server there does not answer ({error}). Unset it to use the bundled one.")


def add_local_servers(environ: dict[str, str]) -> None:
    if not environ.get("REDIS_URL"):
        environ["REDIS_PORT"] = free_port()
        password = config.local_secret("redis_password")
        environ["REDIS_URL"] = f"redis://:{password}@127.0.0.1:{environ['REDIS_PORT']}/0"
    if not environ.get("OPENAI_BASE_URL") and not environ.get("OPENAI_API_KEY"):
        environ["MODEL_PORT"] = free_port()
        environ |= {
            "OPENAI_BASE_URL": f"http://127.0.0.1:{environ['MODEL_PORT']}/v1",
            "OPENAI_API_KEY": "local",
            "ASSISTANT_MODEL": "smollm2",
        }


def free_port() -> str:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return str(probe.getsockname()[1])


def migrate(environ: dict[str, str], stopping: threading.Event) -> None:
    upgrade = [sys.executable, "-m", "flask", "--app", "wsgi", "db", "upgrade"]
    result = subprocess.run(upgrade, env=environ, cwd=PROJECT, capture_output=True, text=True)
    if result.returncode and not stopping.is_set():
        fail(f"The database could not be brought up to date:\n{result.stdout}{result.stderr}")


def chosen_parts(environ: dict[str, str]) -> dict[str, str]:
    """The lines of Procfile.dev, without the servers that the environment already names."""
    missing = {name for name, port in (("redis", "REDIS_PORT"), ("model", "MODEL_PORT")) if port not in environ}
    lines = (line.split(":", 1) for line in (PROJECT / "Procfile.dev").read_text().splitlines() if ":" in line)
    return {name.strip(): command.strip() for name, command in lines if name.strip() not in missing}


def run(
    chosen: dict[str, str], environ: dict[str, str], stopping: threading.Event, in_a_hurry: threading.Event
) -> None:
    parts = Parts(environ, width=max(map(len, chosen)))
    try:
        start(parts, chosen, environ, stopping)
        dead = watch(parts, environ, stopping)
    finally:
        parts.stop(in_a_hurry)
    if dead:
        fail(f"{dead[0]} stopped with exit status {dead[1]}, so the other parts were stopped too.")
    print("Stopped.", flush=True)


def start(parts: Parts, chosen: dict[str, str], environ: dict[str, str], stopping: threading.Event) -> None:
    for name, line in chosen.items():
        if stopping.is_set() or parts.dead():
            return
        print(f"{name:<{parts.width}} | {EXPLANATIONS.get(name, line)}", flush=True)
        parts.start(name, line)
        if name == "redis":
            wait_for(lambda: connects(int(environ["REDIS_PORT"])), parts, stopping)


def watch(parts: Parts, environ: dict[str, str], stopping: threading.Event) -> tuple[str, int] | None:
    """Until a signal comes or a part dies. Returns the dead part's name and exit status."""
    address = f"http://{environ['BIND_HOST'] or 'localhost'}:{environ['PORT']}"
    if wait_for(lambda: answers(f"{address}/up"), parts, stopping):
        print(f"\nPlainwire is ready at {address} (Ctrl-C stops it)\n", flush=True)
    while not stopping.wait(POLL) and not parts.dead():
        pass
    return None if stopping.is_set() else parts.dead()


def wait_for(condition, parts: Parts, stopping: threading.Event) -> bool:
    deadline = time.monotonic() + READY_WITHIN
    while time.monotonic() < deadline and not stopping.is_set() and not parts.dead():
        if condition():
            return True
        stopping.wait(POLL)
    return False


def connects(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


def answers(address: str) -> bool:
    try:
        return urllib.request.urlopen(address, timeout=2).status == 200
    except OSError:
        return False


def fail(line: str) -> None:
    sys.exit(f"bin/dev: {line}")


if __name__ == "__main__":
    main()
