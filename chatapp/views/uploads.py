"""Uploads: a file arrives in pieces, before the message with which it is sent. A cut connection costs one piece."""

from flask import Blueprint, Response, abort, current_app

from chatapp.authentication import viewer
from chatapp.bodies import body_with_piece
from chatapp.edge import OnceCommitted
from chatapp.extensions import limiter
from chatapp.forms import PieceForm, UploadForm, limits
from chatapp.helpers import path_to
from chatapp.models import Attachment
from chatapp.models.attachment_limits import DoesNotFit
from chatapp.turbo import dom_id, turbo_stream

from . import member_routes
from .messages import TURBO_STREAM

bp = Blueprint("uploads", __name__, url_prefix="/uploads")

limited = limiter.limit(lambda: current_app.config["UPLOAD_RATE"])


@bp.post("")
@limited
def create():
    form = UploadForm()
    if not form.validate():
        abort(422, next(iter(form.errors.values()))[0])
    try:
        upload = Attachment.begin(viewer(), form.name.data, form.bytes, limits())
    except DoesNotFit as refusal:
        abort(422, str(refusal))
    return OnceCommitted(standing, upload, 201)


@bp.get("/<int:id>")
def show(id: int):
    return standing(Attachment.upload_of(viewer(), id), 200)


@body_with_piece
def update(id: int):
    form = PieceForm()
    offset, data = form.start, form.data_of_piece
    upload = Attachment.upload_of(viewer(), id, to_change=True)
    try:
        taken = upload.receive(offset, data)
    except DoesNotFit as refusal:
        abort(422, str(refusal))
    return OnceCommitted(standing, upload, 200) if taken else standing(upload, 409)


def destroy(id: int):
    Attachment.upload_of(viewer(), id, to_change=True).discard()
    return OnceCommitted(Response, "", 204)


def standing(upload: Attachment, status: int) -> Response:
    """Tells how much of it is here: in a header, and as an element for pages on networks that remove headers."""
    body = turbo_stream("offset", dom_id(upload), f"{upload.id} {upload.received}")
    headers = {"Upload-Offset": str(upload.received), "Cache-Control": "no-store"}
    if status == 201:
        headers["Location"] = path_to("uploads.show", id=upload.id)
    return Response(body, status, headers, mimetype=TURBO_STREAM)


member_routes(bp, "/<int:id>", update=update, destroy=destroy, limited=limited)
