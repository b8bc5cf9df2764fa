"""Where the link of a shared answer leads: a page for everybody who has the link, and nobody else."""

from flask import Blueprint, abort, make_response, render_template

from chatapp.authentication import public
from chatapp.extensions import limiter, network

from . import shares

bp = Blueprint("shared_answers", __name__)

GONE = "This link does not work, or no longer. Ask the person who sent it."
HEADERS = {
    "X-Robots-Tag": "noindex, nofollow, noarchive",
    "Cache-Control": "no-store",  # once taken back, it must not come out of a cache
    "Referrer-Policy": "no-referrer",  # the address is the key
}


@bp.get("/shared/<token>")
@public
@limiter.limit("60 per minute", key_func=network)
def show(token: str):
    share = shares.with_token(token) or abort(404, GONE)
    response = make_response(render_template("shared_answers/show.html", share=share, message=share.message))
    response.headers.update(HEADERS)
    return response
