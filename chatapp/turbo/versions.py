"""What tells one state of a row from the next: a few columns that it names, or a digest of everything that it shows.

With such columns a page finds the HTML that its process remembers, and loads only the other rows.
"""

from collections.abc import Sequence
from functools import cache

from flask import current_app
from markupsafe import Markup
from sqlalchemy import Row, Select, inspect, select
from sqlalchemy.orm import Session, aliased

from .row_cache import row_key_by_id
from .shown import digest
from .streams import key, record_id
from .transactions import has_written


def state_of(record) -> bytes | tuple:
    """Returns a value that is equal for two states of a record only if both show the same."""
    paths = getattr(record, "broadcast_versions", ())
    return tuple(_value(record, path) for path in paths) if paths else digest(record)


def _value(record, path: str):
    for name in path.split("."):
        record = None if record is None else getattr(record, name)
    return record


@cache  # making the aliases takes longer than the query
def select_versions(cls: type, *columns) -> Select:
    """Selects the id of each ``cls`` row, then ``columns``, then its ``broadcast_versions``."""
    paths = [path.rpartition(".") for path in cls.broadcast_versions]
    relations = dict.fromkeys(name for name, _, _ in paths if name)
    others = {name: aliased(inspect(cls).relationships[name].mapper.class_) for name in relations}
    versions = (
        getattr(others.get(name, cls), column).label(f"version_{n}") for n, (name, _, column) in enumerate(paths)
    )
    query = select(key(cls), *columns, *versions).select_from(cls)
    for name, other in others.items():
        query = query.outerjoin(other, getattr(cls, name).of_type(other))
    return query


def html_of_rows(session: Session, cls: type, found: Sequence[Row]) -> dict[int, Markup]:
    """The HTML of the rows that ``select_versions`` found, by their ids. A row that was removed since has none.

    Loads and renders those that this process does not remember.
    """
    html = {} if has_written(session) else _remembered(cls, found)
    missing = [row[0] for row in found if row[0] not in html]
    if missing:
        query = cls.with_shown().where(key(cls).in_(missing)).execution_options(populate_existing=True)
        loaded = session.scalars(query).unique()
        html |= {record_id(record): record.to_html() for record in loaded if not record.broadcast_removed}
    return html


def _remembered(cls: type, found: Sequence[Row]) -> dict[int, Markup]:
    if current_app.jinja_env.auto_reload:  # somebody is editing the templates
        return {}
    rows, count = current_app.extensions["turbo.rows"], len(cls.broadcast_versions)
    states = {row_key_by_id(cls.broadcast_partial, cls, row[0]): tuple(row[-count:]) for row in found}
    return {id: html for (_, _, id), html in rows.get_all(states).items()}
