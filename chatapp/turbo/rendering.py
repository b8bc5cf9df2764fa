"""Partials rendered as if outside of any request: no viewer, no session, no CSRF token gets into them."""

from flask import current_app
from markupsafe import Markup
from sqlalchemy import inspect

from .streams import singular_name

#: Rows whose HTML is kept, a few kilobytes each.
REMEMBERED = 1000
_rendered: dict[tuple, Markup] = {}


def render(partial: str, record=None, **context) -> Markup:
    """The partial's HTML. A record is passed to it under its singular name.

    ``jinja_env`` directly, not ``render_template``: that runs context processors, which bring in the viewer
    of the request that happens to be running, and needs SERVER_NAME in a worker.
    """
    if record is not None:
        context[singular_name(record)] = record
    return Markup(current_app.jinja_env.get_template(partial).render(context).strip())


def render_row(partial: str, record) -> Markup:
    """``render`` for a row of a live list, remembered by all that its columns say.

    After a deploy everybody comes back at once and is told the same rows. What a partial shows beside the columns
    of its record must change one of them, as a touch does; else open pages would not learn of it either.
    """
    columns = [attribute.key for attribute in inspect(type(record)).column_attrs]
    key = (partial, *(getattr(record, name) for name in columns))
    html = _rendered.get(key)
    if html is None:
        if len(_rendered) >= REMEMBERED:
            _rendered.clear()
        html = _rendered[key] = render(partial, record)
    return html


def current_turbo():
    """The ``Turbo`` of the running app."""
    return current_app.extensions["turbo"]
