"""The list of all emoji to choose from, for the page's picker."""

from functools import cache

from flask import Blueprint, Response, request

from chatapp.extensions import emoji_list
from chatapp.turbo import render

bp = Blueprint("emoji", __name__)

YEAR = 31_536_000  # seconds


@bp.get("/emoji")
def index():
    response = Response(rendered(emoji_list.version), mimetype="text/html")
    response.cache_control.private = True
    if request.args.get("v") == emoji_list.version:
        response.cache_control.max_age = YEAR
        response.cache_control.immutable = True
    else:  # the page of another release asks
        response.cache_control.no_store = True
    return response


@cache
def rendered(version: str) -> str:
    return render("emoji/_list.html")
