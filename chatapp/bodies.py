"""Limits the bodies of requests: each is a small form, unless its view allows more."""

from threading import BoundedSemaphore

from flask import Flask, abort, current_app, g, request

from .authentication import login_token

KIB = 1024
SMALL = 64 * KIB
#: A message in the worst case: 10,000 characters of twelve bytes each, and room to say that a longer one is too long.
#: An assistant's instructions are shorter.
LARGE = 256 * KIB
#: A piece of a file. With the form around it, it stays below nginx's default limit of 1 MB.
PIECE = 768 * KIB
FORMS = {"application/x-www-form-urlencoded", "multipart/form-data"}
BYTES = "application/offset+octet-stream"
MB = 1_000_000
#: Pieces that a process takes in at the same time. More would not arrive sooner, and would keep pages waiting.
AT_ONCE = 2
#: The most seconds that a piece waits for its turn: the pieces before it may come from very slow clients.
TURN_WITHIN = 1.0
#: A picture as a camera takes it.
PICTURE = 20 * MB


def init_app(app: Flask) -> None:
    """Checks each body before the token check and the rate limits read the form."""
    turns = app.extensions["turns of pieces"] = BoundedSemaphore(AT_ONCE)
    app.before_request(limit_body)

    @app.teardown_request
    def end_turn(error) -> None:
        if g.pop("has_turn", False):
            turns.release()


def large_body(view):
    """Marks a view that takes a form of ``LARGE`` bytes."""
    view.body_limit = LARGE
    return view


def body_with_piece(view):
    """Marks a view that takes a piece of a file, in a form or by itself."""
    view.room = "piece"
    return view


def body_with_files(view):
    """Marks a view that takes a form of ``LARGE`` bytes and all files of a message."""
    view.room = "files"
    return large_body(view)


def body_with_picture(view):
    """Marks a view that takes a picture of ``PICTURE`` bytes, in a form."""
    view.room = "picture"
    return view


def body_limit(view) -> int:
    return getattr(view, "body_limit", SMALL)


def takes_what_these_take(view, views: list) -> None:
    """Marks a view that passes each request on to one of ``views``."""
    view.body_limit = max(map(body_limit, views))
    view.room = next((other.room for other in views if hasattr(other, "room")), None)


def limit_body() -> None:
    view = current_app.view_functions.get(request.endpoint)
    room = getattr(view, "room", None)
    request.max_content_length = body_limit(view) + room_for(room)
    has_body = request.content_length or "Transfer-Encoding" in request.headers
    if has_body and request.mimetype not in FORMS and not (room == "piece" and is_piece()):
        abort(415)
    if room == "piece" and request.content_length:
        g.has_turn = current_app.extensions["turns of pieces"].acquire(timeout=TURN_WITHIN)


def room_for(room: str | None) -> int:
    """Only a browser with a log-in gets room for more than a piece: a body is read, and fills the disk, before anybody
    is looked up."""
    multipart = request.mimetype == "multipart/form-data"
    if room == "piece" and (multipart or is_piece()):
        return PIECE
    if room == "files" and multipart and login_token():
        return current_app.config["ATTACHMENT_MESSAGE_MB"] * MB
    return PICTURE if room == "picture" and multipart and login_token() else 0


def is_piece() -> bool:
    return request.mimetype == BYTES and request.method == "PATCH"
