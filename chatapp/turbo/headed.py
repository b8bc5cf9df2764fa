"""Records that lists show by a head, and records whose page is such a list."""

import hashlib
import sys
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache, partial
from typing import Self

from flask import current_app
from markupsafe import Markup
from sqlalchemy import BigInteger, String, bindparam, case, update
from sqlalchemy.orm import Mapped, Session, mapped_column, object_session
from sqlalchemy.orm.attributes import set_committed_value

from .prepared import Prepared
from .rendering import current_turbo
from .row_cache import row_key
from .streamable import PAGE, Streamable, counted, writing_connection
from .streams import Frame, dom_id, record_id, stream_name, turbo_stream
from .transactions import after_commit, has_written, notes

#: A list's position is its own revision times this, plus the revisions of the heads that it shows.
HEADS = 2**28
#: The name under which a process remembers the HTML of heads.
HEAD = "head"


class Headed(Streamable):
    """A record that the lists of many readers show by its *head*, such as a post's title and newest comment.

    The transaction that changes the head renders it once, for all lists. ``head_revision`` is the revision that changed
    it last.
    """

    head_revision: Mapped[int] = mapped_column(default=0, server_default="0")
    #: A digest of what the head shows. A transaction compares it to see whether it changes the head.
    head_digest: Mapped[str] = mapped_column(String(64), default="", server_default="")
    #: Milliseconds since 1970, by which a hub finds the heads that changed since its last look.
    head_changed_at: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0", index=True)

    _new_head: Markup | None = None

    @classmethod
    def read_heads(cls, records: Sequence[Self]) -> list:
        """What the heads of ``records`` show by now, in their order, read from the database and not from ``records``.

        The ``repr`` of each covers everything that the head shows, and changes only with it.
        """
        raise NotImplementedError(f"{cls.__name__} must say what its head shows")

    def render_head(self, head) -> Markup:
        """The element with the id ``dom_id(self, "head")``, with ``data-head`` and ``head_revision`` as data-revision.

        It must not depend on the viewer.
        """
        raise NotImplementedError(f"{type(self).__name__} must render its head")

    def advance(self, session: Session, head=None) -> int:
        """Raise the revision by one, and ``head_revision`` to the same number if the head shows something new.

        ``head`` is what ``read_heads`` would find, if the caller knows it already.
        """
        head = self.read_heads([self])[0] if head is None else head
        given = {PAGE: record_id(self), "turbo_digest": _digest(head), "turbo_now": int(time.time() * 1000)}
        row = _raising(type(self)).one(writing_connection(session, self), given)
        notes(session).written = True
        for name, value in (*row._asdict().items(), ("head_digest", given["turbo_digest"])):
            set_committed_value(self, name, value)
        self._new_head = _fragment(self, _shown(self, head).html) if self.head_revision == self.revision else None
        return self.revision

    def renew_head(self) -> None:
        """Announce what the head shows, if another release of the app changed it and announced nothing."""
        self.lock()
        (head,) = self.read_heads([self])
        if _digest(head) != self.head_digest:
            self.advance(object_session(self))
            frame = Frame(self.revision - 1, self.revision, "", head=self.new_head)
            publish = partial(current_turbo().publish, self.stream_name, frame)
            after_commit(object_session(self), publish)

    @property
    def new_head(self) -> Markup | None:
        """The fragment that replaces the head in lists, if the last ``advance`` changed it."""
        return self._new_head


@cache
def _raising(cls: type[Headed]) -> Prepared:
    table, this_row = counted(cls)
    columns, digest = table.c, bindparam("turbo_digest", type_=table.c.head_digest.type)
    changed_at, stays = bindparam("turbo_now", type_=columns.head_changed_at.type), columns.head_digest == digest
    raising = (
        update(table)
        .where(this_row)
        .values(
            revision=columns.revision + 1,
            head_revision=case((stays, columns.head_revision), else_=columns.revision + 1),
            head_changed_at=case((stays, columns.head_changed_at), else_=changed_at),
            head_digest=digest,
        )
    )
    return Prepared(raising.returning(columns.revision, columns.head_revision, columns.head_changed_at))


