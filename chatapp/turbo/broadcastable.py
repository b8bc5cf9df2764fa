"""Things on a live page that announce their own changes.

A ``Broadcastable`` is a thing that the page of a ``Streamable`` shows, most often a ``BroadcastableRow``. When any
process creates, changes or removes one, the session's events see it (announcements.py).
"""

from markupsafe import Markup
from sqlalchemy import Select, select
from sqlalchemy.orm import Mapped, Session, mapped_column, object_session

from .rendering import render_row
from .shown import loading
from .streamable import Streamable
from .streams import dom_id, record_id, turbo_stream
from .transactions import notes


class Broadcastable:
    """Something on a streamable's page that announces its own changes."""

    #: Columns that the page does not show. A change of only these announces nothing.
    broadcast_ignores: frozenset[str] = frozenset()

    #: The relations whose records its HTML shows, ``("author", "reactions.user")``. An announcement reads them again,
    #: ``with_shown()`` loads them with the record, and the key of its remembered HTML covers them. The models that they
    #: lead to name this record in their own ``broadcast_touches``.
    broadcast_shows: tuple[str, ...] = ()

    @property
    def broadcast_to(self) -> Streamable | None:
        """The record on whose page this is shown; None where no page shows it, and nothing is announced."""
        raise NotImplementedError(f"{type(self).__name__} must say on whose page it is shown")

    @classmethod
    def with_shown(cls) -> Select:
        """Selects records with everything that they show, in one query for each relation at most."""
        return select(cls).options(*loading(cls, cls.broadcast_shows))

    def lock(self) -> None:
        """Lock the page that shows this, and read this again. Nobody else changes it until the transaction ends.

        A verb that looks before it writes locks first, or another transaction could change what it saw. Harmless to
        repeat. Saves a record that was not saved yet.
        """
        session = object_session(self)
        if session is not None and self not in notes(session).fresh:
            session.flush()  # otherwise the read would overwrite unsaved changes
            if self.broadcast_to is not None:
                self.broadcast_to.lock()
            session.refresh(self)
            notes(session).fresh.add(self)

    def bury(self) -> "Broadcastable":
        """The record that announces the end of this one when the session deletes it.

        Either this record itself, which becomes a tombstone and stays, or another record that takes its place.
        """
        raise TypeError(f"{type(self).__name__} records can't be deleted: an open page would never learn of it")

    def stamp(self, revision: int, created: bool) -> None:
        """Remember at which revision of the page this was made or last changed."""
        raise NotImplementedError

    def fragment(self, since: int) -> Markup | None:
        """The ``<turbo-stream>`` that brings a page of revision ``since`` up to this.

        On the page of a ``Lister``, None says that the list itself changes and must be read again.
        """
        raise NotImplementedError

    def touch(self) -> None:
        """Announce this although its own columns are unchanged, because a record that it shows has changed."""
        collect(object_session(self), self)


class BroadcastableRow(Broadcastable):
    """A row of the list on a streamable's page.

    Removing it leaves a tombstone: the row stays, and its ``broadcast_removed`` is true. A deleted row could not
    announce that it is gone.
    """

    #: The template of one row, rendered with the row under its singular name. It must not depend on the viewer.
    broadcast_partial: str

    #: Columns that tell one state of the row from the next, ``("revision", "quoted.revision")``: a change of anything
    #: that it shows changes one of them. With them a page finds the remembered HTML without loading the row
    #: (versions.py). Without any, a digest of everything that it shows tells the states apart.
    broadcast_versions: tuple[str, ...] = ()

    broadcast_ignores = frozenset({"created_revision", "revision"})

    def __init_subclass__(cls, **options) -> None:
        """Raises TypeError for a streamable: one ``revision`` would count the changes of two pages."""
        super().__init_subclass__(**options)
        if issubclass(cls, Streamable):
            raise TypeError(f"{cls.__name__} can't be a row and have a live page: both call their counter revision")

    created_revision: Mapped[int] = mapped_column(default=0)
    revision: Mapped[int] = mapped_column(default=0)

    @property
    def broadcast_target(self) -> str:
        """The DOM id of the list that new rows are appended to."""
        raise NotImplementedError(f"{type(self).__name__} must say which list it is appended to")

    @property
    def broadcast_removed(self) -> bool:
        """True for a tombstone."""
        return False

    @property
    def broadcast_position(self) -> tuple:
        """Sorts the rows of a list in the order in which they were appended to it."""
        return self.created_revision, record_id(self)

    def stamp(self, revision: int, created: bool) -> None:
        self.revision = revision
        if created:
            self.created_revision = revision

    def to_html(self) -> Markup:
        """The HTML of the row, the same on every page and in every frame."""
        return render_row(self.broadcast_partial, self)

    def fragment(self, since: int) -> Markup:
        """``append``, ``replace`` or ``remove``."""
        if self.broadcast_removed:
            return turbo_stream("remove", dom_id(self))
        html = self.to_html()
        if self.created_revision > since:
            return turbo_stream("append", self.broadcast_target, html)
        return turbo_stream("replace", dom_id(self), html)


def collect(session: Session, record: Broadcastable, created: bool = False, grown: bool = False) -> None:
    """Announce ``record`` with the commit. ``grown`` says that only the text of a growing row has changed."""
    noted = notes(session)
    noted.changed[record] = created or noted.changed.get(record, False)
    if not grown:
        noted.changed_around.add(record)
