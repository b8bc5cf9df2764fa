"""What a machine keeps in instance/: its database and its secrets."""

import os
import secrets
from contextlib import suppress
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
INSTANCE = PROJECT / "instance"


def make_private(database_url: str) -> None:
    """Keep other users of the machine out of instance/, which holds all messages."""
    INSTANCE.mkdir(mode=0o700, exist_ok=True)
    INSTANCE.chmod(0o700)
    file = Path(database_url.removeprefix("sqlite:///"))
    if file.parent == INSTANCE:
        file.touch(mode=0o600)  # SQLite gives the files beside it the same mode
        file.chmod(0o600)


def local_secret(name: str) -> str:
    """A secret that the processes of this machine share: the file ``name`` in instance/, with mode 0600."""
    path = INSTANCE / name
    if not path.exists():
        INSTANCE.mkdir(mode=0o700, exist_ok=True)
        write_once(path, secrets.token_hex(32))
    return path.read_text().strip()


def write_once(path: Path, content: str) -> None:
    """Two processes may start at the same moment: the first one's file stays, and is never seen half written."""
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    draft.touch(mode=0o600)
    draft.write_text(content)
    with suppress(FileExistsError):
        os.link(draft, path)
    draft.unlink()