class Lister(Streamable):
    """A record whose page is a list of heads, such as a reader's list of posts.

    It has one cursor for the list and all heads in it: its position. A page computes it from what it shows. If that
    differs from the server's, the page gets the whole list, so a list keeps no record of its changes.
    """

    def listed(self) -> Sequence[Headed]:
        """The records in the list, read anew from the database in a few queries. All are of one class."""
        raise NotImplementedError(f"{type(self).__name__} must say what it lists")

    def list_fragments(self, listed: Sequence[Headed]) -> Markup:
        """Replaces the list by one that shows ``listed``, with the list's own revision as its data-revision."""
        raise NotImplementedError(f"{type(self).__name__} must render its list")

    @classmethod
    def read_lists(cls, session: Session, ids: Iterable) -> dict:
        """For each existing list of these ids: its own revision, and the revisions of its heads by their streams.

        Reads the own revision first, and each list by ``listed``. For a crowd that comes back, one query for all of
        them is better.
        """
        listers = [lister for id in ids if (lister := session.get(cls, id)) is not None]
        return {record_id(lister): (lister.revision, revisions_of(lister.listed())) for lister in listers}

    def changed_since(self, revision: int):
        raise TypeError("a list comes whole")

    def page_fragments(self, since: int) -> Markup:
        return self.list_fragments(self.listed())

    def position(self, listed: Iterable[Headed]) -> int:
        """The cursor of a page that shows ``listed``."""
        return list_position(self.revision, (record.head_revision for record in listed))

    def catch_up(self, cursor: int, session: Session) -> Frame:
        """The whole list."""
        session.refresh(self)
        listed = self.listed()
        return Frame(0, self.position(listed), self.list_fragments(listed), full=True)


def revisions_of(listed: Iterable[Headed]) -> dict[str, int]:
    """The revisions of the heads of these records by their streams."""
    return {stream_name(record): record.head_revision for record in listed}


def list_position(revision: int, head_revisions: Iterable[int]) -> int:
    """One number for a list and its heads. It never goes down for good, because leaving or entering the list raises
    ``revision``. A list that was read in the middle of a departure may be lower for a moment."""
    return revision * HEADS + sum(head_revisions)


@dataclass(frozen=True, slots=True)
class ShownHead:
    """What a head shows, and its element."""

    head: object
    html: Markup

    def __sizeof__(self) -> int:
        return sys.getsizeof(self.html) + len(repr(self.head))


def shown_heads(records: Sequence[Headed]) -> list[ShownHead]:
    """The heads of ``records``, all of one class, in their order. Remembers them while the records stay the same.

    The remembered state includes the revision, because the release before this one changes no digest.
    """
    rows, known = current_app.extensions["turbo.rows"], {}
    if not current_app.jinja_env.auto_reload:  # else somebody is editing the templates
        known = {record: shown for record in records if (shown := rows.get(row_key(HEAD, record), _state(record)))}
    wanted = [record for record in records if record not in known]
    if wanted:
        for record, head in zip(wanted, type(wanted[0]).read_heads(wanted), strict=True):
            known[record] = _shown(record, head)
    return [known[record] for record in records]


def heads_html(records: Sequence[Headed]) -> list[Markup]:
    """The elements of ``shown_heads``."""
    return [shown.html for shown in shown_heads(records)]


def head_fragments(records: Sequence[Headed]) -> list[Markup]:
    """The fragments that replace the heads of ``records`` in lists, in their order."""
    return [_fragment(record, html) for record, html in zip(records, heads_html(records), strict=True)]


def _fragment(record: Headed, html: Markup) -> Markup:
    return turbo_stream("replace", dom_id(record, HEAD), html)


def _shown(record: Headed, head) -> ShownHead:
    shown = ShownHead(head, record.render_head(head))
    keep = partial(current_app.extensions["turbo.rows"].keep, row_key(HEAD, record), _state(record), shown)
    session = object_session(record)
    after_commit(session, keep) if session and has_written(session) else keep()
    return shown


def _state(record: Headed) -> bytes:
    return f"{record.revision} {record.head_revision} {record.head_digest}".encode()


def _digest(head) -> str:
    return hashlib.sha256(repr(head).encode(errors="surrogatepass")).hexdigest()
