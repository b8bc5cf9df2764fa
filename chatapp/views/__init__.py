"""The views: each finds through the user, calls one verb, commits and answers."""

from functools import wraps

from flask import Blueprint, Flask, abort, g, request
from werkzeug.routing import IntegerConverter, Map

from chatapp.bodies import body_limit
from chatapp.extensions import db, limiter
from chatapp.turbo import again_after_conflict

DESTROY, UPDATE = "DELETE", "PATCH"
UNSAFE = {"POST", "PUT", UPDATE, DESTROY}


class RecordId(IntegerConverter):
    """A number that a database can hold in an id column. To ask for a larger one would be an error there, not a 404."""

    def __init__(self, map: Map, **options):
        super().__init__(map, max=2**31 - 1, **options)


def init_app(app: Flask) -> None:
    app.url_map.converters["int"] = RecordId
    from . import (
        archives,
        assets,
        chats,
        connections,
        continuations,
        departures,
        health,
        members,
        messages,
        offline_pages,
        orphans,
        probes,
        retries,
        service_workers,
        sessions,
        sidebars,
        stops,
        streams,
        typings,
        users,
    )

    live = (streams, connections, probes, health)
    of_chats = (chats, archives, departures, members, messages, orphans, retries, continuations, stops, typings)
    for module in (assets, offline_pages, service_workers, users, sessions, sidebars, *of_chats, *live):
        app.register_blueprint(module.bp)
    give_changes_a_second_try(app)
    limiter.request_filter(lambda: g.get("second_try", False))


def give_changes_a_second_try(app: Flask) -> None:
    """Lets each view that may change something run once more after a conflict with another transaction."""
    changing = {rule.endpoint for rule in app.url_map.iter_rules() if rule.methods & UNSAFE}
    for endpoint in changing:
        app.view_functions[endpoint] = edge(app.view_functions[endpoint])


def edge(view):
    """Wraps ``view``, which finds, calls a verb, commits and answers.

    The second try looks everything up again, so somebody who was removed in between gets 404. Rate limits count the
    request once.
    """

    @wraps(view)
    def run(**arguments):
        tries = iter((False, True))

        def attempt():
            g.second_try = next(tries)
            return view(**arguments)

        return again_after_conflict(db.session(), attempt)

    return run


def member_routes(bp: Blueprint, rule: str, update=None, destroy=None, limited=lambda view: view) -> None:
    """Routes PATCH and DELETE; and POST with ``_method``, which is all that a plain HTML form can send.

    ``limited`` is a rate for all of them, in place of the usual one.
    """
    views = {method: view for method, view in ((UPDATE, update), (DESTROY, destroy)) if view}

    def dispatch(**arguments):
        view = views.get(request.form.get("_method", "").upper())
        return view(**arguments) if view else abort(405)

    dispatch.body_limit = max(body_limit(view) for view in views.values())
    # Rates are counted by it, so no two may share one.
    dispatch.__name__ = "_" + "_or_".join(view.__name__ for view in views.values())
    dispatch.__qualname__ = f"{bp.import_name}.{dispatch.__name__}"

    for method, view in views.items():
        bp.add_url_rule(rule, view.__name__, limited(view), methods=[method])
    bp.add_url_rule(rule, dispatch.__name__, limited(dispatch), methods=["POST"])
