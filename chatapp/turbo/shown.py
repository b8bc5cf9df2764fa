"""Follows ``broadcast_shows``, the records that a record shows, and ``broadcast_touches``, the records that show it."""

import hashlib
from collections.abc import Iterable, Iterator
from functools import cache

from sqlalchemy import inspect
from sqlalchemy.orm import MANYTOONE, RelationshipProperty, Session, joinedload, object_session, selectinload

from .streamable import Streamable


def loading(cls: type) -> list:
    """Options for a query of ``cls`` records: it then reads everything that they show, however many they are."""
    return [_option(cls, path.split(".")) for path in cls.broadcast_shows]


def _option(cls: type, names: list[str]):
    option = None
    for name in names:
        relation = inspect(cls).relationships[name]
        load = "selectinload" if relation.uselist else "joinedload"
        start = {"selectinload": selectinload, "joinedload": joinedload}[load]
        option = (getattr(option, load) if option else start)(getattr(cls, name))
        cls = relation.mapper.class_
    return option


def digest(record) -> bytes:
    """32 bytes, equal for two states of a record only if both show the same."""
    return hashlib.sha256(repr(_values(record, type(record).broadcast_shows)).encode(errors="surrogatepass")).digest()


def _values(record, paths: tuple[str, ...]) -> tuple:
    columns, relations = _plan(type(record), paths)
    loaded = record.__dict__  # faster than attributes, which a page reads thousands of
    shown = [loaded[name] if name in loaded else getattr(record, name) for name in columns]
    related = [[_values(other, rest) for other in _related(record, name, uselist)] for name, uselist, rest in relations]
    return (*shown, *related)


@cache
def _plan(cls: type, paths: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[tuple[str, bool, tuple[str, ...]], ...]]:
    """The columns that a record shows, and its relations, each with whether it has many and with the paths behind it.

    Without the revision of a page of its own, which changes for reasons that this record's readers don't see.
    """
    mapper, below = inspect(cls), {}
    for path in paths:
        name, _, rest = path.partition(".")
        below.setdefault(name, []).extend([rest] if rest else [])
    columns = (column.key for column in mapper.column_attrs)
    columns = (name for name in columns if not (issubclass(cls, Streamable) and name == "revision"))
    relations = ((name, mapper.relationships[name].uselist, tuple(rest)) for name, rest in below.items())
    return tuple(columns), tuple(relations)


def _related(record, name: str, uselist: bool) -> list:
    value = getattr(record, name)
    if uselist:
        return value
    return [] if value is None else [value]


def shows_change(record, besides: Iterable[str] = ()) -> bool:
    """Whether a record was changed in anything that neither its ``broadcast_ignores`` nor ``besides`` names."""
    mapper, attributes = inspect(type(record)), inspect(record).attrs
    ignored = getattr(record, "broadcast_ignores", frozenset())
    one = (relation.key for relation in mapper.relationships if relation.direction is MANYTOONE)
    names = {*mapper.column_attrs.keys(), *one} - ignored - {*besides}
    return any(attributes[name].history.has_changes() for name in names)


def touched(record) -> Iterator:
    """The records that show this one, or did until now."""
    for name in getattr(record, "broadcast_touches", ()):
        relation = inspect(type(record)).relationships[name]
        found = {*_changed_values(record, relation), *_by_foreign_key(record, relation)}
        yield from found - {None}


def _changed_values(record, relation: RelationshipProperty) -> list:
    attribute = inspect(record).attrs[relation.key]
    # What was never read has no history. A foreign key names its record all the same; a collection has to be read.
    history = attribute.history if relation.direction is MANYTOONE else attribute.load_history()
    return list(history.sum())


def _by_foreign_key(record, relation: RelationshipProperty) -> Iterator:
    # The history is empty for a relation that was never read, and for a new record that was given only an id.
    if relation.direction is not MANYTOONE or len(relation.local_columns) != 1:
        return
    mapper, (column,) = inspect(type(record)), relation.local_columns
    session: Session = object_session(record)
    for id in inspect(record).attrs[mapper.get_property_by_column(column).key].load_history().sum():
        if id is not None:
            yield session.get(relation.mapper.class_, id)
