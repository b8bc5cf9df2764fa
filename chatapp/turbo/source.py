"""What the hub reads from the database."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from typing import NamedTuple

from flask import Flask
from markupsafe import Markup
from sqlalchemy import BigInteger, select
from sqlalchemy.orm import registry

from .channel import Head
from .cursor import Cursor
from .errors import Gone
from .headed import Headed, Lister, head_fragments, revisions_of
from .streamable import Streamable
from .streams import Frame, key, singular_name, stream_name

#: Ids in one question. PostgreSQL takes no more than 65,535, and putting those together stops the process for seconds.
AT_ONCE = 500


class Listing(NamedTuple):
    """A list as it was read: its own revision, the revisions of its heads by their streams, and the HTML if wanted."""

    revision: int
    heads: dict[str, int]
    html: Markup | None


class DatabaseSource:
    """Reads streamables by their stream names. Each call has a session of its own and gives its connection back.

    The app gives four functions. ``withdrawn`` gets cursors and names those whose reader may no longer read,
    ``watched`` names for each cursor the owners that its reader is told about, and ``attendance`` makes the HTML that
    tells of them. ``reading`` calls the function that it gets, which reads a catch-up or a list.
    """

    def __init__(
        self,
        app: Flask,
        db,
        withdrawn,
        watched: Callable | None = None,
        attendance: Callable | None = None,
        reading: Callable = lambda ask: ask(),
    ):
        self.app, self.db, self._reading = app, db, reading
        self._withdrawn, self._watched, self._attendance = withdrawn, watched, attendance

    def revisions(self, names: Iterable[str]) -> dict[str, int]:
        """The revisions of the streams that exist, in one query for each AT_ONCE of a kind."""
        return self._counters(names, "revision")

    def head_revisions(self, names: Iterable[str]) -> dict[str, int]:
        """The revisions of the heads of these streams, in one query for each AT_ONCE of a kind."""
        return self._counters(names, "head_revision")

    def _counters(self, names: Iterable[str], counter: str) -> dict[str, int]:
        with self.app.app_context():
            found = {}
            for cls, named in self._by_class(names):
                for ids in batched(named):
                    rows = self.db.session.execute(select(key(cls), getattr(cls, counter)).where(key(cls).in_(ids)))
                    found.update({named[id]: revision for id, revision in rows})
            return found

    def changed_heads(self, since: int) -> dict[str, int]:
        """The revisions of the heads that changed after ``since``, in milliseconds since 1970, by their streams."""
        with self.app.app_context():
            found = {}
            for cls in _classes(self.db.Model.registry, Headed):
                changed = select(key(cls), cls.head_revision).where(cls.head_changed_at > since)
                rows = self.db.session.execute(changed)
                found.update({f"{singular_name(cls)}:{id}": revision for id, revision in rows})
            return found

    def heads(self, names: Iterable[str]) -> dict[str, Head]:
        """The heads of these streams."""
        with self.app.app_context():
            found = {}
            for cls, named in self._by_class(names):
                for ids in batched(named):
                    records = self.db.session.scalars(select(cls).where(key(cls).in_(ids))).all()
                    for record, html in zip(records, head_fragments(records), strict=True):
                        found[stream_name(record)] = Head(record.head_revision, html)
            return found

    def renew_head(self, name: str) -> None:
        """Announce the head of a stream, if a process that knows nothing of heads has changed it."""
        cls, id = self._class_and_id(name)
        with self.app.app_context():
            if record := self.db.session.get(cls, id):
                record.renew_head()
                self.db.session.commit()

    def lists(self, name: str) -> bool:
        """Whether a stream is that of a list."""
        return issubclass(self._class_and_id(name)[0], Lister)

    def listings(self, names: Iterable[str]) -> dict[str, Listing]:
        """The existing lists among these streams, without their HTML."""
        with self.app.app_context():
            return self._reading(lambda: self._listings(names))

    def _listings(self, names: Iterable[str]) -> dict[str, Listing]:
        found = {}
        for cls, named in self._by_class(names):
            lists = cls.read_lists(self.db.session, list(named))
            found.update({named[id]: Listing(revision, heads, None) for id, (revision, heads) in lists.items()})
        return found

    def listing(self, name: str) -> Listing:
        """A list with its HTML. Raises Gone."""
        with self.app.app_context():
            return self._reading(lambda: self._listing(self._record(name)))

    def _listing(self, lister: Lister) -> Listing:
        revision, listed = lister.revision, lister.listed()
        return Listing(revision, revisions_of(listed), lister.list_fragments(listed))

    def catch_up(self, name: str, cursor: int) -> Frame:
        """The frame that brings a page of revision ``cursor`` up to date. Raises Gone."""
        with self.app.app_context():
            return self._reading(lambda: self._record(name).catch_up(cursor, self.db.session))

    def _record(self, name: str) -> Streamable:
        cls, id = self._class_and_id(name)
        record = self.db.session.get(cls, id)
        if record is None:
            raise Gone(name)
        return record

    def withdrawn(self, cursors: list[Cursor]) -> list[Cursor]:
        """The cursors among ``cursors`` whose readers may no longer read."""
        with self.app.app_context():
            return self._withdrawn(cursors)

    def watched(self, cursors: list[Cursor]) -> dict[Cursor, frozenset[str]]:
        """The owners that the readers of ``cursors`` are told about; see ``Attendance``."""
        with self.app.app_context():
            return self._watched(cursors)

    def attendance(self, here: dict | None) -> str:
        """The HTML that says who is here; see ``Attendance``."""
        with self.app.app_context():
            return self._attendance(here)

    def _by_class(self, names: Iterable[str]) -> Iterator[tuple[type[Streamable], dict]]:
        ids = defaultdict(dict)
        for name in names:
            with suppress(Gone):
                cls, id = self._class_and_id(name)
                ids[cls][id] = name
        return iter(ids.items())

    def _class_and_id(self, name: str) -> tuple[type[Streamable], int | str]:
        kind, _, text = name.partition(":")
        cls = streamable_class(self.db.Model.registry, kind)
        try:
            id = key(cls).type.python_type(text)
        except ValueError:  # such as a word, where ids are numbers
            raise Gone(name) from None
        # Many are asked for at once. Another spelling of a number would take the place of the usual one, and a number
        # that the column can't hold would fail the question for all others.
        if str(id) != text or not _can_hold(key(cls).type, id):
            raise Gone(name)
        return cls, id


def streamable_class(models: registry, kind: str) -> type[Streamable]:
    """Returns the streamable whose stream names begin with ``kind``. Raises Gone where no class has that name."""
    for cls in _classes(models, Streamable):
        if singular_name(cls) == kind:
            return cls
    raise Gone(kind)


def batched(ids: Iterable) -> Iterator[list]:
    """All of them, AT_ONCE at a time."""
    ids = list(ids)
    return (ids[start : start + AT_ONCE] for start in range(0, len(ids), AT_ONCE))


def _can_hold(type, id: int | str) -> bool:
    return not isinstance(id, int) or abs(id) < (2**63 if isinstance(type, BigInteger) else 2**31)


def _classes(models: registry, base: type) -> Iterator[type]:
    return (mapper.class_ for mapper in models.mappers if issubclass(mapper.class_, base))
