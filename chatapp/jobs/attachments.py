"""Cleans pictures and makes their thumbnails; removes discarded files."""

from chatapp.edge import release_connection
from chatapp.extensions import db, storage
from chatapp.lib.pictures import prepared
from chatapp.models import Attachment
from chatapp.models.attachment_limits import BOX, PIXELS

from . import job

#: Pixels of a thumbnail: twice its box, for sharp screens.
SHARP = (2 * BOX[0], 2 * BOX[1])


@job
def prepare(id: int) -> None:
    """Replace a picture by its clean copy, and make its thumbnail."""
    attachment = db.session.get(Attachment, id)
    if attachment is None or attachment.state != "preparing":
        return
    release_connection()  # a picture takes seconds
    try:
        source = storage.open(attachment.key)
    except FileNotFoundError:  # it is on another machine's disk
        return attachment.unprepared()
    with source, prepared(source, attachment.media_type, PIXELS, SHARP) as picture:
        if picture is None:
            return attachment.unprepared()
        for path, key in ((picture.thumbnail, attachment.thumbnail_key), (picture.cleaned, attachment.key)):
            with path.open("rb") as file:
                storage.put(key, file)
        attachment.prepared(picture.cleaned.stat().st_size)


@job
def remove(id: int) -> None:
    """Remove the bytes of a discarded file."""
    attachment = db.session.get(Attachment, id)
    if attachment is not None and attachment.state == "discarded":
        attachment.remove()
