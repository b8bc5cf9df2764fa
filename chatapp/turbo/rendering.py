"""Renders partials as if outside of any request: no viewer, no session, no CSRF token gets into them."""

from functools import cache
from functools import partial as bound

from flask import current_app
from markupsafe import Markup
from sqlalchemy import inspect
from sqlalchemy.orm import object_session

from .row_cache import row_key
from .streams import singular_name
from .transactions import after_commit, has_written
from .versions import state_of


def render(partial: str, record=None, **context) -> Markup:
    """The partial's HTML. A record is passed to it under the singular name of its class, and of the models above it.

    Uses ``jinja_env`` and not ``render_template``, which runs context processors that bring in the viewer of the
    current request, and needs SERVER_NAME in a worker.
    """
    if record is not None:
        context |= dict.fromkeys(_names(type(record)), record)
    return Markup(current_app.jinja_env.get_template(partial).render(context).strip())


@cache
def _names(cls: type) -> list[str]:
    return [singular_name(mapper.class_) for mapper in inspect(cls).iterate_to_root()]


def render_row(partial: str, record, state: tuple | None = None) -> Markup:
    """``render`` for a row of a live list. Remembers the HTML for as long as nothing that the row shows changes.

    ``state`` is the state of another part of a page, in place of ``state_of`` for rows.

    After a deploy everybody comes back at once and gets the same rows. A transaction that writes renders the row anew,
    and the process remembers the HTML after the commit.
    """
    if current_app.jinja_env.auto_reload:  # somebody is editing the templates
        return render(partial, record)
    rows, name, state = current_app.extensions["turbo.rows"], row_key(partial, record), state or state_of(record)
    session = object_session(record)
    writes = session is not None and (has_written(session) or inspect(record).modified)
    html = None if writes else rows.get(name, state)
    if html is None:
        html = render(partial, record)
        keep = bound(rows.keep, name, state, html)
        after_commit(session, keep) if writes else keep()
    return html


def current_turbo():
    """The ``Turbo`` of the running app."""
    return current_app.extensions["turbo"]
