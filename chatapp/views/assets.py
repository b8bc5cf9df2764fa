"""Static files of other releases. WhiteNoise serves those of this release in front of the app."""

import gzip
import mimetypes

from flask import Blueprint, Response, request

from chatapp.authentication import public
from chatapp.extensions import assets, shared_files

bp = Blueprint("assets", __name__)

YEAR = 31_536_000  # seconds


@bp.before_app_request
def share() -> None:
    """Shares the files of this release before its first page names them."""
    if request.method == "GET" and "text/html" in request.headers.get("Accept", ""):
        shared_files.share()


@bp.get("/static/<path:name>")
@public
def show(name: str):
    small = shared_files.get(f"/static/{name}")
    if small is None:
        return Response("There is no such file.\n", 404, {"Cache-Control": "no-store"}, mimetype="text/plain")
    response = Response(mimetype=mimetypes.guess_type(name)[0])
    response.cache_control.public = response.cache_control.immutable = True
    response.cache_control.max_age = YEAR
    response.vary.add("Accept-Encoding")
    if assets.host:
        response.access_control_allow_origin = "*"
    if "gzip" in request.accept_encodings:
        response.content_encoding = "gzip"
        response.data = small
    else:
        response.data = gzip.decompress(small)
    return response
