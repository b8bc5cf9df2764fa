"""What is shown when something can't be done."""

from flask import Flask, Response, g, make_response, render_template, request
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import Conflict, Forbidden, HTTPException, InternalServerError, NotFound

from . import audit
from .models.block import Blocked
from .models.place import ShownPlace
from .models.reach import Archived, OutOfReach, ReadOnly
from .turbo import render

WORDS = {
    400: ("That did not work", "The request was not understood. Go back, reload the page and try again."),
    401: ("Please log in", "You have been logged out. Log in again."),
    403: ("Not allowed", "You may not do that."),
    404: ("Not found", "This page does not exist, or you have no access to it."),
    405: ("Not possible", "That can't be done here."),
    409: ("Archived", "This chat is archived. Bring it back to write in it."),
    413: ("Too large", "That is more than the server accepts. Send less at a time."),
    415: ("Not possible", "Only forms are understood here. Send the fields of one."),
    429: ("Slow down", "That was too often in a short time. Wait a moment and try again."),
    500: ("Something broke", "The mistake is ours, and it has been noted. Try again in a moment."),
}
#: Refusals that come before any question to the database, so a flood of them is cheap. Visitors see no place there.
EARLY = {400, 405, 413, 415, 429}
#: Refusals that the audit log notes: they may be an attack, or somebody may ask why.
AUDITED = {401, 403, 413, 415, 429}

READ_ONLY = "Only the managers of this chat write in it. You can read it and react."
NO_TOKEN = "The CSRF token is missing."  # Flask-WTF's words
# All our forms carry a token, so reloading the page would not help.
REMOVED = (
    "The request came without the token that each of our pages sends along. A proxy or a virus scanner on the way "
    "may have removed it. Try another network, or ask whoever runs this one to leave requests to this site as they are."
)


def init_app(app: Flask) -> None:
    app.register_error_handler(CSRFError, stale_form)
    app.register_error_handler(HTTPException, show)
    app.register_error_handler(OutOfReach, lambda error: show(NotFound()))
    app.register_error_handler(Blocked, lambda error: show(Forbidden(str(error))))
    app.register_error_handler(Archived, lambda error: show(Conflict()))
    app.register_error_handler(ReadOnly, lambda error: show(Forbidden(READ_ONLY)))


def stale_form(error: CSRFError) -> Response:
    audit.note_refusal(400)
    if error.description == NO_TOKEN:
        return answer(400, "Something is missing", REMOVED)
    return answer(400, "The page is too old", "Reload the page and try again: it was open for too long.")


def show(error: HTTPException) -> Response:
    if error.code is None or error.code < 400:
        return error.get_response()
    if error.response is not None:
        return error.response
    if error.code in AUDITED:
        audit.note_refusal(error.code)
    title, message = WORDS.get(error.code, (error.name, error.description))
    ours = error.description if error.description != type(error).description else None
    response = answer(error.code, title, ours or message if error.code != 429 else message)
    if error.code == 405 and isinstance(error.valid_methods, list):
        response.headers["Allow"] = ", ".join(error.valid_methods)
    return response


def answer(code: int, title: str, message: str) -> Response:
    """A page for people, one line of text for scripts."""
    if wants_text():
        return Response(message, code, mimetype="text/plain")
    if code == InternalServerError.code:
        # Without the context of a page, which asks the database who is looking: the database may be what broke.
        return make_response(render("errors/500.html", title=title, message=message), code)
    if code in EARLY:
        g.setdefault("place", ShownPlace.of(None, None))
    return make_response(render_template("errors/error.html", code=code, title=title, message=message), code)


def wants_text() -> bool:
    return "text/vnd.turbo-stream.html" in request.headers.get("Accept", "")
