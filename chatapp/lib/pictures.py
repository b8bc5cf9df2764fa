"""Cleaned pictures and thumbnails, made from what strangers send."""

import logging
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from shutil import copyfileobj
from tempfile import TemporaryDirectory
from threading import BoundedSemaphore
from typing import BinaryIO, NamedTuple

MAKER = Path(__file__).with_name("picture_maker.py")
#: Seconds for one picture, most of which may be waiting for a core.
TIMEOUT = 90
#: Seconds for a picture that a request waits for, and for its turn before that.
QUICK, TURN = 20, 5
#: Pictures that the requests and replies of one process may have made at a time. Each may take hundreds of megabytes.
AT_ONCE = 1

log = logging.getLogger(__name__)


class Busy(Exception):
    """Other pictures are being made. Try again in a moment."""


class Prepared(NamedTuple):
    """Files that exist for as long as the block lasts."""

    cleaned: Path
    thumbnail: Path


@contextmanager
def prepared(source: BinaryIO, media_type: str, pixels: int, box: tuple[int, int]) -> Iterator[Prepared | None]:
    """Makes a copy of ``source`` without what a camera wrote beside the picture, and a thumbnail of at most ``box``.

    Gives None for data that is not such a picture, has more than ``pixels`` pixels, or takes too much memory or time.
    """
    with _made(source, media_type, pixels, "x".join(map(str, box)), TIMEOUT) as made:
        yield made


@contextmanager
def squared(source: BinaryIO, media_type: str, pixels: int, side: int) -> Iterator[Path | None]:
    """Makes a square WebP of ``side`` pixels from the middle of ``source``, with nothing beside the pixels.

    For a request, which waits for it. Gives None as ``prepared`` does. Raises Busy.
    """
    if not _turns().acquire(timeout=TURN):
        raise Busy
    try:
        with _made(source, media_type, pixels, str(side), QUICK) as made:
            yield made and made.thumbnail
    finally:
        _turns().release()


def scaled(source: BinaryIO, media_type: str, pixels: int, side: int, timeout: float) -> bytes | None:
    """A JPEG of at most ``side`` pixels each way and ``picture_maker.JPEG_BYTES``, with nothing beside the pixels. It
    shows the first frame of an animation.

    Takes at most about ``timeout`` seconds. Returns None as ``prepared`` does, and if the time is not enough.
    """
    until = time.monotonic() + timeout
    if not _turns().acquire(timeout=max(timeout, 0)):
        return None
    try:
        left = max(until - time.monotonic(), 0.001)
        with _made(source, media_type, pixels, f"{side}x{side}", left, "thumbnail.jpeg") as made:
            return made and made.thumbnail.read_bytes()
    finally:
        _turns().release()


@cache
def _turns() -> BoundedSemaphore:
    # Made on first use: by then gevent has patched the locks inside it.
    return BoundedSemaphore(AT_ONCE)


@contextmanager
def _made(
    source: BinaryIO, media_type: str, pixels: int, box: str, timeout: float, thumbnail: str = "thumbnail"
) -> Iterator[Prepared | None]:
    with TemporaryDirectory(prefix="plainwire-picture-") as folder:
        original, made = Path(folder, "original"), Prepared(Path(folder, "cleaned"), Path(folder, thumbnail))
        with original.open("wb") as file:
            copyfileobj(source, file, 1024 * 1024)
        command = [sys.executable, "-I", MAKER, media_type, str(pixels), box, original, *made]
        yield made if _succeeds(command, timeout) else None


def _succeeds(command: list, timeout: float) -> bool:
    try:
        run = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=timeout, check=False)
    except subprocess.TimeoutExpired:
        return False
    if run.returncode:
        log.info("No picture (%d): %s", run.returncode, run.stderr[-300:].decode(errors="replace"))
    return run.returncode == 0
