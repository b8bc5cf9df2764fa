"""Files of messages, for the people who can read the messages. Each request asks anew: a file outlives a membership."""

from flask import Blueprint, Response, abort, request
from werkzeug.exceptions import RequestedRangeNotSatisfiable
from werkzeug.wsgi import FileWrapper

from chatapp.authentication import viewer
from chatapp.extensions import storage
from chatapp.lib.file_names import disposition
from chatapp.lib.file_types import UNKNOWN
from chatapp.models import Attachment

bp = Blueprint("attachments", __name__, url_prefix="/attachments/<int:id>")

#: Bytes read and sent at once.
CHUNK = 128 * 1024
#: Whatever a browser takes a file for, the file runs no script, loads nothing and appears in no page of another site.
HARMLESS = {
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "private, no-cache",
}


@bp.get("/<name>")
def show(id: int, name: str):
    """The name in the address is for people; the id decides."""
    attachment = found(id)
    inline = attachment.media_type != UNKNOWN
    return served(attachment.key, attachment.media_type, disposition(attachment.name, inline))


def found(id: int) -> Attachment:
    attachment = Attachment.find(id, viewer())
    if attachment.state == "preparing":  # it may still name the place where it was taken
        response = Response("This picture is being prepared. Try again in a moment.", 503, mimetype="text/plain")
        response.headers["Retry-After"] = "1"
        abort(response)
    return attachment


def served(key: str, media_type: str, content_disposition: str) -> Response:
    """Answers with the file, with the range that the browser asks for, or by saying that its copy is still good."""
    try:
        file = storage.open(key)
    except FileNotFoundError:
        abort(404)
    size = file.seek(0, 2)
    file.seek(0)
    response = Response(FileWrapper(file, CHUNK), mimetype=media_type, direct_passthrough=True, headers=HARMLESS)
    response.headers["Content-Disposition"] = content_disposition
    response.content_length = size
    response.set_etag(f"{key}-{size}")
    try:
        return response.make_conditional(request, accept_ranges=True, complete_length=size)
    except RequestedRangeNotSatisfiable:
        file.close()
        return Response(status=416, headers={"Content-Range": f"bytes */{size}"})
