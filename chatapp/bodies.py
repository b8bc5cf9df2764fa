"""Limits the bodies of requests: each is a small form, unless its view allows more."""

from flask import Flask, abort, current_app, request

from .authentication import login_token

KIB = 1024
SMALL = 64 * KIB
#: A message in the worst case: 10,000 characters of twelve bytes each, and room to say that a longer one is too long.
LARGE = 256 * KIB
#: A piece of a file, and a form around it: less than the 1 MB that nginx lets through by itself.
PIECE = 768 * KIB
WITH_PIECE = PIECE + 16 * KIB
FORMS = {"application/x-www-form-urlencoded", "multipart/form-data"}
BYTES = "application/offset+octet-stream"
MB = 1_000_000


def init_app(app: Flask) -> None:
    """Runs before anything that reads a form, as the check of the token and the rate limits do."""
    app.before_request(limit_body)


def large_body(view):
    """Marks a view that takes a form of ``LARGE`` bytes."""
    view.body_limit = LARGE
    return view


def body_with_piece(view):
    """Marks a view that takes a piece of a file, in a form or by itself."""
    view.body_limit = WITH_PIECE
    view.takes_bytes = True
    return view


def body_with_files(view):
    """Marks a view that takes a form of ``LARGE`` bytes and all files of a message."""
    view.takes_files = True
    return large_body(view)


def body_limit(view) -> int:
    return getattr(view, "body_limit", SMALL)


def limit_body() -> None:
    view = current_app.view_functions.get(request.endpoint)
    request.max_content_length = body_limit(view) + room_for_files(view)
    has_body = request.content_length or "Transfer-Encoding" in request.headers
    if has_body and request.mimetype not in FORMS and not is_piece(view):
        abort(415)


def room_for_files(view) -> int:
    """For a browser with a log-in only: the body is read before anybody is looked up, and fills the disk meanwhile."""
    if not getattr(view, "takes_files", False) or request.mimetype != "multipart/form-data" or not login_token():
        return 0
    return current_app.config["ATTACHMENT_MESSAGE_MB"] * MB


def is_piece(view) -> bool:
    return getattr(view, "takes_bytes", False) and request.mimetype == BYTES and request.method == "PATCH"
