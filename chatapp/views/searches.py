"""The search in all messages that the viewer can read."""

from flask import Blueprint, current_app, render_template, request

from chatapp.authentication import viewer
from chatapp.extensions import limiter, replica
from chatapp.models.search import Search

from . import id_in_query

bp = Blueprint("searches", __name__)


@bp.get("/search")
@limiter.limit(lambda: current_app.config["SEARCH_RATE"])
@replica.view
def index():
    typed, before = request.args.get("q", ""), id_in_query("before")
    try:
        search = Search(viewer(), typed)
    except ValueError as error:
        return page(typed, problem=str(error))
    messages, older = search.newest(before)
    return page(typed, search=search, messages=messages, older=older, before=before)


def page(typed: str, **shown) -> str:
    """The results for the page's frame, which asks while the viewer types, or the whole page."""
    template = "searches/_results.html" if "Turbo-Frame" in request.headers else "searches/index.html"
    return render_template(template, typed=typed, **shown)
