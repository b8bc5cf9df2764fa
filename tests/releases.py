"""The release before this one: its own code, whose processes run on while those of this one start.

It comes from the project's history, by `git archive`; it needs no work tree of its own, and leaves nothing behind.
"""

import io
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from tests.servers import PROJECT, Gunicorn, Worker, environ_of

#: What is deployed. Whoever releases puts the commit of the release here, with the next change.
PREVIOUS = "5e90b69e1ca8533ece1f1e28227ba6e7be16f5b3"


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
        self.directory_of_work = directory


class ReleaseWorker(Worker):
    """The worker of the release in ``directory``."""

    def __init__(self, directory: Path, environ: dict[str, str]):
        super().__init__(environ)
        self.directory_of_work = directory
