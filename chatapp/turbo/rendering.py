"""Partials rendered as if outside of any request: no viewer, no session, no CSRF token gets into them."""

from flask import current_app
from markupsafe import Markup

from .streams import singular_name


def render(partial: str, record=None, **context) -> Markup:
    """The partial's HTML. A record is passed to it under its singular name.

    ``jinja_env`` directly, not ``render_template``: that runs context processors, which bring in the viewer
    of the request that happens to be running, and needs SERVER_NAME in a worker.
    """
    if record is not None:
        context[singular_name(record)] = record
    return Markup(current_app.jinja_env.get_template(partial).render(context).strip())


def current_turbo():
    """The ``Turbo`` of the running app."""
    return current_app.extensions["turbo"]
