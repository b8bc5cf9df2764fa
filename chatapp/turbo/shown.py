"""Follows ``broadcast_shows``, the records that a record shows, and ``broadcast_touches``, the records that show it."""

import hashlib
from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import cache

from sqlalchemy import Select, bindparam, inspect, select
from sqlalchemy.orm import MANYTOONE, RelationshipProperty, Session, joinedload, object_session, selectinload
from sqlalchemy.orm.attributes import set_committed_value

from .streamable import Streamable
from .streams import key, record_id


@cache
def loading(cls: type, paths: tuple[str, ...]) -> list:
    """Options for a query of ``cls`` records, to read what they show by ``paths`` as well."""
    return [_option(cls, path.split(".")) for path in paths]


def read_again(session: Session, cls: type, records: Sequence, created: Collection) -> None:
    """Reads these ``cls`` records again, with what they show. This transaction has made those in ``created``.

    Another transaction may have changed what was read here before. Joins only the relations in use: a page may show a
    dozen, and most rows have few.
    """
    ids, read, lists = [record_id(record) for record in records], None, _own_lists(cls, created)
    while read is None or not {*read} >= {*_paths_in_use(records, lists)}:  # again if a foreign key was empty before
        read = _paths_in_use(records, lists)
        session.scalars(_reading(cls, read), {"turbo_ids": ids}).unique().all()
        for record, name in lists:
            set_committed_value(record, name, [])


@cache  # each commit sends it, and it takes longer to put together than to send
def _reading(cls: type, paths: tuple[str, ...]) -> Select:
    these = key(cls).in_(bindparam("turbo_ids", expanding=True))
    return select(cls).where(these).options(*loading(cls, paths)).execution_options(populate_existing=True)


def _own_lists(cls: type, created: Collection) -> set[tuple]:
    """The empty collections of new records. Nobody else can have put anything into them."""
    names = [name for _, name, columns in _beginnings(cls) if not columns]
    return {(record, name) for record in created for name in names if record.__dict__.get(name) == []}


def _paths_in_use(records: Sequence, empty: Collection[tuple]) -> tuple[str, ...]:
    """The paths of ``broadcast_shows`` that lead to a record, or may do so."""
    used = []
    for path, name, foreign_keys in _beginnings(type(records[0])):
        for record in records:
            if (record, name) not in empty and None not in [getattr(record, column) for column in foreign_keys]:
                used.append(path)
                break
    return tuple(used)


@cache
def _beginnings(cls: type) -> list[tuple[str, str, list[str]]]:
    """Each path of ``broadcast_shows`` with its first relation, and its foreign keys, none for a collection."""
    found, mapper = [], inspect(cls)
    for path in cls.broadcast_shows:
        name = path.partition(".")[0]
        relation = mapper.relationships[name]
        columns = () if relation.uselist else relation.local_columns
        found.append((path, name, [mapper.get_property_by_column(column).key for column in columns]))
    return found


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
    loaded = record.__dict__  # faster than attributes, of which a page reads thousands
    shown = [loaded[name] if name in loaded else getattr(record, name) for name in columns]
    related = [[_values(other, rest) for other in _related(record, name, uselist)] for name, uselist, rest in relations]
    return (*shown, *related)


@cache
def _plan(cls: type, paths: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[tuple[str, bool, tuple[str, ...]], ...]]:
    """The columns that a record shows, and its relations: the name of each, whether it is a list, and the paths beyond.

    Leaves out the revision of a streamable, which also changes for reasons that this record does not show.
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
    # What was never read has no history. A foreign key names its record all the same; a collection must be read.
    history = attribute.history if relation.direction is MANYTOONE else attribute.load_history()
    return list(history.sum())


def _by_foreign_key(record, relation: RelationshipProperty) -> Iterator:
    # The history is empty for a relation never read, and for a new record given only an id.
    if relation.direction is not MANYTOONE or len(relation.local_columns) != 1:
        return
    mapper, (column,) = inspect(type(record)), relation.local_columns
    session: Session = object_session(record)
    for id in inspect(record).attrs[mapper.get_property_by_column(column).key].load_history().sum():
        if id is not None:
            yield session.get(relation.mapper.class_, id)
