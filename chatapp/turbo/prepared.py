"""Statements that are sent all the time: compiled once, and handed to the driver without SQLAlchemy's detours.

For each execution SQLAlchemy looks its compiled form up, describes the result and makes an object of each part. A query
for records sets up how to load them, too. That takes several times as long as the database. Here it is done once.

What keeps a statement safe stays SQLAlchemy's: the connection with its transaction, the types that convert values, the
listeners to ``before_cursor_execute`` and ``after_cursor_execute``, and its exceptions, which tell a lost connection
from other mistakes.
"""

from collections import namedtuple
from collections.abc import Callable, Mapping
from functools import cached_property

from sqlalchemy import Connection, Dialect, Executable, Select, inspect
from sqlalchemy.exc import NoResultFound
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import instance_dict, instance_state, set_committed_value


class Prepared:
    """A statement whose values are parameters. Each execution has to give the same ones.

    None of them may be expanding, as ``column.in_(bindparam(…, expanding=True))`` has them.
    """

    def __init__(self, statement: Executable):
        self.statement = statement
        self._forms: dict[str, _Form] = {}

    def rows(self, connection: Connection, values: Mapping) -> list[tuple]:
        """All rows, as named tuples; none where the statement returns nothing. Raises SQLAlchemy's exceptions."""
        dialect = connection.dialect
        form = self._forms.get(dialect.name)
        if form is None:
            form = self._forms[dialect.name] = _Form(self.statement, dialect, values)
        return form.rows(connection, values)

    def one(self, connection: Connection, values: Mapping) -> tuple:
        """The only row. Raises NoResultFound without one."""
        rows = self.rows(connection, values)
        if not rows:
            raise NoResultFound("No row was found when one was required")
        return rows[0]

    def scalar(self, connection: Connection, values: Mapping):
        """The first column of the first row; None without one."""
        rows = self.rows(connection, values)
        return rows[0][0] if rows else None


class PreparedQuery:
    """A query for records and columns of models, with a parameter for each value. It loads nothing eagerly.

    Records are made of their columns, as SQLAlchemy makes them, but without its events. It makes those of models that
    inherit itself, because their columns do not say of which class they are.
    """

    def __init__(self, query: Select):
        self.query = query

    def first(self, session: Session, values: Mapping) -> tuple | None:
        """``session.execute(query, values).first()``"""
        if self._inherits:
            return session.execute(self.query, values).first()
        rows = self._rows(session, values)
        return self._taken_from(rows[0], session) if rows else None

    def all(self, session: Session, values: Mapping) -> list[tuple]:
        """``session.execute(query, values).all()``. Only the rows of a query for columns alone have names."""
        if self._inherits:
            return session.execute(self.query, values).all()
        rows = self._rows(session, values)
        return [self._taken_from(row, session) for row in rows] if self._has_records else rows

    def _rows(self, session: Session, values: Mapping) -> list[tuple]:
        if session.autoflush:  # as before any query
            session.flush()
        connection = session.connection(bind_arguments={"mapper": self._parts[0].mapper})
        return self._by_columns.rows(connection, values)

    def _taken_from(self, row: tuple, session: Session) -> tuple:
        return tuple([part.taken_from(row, session, self._anew) for part in self._parts])

    @cached_property
    def _inherits(self) -> bool:
        return any(part.inherits for part in self._parts)

    @cached_property
    def _has_records(self) -> bool:
        return any(part.is_record for part in self._parts)

    @cached_property
    def _anew(self) -> bool:
        """Whether it reads records again that the session holds already."""
        return self.query.get_execution_options().get("populate_existing", False)

    @cached_property
    def _parts(self) -> list["_Part"]:
        parts, place = [], 0
        for one in self.query.column_descriptions:
            parts.append(_Part(one, place))
            place += len(parts[-1].columns)
        return parts

    @cached_property
    def _by_columns(self) -> Prepared:
        columns = [column for part in self._parts for column in part.columns]
        return Prepared(self.query.with_only_columns(*columns, maintain_column_froms=True))


