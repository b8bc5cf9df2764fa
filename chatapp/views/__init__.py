"""The views: each finds through the user, calls one verb, commits and answers."""

from flask import Blueprint, Flask, abort, request

DESTROY, UPDATE = "DELETE", "PATCH"


def init_app(app: Flask) -> None:
    from . import chats, health, members, messages, retries, sessions, sidebars, stops, streams, typings, users

    for module in (users, sessions, sidebars, chats, members, messages, retries, stops, typings, streams, health):
        app.register_blueprint(module.bp)


def member_routes(bp: Blueprint, rule: str, update=None, destroy=None) -> None:
    """Routes PATCH and DELETE; and POST with ``_method``, which is all that a plain HTML form can send."""
    views = {method: view for method, view in ((UPDATE, update), (DESTROY, destroy)) if view}

    def dispatch(**arguments):
        view = views.get(request.form.get("_method", "").upper())
        return view(**arguments) if view else abort(405)

    for method, view in views.items():
        bp.add_url_rule(rule, view.__name__, view, methods=[method])
    bp.add_url_rule(rule, "_" + "_or_".join(view.__name__ for view in views.values()), dispatch, methods=["POST"])
