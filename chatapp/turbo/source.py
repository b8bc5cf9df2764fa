"""What the hub reads from the database."""

from collections import defaultdict
from collections.abc import Iterable

from flask import Flask
from sqlalchemy import select

from .connection import Connection
from .errors import Gone
from .streamable import Streamable
from .streams import Frame, singular_name


class DatabaseSource:
    """Reads streamables by their stream names. Each call has a session of its own and gives its connection back.

    ``withdrawn`` is the app's: it gets connections and names those whose reader may no longer read.
    """

    def __init__(self, app: Flask, db, withdrawn):
        self.app, self.db = app, db
        self._withdrawn = withdrawn

    def revisions(self, names: Iterable[str]) -> dict[str, int]:
        """The revisions of the streams that exist, in one query for each kind of record."""
        ids = defaultdict(list)
        for name in names:
            kind, _, id = name.partition(":")
            ids[kind].append(int(id))
        with self.app.app_context():
            found = {}
            for kind, wanted in ids.items():
                cls = streamable_class(kind)
                rows = self.db.session.execute(select(cls.id, cls.revision).where(cls.id.in_(wanted)))
                found.update({f"{kind}:{id}": revision for id, revision in rows})
            return found

    def catch_up(self, name: str, cursor: int) -> Frame:
        """The frame that brings a page of revision ``cursor`` up to date. Raises Gone."""
        kind, _, id = name.partition(":")
        with self.app.app_context():
            streamable = self.db.session.get(streamable_class(kind), int(id))
            if streamable is None:
                raise Gone(name)
            return streamable.catch_up(cursor, self.db.session)

    def withdrawn(self, connections: list[Connection]) -> list[Connection]:
        """Those of ``connections`` whose readers may no longer read."""
        with self.app.app_context():
            return self._withdrawn(connections)


def streamable_class(kind: str) -> type[Streamable]:
    """The streamable whose records' stream names begin with ``kind``."""
    return next(cls for cls in Streamable.__subclasses__() if singular_name(cls) == kind)
