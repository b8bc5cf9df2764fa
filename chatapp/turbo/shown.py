"""What a record shows beside its own columns, by ``broadcast_shows``; and whom it touches, by ``broadcast_touches``."""

import hashlib
from collections.abc import Iterator

from sqlalchemy import inspect
from sqlalchemy.orm import MANYTOONE, RelationshipProperty, Session, joinedload, object_session, selectinload


def loading(cls: type) -> list:
    """The options with which a query reads everything that its ``cls`` records show, however many there are."""
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
    """32 bytes that are the same for two states of a record only if they show the same."""
    return hashlib.sha256(repr(_values(record, type(record).broadcast_shows)).encode(errors="surrogatepass")).digest()


def _values(record, paths: tuple[str, ...]) -> tuple:
    columns = [getattr(record, attribute.key) for attribute in inspect(type(record)).column_attrs]
    below: dict[str, list[str]] = {}
    for path in paths:
        name, _, rest = path.partition(".")
        below.setdefault(name, []).extend([rest] if rest else [])
    related = ([_values(other, tuple(rest)) for other in _related(record, name)] for name, rest in below.items())
    return (*columns, *related)


def _related(record, name: str) -> list:
    value = getattr(record, name)
    if inspect(type(record)).relationships[name].uselist:
        return list(value)
    return [] if value is None else [value]


def shows_change(record) -> bool:
    """Whether something of a record was changed, other than what its ``broadcast_ignores`` names."""
    mapper, attributes = inspect(type(record)), inspect(record).attrs
    ignored = getattr(record, "broadcast_ignores", frozenset())
    one = (relation.key for relation in mapper.relationships if relation.direction is MANYTOONE)
    names = {*mapper.column_attrs.keys(), *one} - ignored
    return any(attributes[name].history.has_changes() for name in names)


def touched(record) -> Iterator:
    """The records that show this one, and those that did until now."""
    for name in getattr(record, "broadcast_touches", ()):
        relation = inspect(type(record)).relationships[name]
        found = {*_changed_values(record, name), *_by_foreign_key(record, relation)}
        yield from found - {None}


def _changed_values(record, name: str) -> list:
    return list(inspect(record).attrs[name].history.sum())


def _by_foreign_key(record, relation: RelationshipProperty) -> Iterator:
    # A relation that was never read says nothing, nor does that of a new record that got only the other one's id.
    if relation.direction is not MANYTOONE or len(relation.local_columns) != 1:
        return
    mapper, (column,) = inspect(type(record)), relation.local_columns
    session: Session = object_session(record)
    for id in inspect(record).attrs[mapper.get_property_by_column(column).key].load_history().sum():
        if id is not None:
            yield session.get(relation.mapper.class_, id)
