"""Rows with a growing text, such as an answer being written: an announcement says only what is new in it."""

from markupsafe import Markup
from sqlalchemy import inspect
from sqlalchemy.orm import object_session

from .broadcastable import BroadcastableRow
from .rendering import render
from .streams import dom_id, growth
from .transactions import notes


class GrowingRow(BroadcastableRow):
    """A row whose partial shows ``broadcast_body`` in one element, its body.

    While it grows, the partial gives the body a ``data-source`` with the same HTML as text: the browser's own
    serialisation of what it has parsed may differ from what it was sent. Rendered with ``without_body`` the partial has
    an empty ``<slot></slot>`` in place of the HTML, and an empty ``data-source`` where it has one.
    """

    #: Columns that show in the body and nowhere else in the row.
    broadcast_grows: frozenset[str] = frozenset()

    _shown: tuple[int, str] | None = None
    _grown_from: tuple[int, str] | None = None

    @property
    def broadcast_body(self) -> Markup:
        """The HTML in the body."""
        raise NotImplementedError(f"{type(self).__name__} must say what its body shows")

    def note_shown(self) -> None:
        """Remember the body, so that the next announcement says only what a verb changes from here on.

        A verb calls it after ``lock()`` and before it changes anything. Without it the row is announced like any other.
        """
        session = object_session(self)
        if session is not None and not inspect(self).modified and self not in notes(session).changed:
            self._shown = self.revision, source(self.broadcast_body)

    def stamp(self, revision: int, created: bool) -> None:
        shown, self._shown = self._shown, None
        # The row was read again behind the lock: with the same revision it still shows what was noted.
        self._grown_from = shown if shown and shown[0] == self.revision and not created else None
        super().stamp(revision, created)

    def fragment(self, since: int) -> Markup:
        """``append``, ``replace`` or ``remove``, or ``grow`` once after ``note_shown``."""
        grown_from, self._grown_from = self._grown_from, None
        if not grown_from or since != self.revision - 1 or self.broadcast_removed:
            return super().fragment(since)
        follows, before = grown_from
        around = self in notes(object_session(self)).changed_around
        row = render(self.broadcast_partial, self, without_body=True) if around else Markup("")
        return growth(dom_id(self), (follows, before), (self.revision, source(self.broadcast_body)), row)


def source(html: str) -> str:
    """``html`` with line ends as a browser's parser leaves them, as ``data-source`` has it and lengths count it."""
    return str(html).replace("\r\n", "\n").replace("\r", "\n")
