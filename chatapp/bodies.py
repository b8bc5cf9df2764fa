"""Limits the bodies of requests: each is a small form, unless its view allows more."""

from flask import Flask, abort, current_app, request

KIB = 1024
SMALL = 64 * KIB
#: A message in the worst case: 10,000 characters of twelve bytes each, and room to say that a longer one is too long.
LARGE = 256 * KIB
FORMS = {"application/x-www-form-urlencoded", "multipart/form-data"}


def init_app(app: Flask) -> None:
    """Runs before anything that reads a form, as the check of the token and the rate limits do."""
    app.before_request(limit_body)


def large_body(view):
    """Marks a view that takes a form of ``LARGE`` bytes."""
    view.body_limit = LARGE
    return view


def body_limit(view) -> int:
    return getattr(view, "body_limit", SMALL)


def limit_body() -> None:
    request.max_content_length = body_limit(current_app.view_functions.get(request.endpoint))
    has_body = request.content_length or "Transfer-Encoding" in request.headers
    if has_body and request.mimetype not in FORMS:
        abort(415)
