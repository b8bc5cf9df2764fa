"""Files: the forms that begin an upload, send a piece of it, or send the files of a message."""

from flask import current_app, request
from werkzeug.datastructures import FileStorage
from wtforms import StringField
from wtforms.validators import ValidationError

from chatapp.models.attachment_limits import DoesNotFit, Limits

from .base import Form, is_id


class UploadForm(Form):
    name = StringField()
    size = StringField()

    def validate_name(self, field) -> None:
        if not (field.data or "").strip():
            raise ValidationError("name takes the name of the file.")

    def validate_size(self, field) -> None:
        if not (field.data or "").isascii() or not (field.data or "").isdecimal() or len(field.data) > 15:
            raise ValidationError("size takes the number of bytes.")

    @property
    def bytes(self) -> int:
        return int(self.size.data)


class PieceForm(Form):
    """A piece as a form, for networks that let nothing else through: ``offset``, and the file ``piece``."""

    offset = StringField()

    @property
    def start(self) -> int:
        """Where the piece begins; -1 for a text that is not a number, which fits no file."""
        text = request.headers.get("Upload-Offset") or self.offset.data or ""
        return int(text) if text.isascii() and text.isdecimal() and len(text) <= 15 else -1

    @property
    def data_of_piece(self) -> bytes:
        if piece := request.files.get("piece"):
            return piece.read()
        return request.get_data() if request.mimetype == "application/offset+octet-stream" else b""


class IdsField(StringField):
    """Ids, in one field with commas or in several."""

    def process_formdata(self, valuelist) -> None:
        self.data = ",".join(value for value in valuelist if value)

    @property
    def ids(self) -> list[int]:
        return [int(id) for id in (self.data or "").split(",") if id]


def valid_ids(form, field) -> None:
    ids = {id for id in (field.data or "").split(",") if id}
    # Here, because each id becomes a parameter of a statement, and one of these statements waits behind a lock.
    try:
        limits().must_be_few(len(ids))
    except DoesNotFit as refusal:
        raise ValidationError(f"{refusal}") from None
    if not all(map(is_id, ids)):
        raise ValidationError(f"{field.name} takes the ids of uploads.")


def sent_files() -> list[FileStorage]:
    """The files of a plain form. A field without a chosen file sends one without a name."""
    return [file for file in request.files.getlist("files") if file.filename]


def limits() -> Limits:
    return Limits.of(current_app.config)
