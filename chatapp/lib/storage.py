"""Where files are kept: a folder on this machine, or a bucket of an S3-compatible server.

A file is known by its key, 32 hexadecimal digits. Nothing that a person typed becomes part of a path.
"""

import os
import re
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, Protocol

from flask import Flask

_KEY = re.compile(r"[0-9a-f]{32}(-thumbnail)?")


class Backend(Protocol):
    """What can keep files. Every change can be repeated without harm."""

    def append(self, key: str, offset: int, data: bytes) -> None:
        """Write ``data`` at ``offset``, which is where the file ends. Cuts off what lies after it."""

    def put(self, key: str, source: BinaryIO) -> None:
        """Keep all of ``source``, in place of what was there."""

    def open(self, key: str) -> BinaryIO:
        """The file, to ``read``, ``seek`` and ``close``. Raises FileNotFoundError."""

    def delete(self, key: str) -> None:
        """Remove the file. It does not matter whether it exists."""

    def keys(self, older_than: float) -> Iterator[str]:
        """The keys of all files that nobody has written to for ``older_than`` seconds."""


class Disk:
    """Files in a folder, spread over 256 folders below it."""

    def __init__(self, folder: Path):
        self.folder = folder

    def append(self, key: str, offset: int, data: bytes) -> None:
        path = self._made(key)
        with os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "r+b") as file:
            file.seek(offset)
            file.write(data)
            file.truncate()

    def put(self, key: str, source: BinaryIO) -> None:
        path = self._made(key)
        draft = path.with_name(f"{path.name}.{os.getpid()}-{time.monotonic_ns()}")
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            while data := source.read(256 * 1024):
                file.write(data)
        draft.replace(path)

    def open(self, key: str) -> BinaryIO:
        return self._path(key).open("rb")

    def delete(self, key: str) -> None:
        self._path(key).unlink(missing_ok=True)

    def keys(self, older_than: float) -> Iterator[str]:
        latest = time.time() - older_than
        for path in self.folder.glob("??/*"):
            with suppress(FileNotFoundError):
                if path.stat().st_mtime < latest:
                    yield path.name

    def _made(self, key: str) -> Path:
        path = self._path(key)
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        return path

    def _path(self, key: str) -> Path:
        return self.folder / key[:2] / key


class Storage:
    """A Flask extension around one backend, which the setting ``STORAGE_URL`` chooses."""

    backend: Backend

    def init_app(self, app: Flask) -> None:
        """``STORAGE_URL`` is a folder, or ``s3://key:secret@host/bucket``."""
        url = app.config["STORAGE_URL"]
        self.backend = s3_backend(url) if url.startswith("s3") else Disk(Path(url))
        app.extensions["storage"] = self

    def append(self, key: str, offset: int, data: bytes) -> None:
        """See ``Backend``."""
        self.backend.append(known(key), offset, data)

    def put(self, key: str, source: BinaryIO) -> None:
        """See ``Backend``."""
        self.backend.put(known(key), source)

    def open(self, key: str) -> BinaryIO:
        """See ``Backend``."""
        return self.backend.open(known(key))

    def head(self, key: str, length: int) -> bytes:
        """The first bytes of the file."""
        with self.open(key) as file:
            return file.read(length)

    def delete(self, key: str) -> None:
        """See ``Backend``."""
        self.backend.delete(known(key))

    def keys(self, older_than: float) -> Iterator[str]:
        """See ``Backend``."""
        return (key for key in self.backend.keys(older_than) if _KEY.fullmatch(key))


def s3_backend(url: str) -> Backend:
    """Imports the backend only where a deploy uses it."""
    from .s3_storage import Bucket

    return Bucket.at(url)


def known(key: str) -> str:
    """``key``, if it is one. Raises ValueError for anything else."""
    if not _KEY.fullmatch(key):
        raise ValueError(f"{key!r} is not the key of a file.")
    return key
