"""The files of the pictures of people and of the place: where they are kept, and when they go."""

import secrets
from typing import BinaryIO

from chatapp.extensions import db, queue, storage
from chatapp.turbo import after_commit

REMOVE_JOB = "chatapp.jobs.faces.remove_portrait"
#: Digits of the key that stand in the picture's address.
VERSION = 16


def keep(picture: BinaryIO | None) -> str | None:
    """Put a picture into the storage. Returns its key, which is a new one for each picture; None for no picture.

    Writing to the storage is not part of the transaction. A picture whose transaction fails has no record, and goes
    with other files that have none (``AttachmentSweep``).
    """
    if picture is None:
        return None
    key = secrets.token_hex(16)
    storage.put(key, picture)
    return key


def remove_once_committed(key: str | None) -> None:
    """Have a job remove the file of a picture that nobody shows any more."""
    if key:
        after_commit(db.session(), lambda: queue.enqueue(REMOVE_JOB, key))


def version_of(key: str | None) -> str | None:
    """The part of a key that stands in the address of its picture."""
    return key and key[:VERSION]
