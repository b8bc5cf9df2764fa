"""What the hub reads from the database."""

from collections import defaultdict
from collections.abc import Iterable
from contextlib import suppress

from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import registry

from .connection import Connection
from .errors import Gone
from .streamable import Streamable
from .streams import Frame, key, singular_name


class DatabaseSource:
    """Reads streamables by their stream names. Each call has a session of its own and gives its connection back.

    ``withdrawn`` is the app's: it gets connections and names those whose reader may no longer read.
    """

    def __init__(self, app: Flask, db, withdrawn):
        self.app, self.db = app, db
        self._withdrawn = withdrawn

    def revisions(self, names: Iterable[str]) -> dict[str, int]:
        """The revisions of the streams that exist, in one query for each kind of record."""
        ids = defaultdict(dict)
        for name in names:
            with suppress(Gone):
                cls, id = self._class_and_id(name)
                ids[cls][id] = name
        with self.app.app_context():
            found = {}
            for cls, named in ids.items():
                rows = self.db.session.execute(select(key(cls), cls.revision).where(key(cls).in_(named)))
                found.update({named[id]: revision for id, revision in rows})
            return found

    def catch_up(self, name: str, cursor: int) -> Frame:
        """The frame that brings a page of revision ``cursor`` up to date. Raises Gone."""
        cls, id = self._class_and_id(name)
        with self.app.app_context():
            streamable = self.db.session.get(cls, id)
            if streamable is None:
                raise Gone(name)
            return streamable.catch_up(cursor, self.db.session)

    def withdrawn(self, connections: list[Connection]) -> list[Connection]:
        """Those of ``connections`` whose readers may no longer read."""
        with self.app.app_context():
            return self._withdrawn(connections)

    def _class_and_id(self, name: str) -> tuple[type[Streamable], int | str]:
        kind, _, id = name.partition(":")
        cls = streamable_class(self.db.Model.registry, kind)
        try:
            return cls, key(cls).type.python_type(id)
        except ValueError:  # such as a word, where ids are numbers
            raise Gone(name) from None


def streamable_class(models: registry, kind: str) -> type[Streamable]:
    """Returns the streamable whose stream names begin with ``kind``. Raises Gone where no class has that name."""
    for mapper in models.mappers:
        if issubclass(mapper.class_, Streamable) and singular_name(mapper.class_) == kind:
            return mapper.class_
    raise Gone(kind)
