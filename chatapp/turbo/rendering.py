"""Partials rendered as if outside of any request: no viewer, no session, no CSRF token gets into them."""

from flask import current_app
from markupsafe import Markup
from sqlalchemy import inspect
from sqlalchemy.orm import object_session

from .shown import digest
from .streams import singular_name
from .transactions import after_commit, has_written


def render(partial: str, record=None, **context) -> Markup:
    """The partial's HTML. A record is passed to it under the singular name of its class, and of the models above it.

    ``jinja_env`` directly, not ``render_template``: that runs context processors, which bring in the viewer
    of the request that happens to be running, and needs SERVER_NAME in a worker.
    """
    if record is not None:
        context |= {singular_name(mapper.class_): record for mapper in inspect(type(record)).iterate_to_root()}
    return Markup(current_app.jinja_env.get_template(partial).render(context).strip())


def render_row(partial: str, record) -> Markup:
    """``render`` for a row of a live list. Remembers the HTML for as long as nothing that the row shows changes.

    After a deploy everybody comes back at once and gets the same rows. The HTML of changed rows is remembered only
    after their commit.
    """
    if current_app.jinja_env.auto_reload:  # somebody is editing the templates
        return render(partial, record)
    rows, state = current_app.extensions["turbo.rows"], digest(record)
    html = rows.get(partial, record, state)
    if html is None:
        html = render(partial, record)
        keep = rows.keeping(partial, record, state, html)
        session = object_session(record)
        after_commit(session, keep) if session and has_written(session) else keep()
    return html


def current_turbo():
    """The ``Turbo`` of the running app."""
    return current_app.extensions["turbo"]
