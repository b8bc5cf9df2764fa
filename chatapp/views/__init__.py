"""The views: each finds what is within the viewer's reach, calls one verb and says what to answer. The edge commits."""

import pkgutil
from importlib import import_module

from flask import Blueprint, Flask, Response, abort, flash, g, redirect, request
from werkzeug.routing import IntegerConverter, Map

from chatapp.bodies import takes_what_these_take
from chatapp.edge import for_view
from chatapp.extensions import limiter
from chatapp.helpers import path_to

DESTROY, UPDATE = "DELETE", "PATCH"
UNSAFE = {"POST", "PUT", UPDATE, DESTROY}


class RecordId(IntegerConverter):
    """A number that a database can hold in an id column. A larger one would be an error there, not a 404."""

    def __init__(self, map: Map, **options):
        super().__init__(map, max=2**31 - 1, **options)


def init_app(app: Flask) -> None:
    app.url_map.converters["int"] = RecordId
    for found in pkgutil.iter_modules(__path__, f"{__name__}."):
        app.register_blueprint(import_module(found.name).bp)
    put_behind_the_edge(app)
    limiter.request_filter(lambda: g.get("second_try", False))


def put_behind_the_edge(app: Flask) -> None:
    """Has the edge run every view that may change something."""
    changing = {rule.endpoint for rule in app.url_map.iter_rules() if rule.methods & UNSAFE}
    for endpoint in changing:
        app.view_functions[endpoint] = for_view(app.view_functions[endpoint])


def id_in_query(name: str) -> int | None:
    """The record's id that the address names, ``?before=52``; None for anything that is not an id."""
    id = request.args.get(name, type=int)
    return id if id is not None and 0 < id < 2**31 else None


def lead_to(endpoint: str, notice: str | None = None, **values) -> Response:
    """Redirects to a page of ours, which shows ``notice`` once."""
    if notice:
        flash(notice, "notice")
    return redirect(path_to(endpoint, **values), 303)


def member_routes(bp: Blueprint, rule: str, update=None, destroy=None, limited=lambda view: view) -> None:
    """Routes PATCH, DELETE, and POST with ``_method``, which is all that a plain HTML form can send.

    ``limited`` is a rate limit for all of them, in place of the usual one.
    """
    views = {method: view for method, view in ((UPDATE, update), (DESTROY, destroy)) if view}

    def dispatch(**arguments):
        view = views.get(request.form.get("_method", "").upper())
        return view(**arguments) if view else abort(405)

    takes_what_these_take(dispatch, list(views.values()))
    # Rates are counted by this name, so no two views may share one.
    dispatch.__name__ = "_" + "_or_".join(view.__name__ for view in views.values())
    dispatch.__qualname__ = f"{bp.import_name}.{dispatch.__name__}"

    for method, view in views.items():
        bp.add_url_rule(rule, view.__name__, limited(view), methods=[method])
    bp.add_url_rule(rule, dispatch.__name__, limited(dispatch), methods=["POST"])