class _Part:
    """What a query names, a record or a column, and its place in each row."""

    def __init__(self, described: dict, place: int):
        self.is_record = described["expr"] is described["entity"]
        self.mapper = inspect(described["entity"]).mapper if described["entity"] else None
        self.place, self.columns, self.inherits = place, [described["expr"]], False
        if self.is_record:
            mapper, self.names = self.mapper, [attribute.key for attribute in self.mapper.column_attrs]
            self.columns = [getattr(mapper.class_, name) for name in self.names]
            self.keys = [self.names.index(mapper.get_property_by_column(key).key) for key in mapper.primary_key]
            self.inherits = mapper.inherits is not None or mapper.polymorphic_on is not None

    def taken_from(self, row: tuple, session: Session, anew: bool):
        """The value of the column, or the record of ``session``; None for a record that an outer join did not find."""
        if not self.is_record:
            return row[self.place]
        values = row[self.place : self.place + len(self.names)]
        key = [values[place] for place in self.keys]
        if key.count(None) == len(key):
            return None
        identity = self.mapper.identity_key_from_primary_key(key)
        if (held := session.identity_map.get(identity)) is not None:
            self._refresh(held, values, session, anew)
            return held
        record = self.mapper.class_manager.new_instance()
        instance_dict(record).update(zip(self.names, values, strict=True))
        instance_state(record).key = identity
        attach(session, record)
        return record

    def _refresh(self, record, values: tuple, session: Session, anew: bool) -> None:
        loaded = set(instance_dict(record))
        for name, value in zip(self.names, values, strict=True):
            if anew or name not in loaded:
                set_committed_value(record, name, value)
        if anew and (related := loaded.intersection(self.mapper.relationships.keys())):
            session.expire(record, related)


def attach(session: Session, record) -> None:
    """Make ``record``, which has a key, a record of ``session``, as a query does. Unlike ``session.add``, it does not
    look through all that the record refers to, which must be of the session already."""
    state = instance_state(record)
    state.session_id = session.hash_key
    session.identity_map.add(state)


class _Form:
    """A statement as one kind of database gets it. For listeners it takes the place of SQLAlchemy's context."""

    executemany = False

    def __init__(self, statement: Executable, dialect: Dialect, values: Mapping):
        self.compiled = compiled = statement.compile(dialect=dialect, column_keys=list(values))
        self.text, self.order = compiled.string, compiled.positiontup
        # Values that the statement itself has, such as a limit.
        own = {name: bind.effective_value for name, bind in compiled.binds.items() if name not in values}
        converters = dict(compiled._bind_processors)
        if written := compiled.post_compile_params | compiled.literal_execute_params:
            # They become part of the text, or several parameters, as the values of an IN do.
            expanded = compiled.construct_expanded_state(values)
            self.text, self.order = expanded.statement, expanded.positiontup
            for bind in written:
                own.pop(compiled.bind_names[bind])
            own |= expanded.additional_parameters
            converters |= expanded.processors
        self.converters = [(name, converters[name]) for name in values if name in converters]
        self.fixed = {name: converters.get(name, _same)(value) for name, value in own.items()}
        self._describe(dialect)

    def _describe(self, dialect: Dialect) -> None:
        columns = self.compiled._result_columns
        self.make = namedtuple("Row", [column.keyname for column in columns], rename=True)._make
        processors = (column.type._cached_result_processor(dialect, None) for column in columns)
        self.processors: list[tuple[int, Callable]] = [
            (place, convert) for place, convert in enumerate(processors) if convert is not None
        ]

    def rows(self, connection: Connection, values: Mapping) -> list[tuple]:
        given = self.fixed | values
        for name, convert in self.converters:
            given[name] = convert(given[name])
        return list(map(self._row, self._executed(connection, given)))

    def _executed(self, connection: Connection, given: dict) -> list[tuple]:
        driver, heard = connection.connection, connection.dispatch
        text, parameters = self.text, given if self.order is None else tuple([given[name] for name in self.order])
        cursor = None
        try:
            cursor = driver.cursor()
            for listen in heard.before_cursor_execute:
                text, parameters = listen(connection, cursor, text, parameters, self, False)
            cursor.execute(text, parameters)
            heard.after_cursor_execute(connection, cursor, text, parameters, self, False)
            rows = cursor.fetchall() if cursor.description else []
        except BaseException as error:
            # Private, but the only way to learn from an exception whether the connection can still be used.
            connection._handle_dbapi_exception(error, text, parameters, cursor, self)
        cursor.close()
        return rows

    def _row(self, found: tuple) -> tuple:
        if self.processors:
            found = list(found)
            for place, convert in self.processors:
                found[place] = convert(found[place])
        return self.make(found)

    def handle_dbapi_exception(self, error: BaseException) -> None:
        """Called by SQLAlchemy."""


def _same(value):
    return value
