"""Cleaned pictures and thumbnails, made from what strangers send."""

import logging
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import copyfileobj
from tempfile import TemporaryDirectory
from typing import BinaryIO, NamedTuple

MAKER = Path(__file__).with_name("picture_maker.py")
#: Seconds for one picture, most of which may be waiting for a core.
TIMEOUT = 90

log = logging.getLogger(__name__)


class Prepared(NamedTuple):
    """Files that exist for as long as the block lasts."""

    cleaned: Path
    thumbnail: Path


@contextmanager
def prepared(source: BinaryIO, media_type: str, pixels: int, box: tuple[int, int]) -> Iterator[Prepared | None]:
    """Makes a copy of ``source`` without what a camera wrote beside the picture, and a thumbnail of at most ``box``.

    Gives None for what is no such picture, or has more than ``pixels`` pixels, or takes too much memory or time.
    """
    with TemporaryDirectory(prefix="plainwire-picture-") as folder:
        original, made = Path(folder, "original"), Prepared(Path(folder, "cleaned"), Path(folder, "thumbnail"))
        with original.open("wb") as file:
            copyfileobj(source, file, 1024 * 1024)
        command = [sys.executable, "-I", MAKER, media_type, str(pixels), "x".join(map(str, box)), original, *made]
        yield made if _succeeds(command) else None


def _succeeds(command: list) -> bool:
    try:
        run = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=TIMEOUT, check=False)
    except subprocess.TimeoutExpired:
        return False
    if run.returncode:
        log.info("No picture (%d): %s", run.returncode, run.stderr[-300:].decode(errors="replace"))
    return run.returncode == 0
