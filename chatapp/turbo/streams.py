"""Names and bytes: stream names, DOM ids, the ``<turbo-stream>`` tag and Server-Sent Events.

Sources: the Turbo handbook on streams, and the WHATWG HTML standard, section "Server-sent events".
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from urllib.parse import quote

from markupsafe import Markup, escape
from sqlalchemy import inspect
from sqlalchemy.orm.attributes import instance_state

_CAMEL_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
# The only line ends of the event stream format; str.splitlines() would also split on U+2028 and others.
_LINE_END = re.compile(r"\r\n|\r|\n")


def singular_name(record) -> str:
    """``"blog_post"`` for a ``BlogPost`` or for the class itself."""
    return _singular_name(record if isinstance(record, type) else type(record))


@cache
def _singular_name(cls: type) -> str:
    return _CAMEL_HUMP.sub("_", cls.__name__).lower()


def record_id(record) -> int | str:
    """The primary key, read from the identity: it costs no SQL even on an expired record.

    Raises ValueError for a key of several columns, which no name here can hold.
    """
    # A page asks for dozens, and inspect() would first look up the type of the record.
    (id,) = instance_state(record).identity
    return id


def key(cls: type):
    """The attribute of a model that is its primary key: ``BlogPost.id``, or whatever the model calls it."""
    mapper = inspect(cls)
    (column,) = mapper.primary_key
    return mapper.get_property_by_column(column).class_attribute


def stream_name(record) -> str:
    """The name of the stream of one record: ``"blog_post:7"``, ``"tag:red"``."""
    return f"{singular_name(record)}:{record_id(record)}"


def dom_id(record, prefix: str | None = None) -> str:
    """``"blog_post_7"``, ``"comments_blog_post_7"`` with a prefix, ``"new_blog_post"`` for a class."""
    name = singular_name(record)
    name = f"new_{name}" if isinstance(record, type) else f"{name}_{record_id(record)}"
    return f"{prefix}_{name}" if prefix else name


def turbo_stream(action: str, target: str, html: str | Markup | None = None) -> Markup:
    """One ``<turbo-stream>`` element; ``html`` is trusted, the target is escaped.

    >>> turbo_stream("remove", "comment_5")
    Markup('<turbo-stream action="remove" target="comment_5"></turbo-stream>')
    """
    # Each fragment is made here, and Markup.format takes ten times as long.
    template = "" if html is None else f"<template>{html}</template>"
    return Markup(f'<turbo-stream action="{escape(action)}" target="{escape(target)}">{template}</turbo-stream>')


def turbo_stream_to_all(action: str, selector: str, html: str | Markup) -> Markup:
    """One ``<turbo-stream>`` element for all elements that a CSS selector finds; ``html`` is trusted.

    >>> turbo_stream_to_all("replace", ".score", "<b>5</b>")
    Markup('<turbo-stream action="replace" targets=".score"><template><b>5</b></template></turbo-stream>')
    """
    template = Markup("<template>{}</template>").format(Markup(html))
    return Markup('<turbo-stream action="{}" targets="{}">{}</turbo-stream>').format(action, selector, template)


GROWTH = '<turbo-stream action="grow"'


def growth(target: str, before: tuple[int, str], after: tuple[int, str], row: Markup) -> Markup:
    """One ``<turbo-stream>`` element that turns the HTML ``before``, which a page has as text, into ``after``. Each has
    the revision of its row. ``row`` is the row around it, if that has changed as well.

    It names the two revisions, and how many UTF-16 units stay. What follows these is text, which no parser changes.

    >>> growth("row", (3, "<p>Hel</p>"), (4, "<p>Hello</p>"), Markup(""))
    Markup('<turbo-stream action="grow" target="row" data-growth="3 4 6"><template>lo&lt;/p></template></turbo-stream>')
    """
    (follows, old), (revision, new) = before, after
    kept = common_length(old, new)
    units = len(new[:kept].encode("utf-16-le")) // 2
    text = Markup(new[kept:].replace("&", "&amp;").replace("<", "&lt;"))
    tag = GROWTH + ' target="{}" data-growth="{} {} {}"><template>{}{}</template></turbo-stream>'
    return Markup(tag).format(target, follows, revision, units, text, row)


def common_length(one: str, other: str) -> int:
    """The number of characters with which both texts begin."""
    least, most = 0, min(len(one), len(other))
    while least < most:
        middle = (least + most + 1) // 2
        if one[least:middle] == other[least:middle]:
            least = middle
        else:
            most = middle - 1
    return least


def quoted(stream: str) -> str:
    """A stream's name for URLs and marks: ``"post:7"`` as it is, ``"tag:a%26b"`` to escape what could end a mark."""
    return quote(stream, safe=":")


def vector(positions: Mapping[str, int]) -> str:
    """Where a reader of several streams stands: ``"post:7=43&reader:4=118"``. The query of a page has the same form."""
    return "&".join(f"{quoted(stream)}={position}" for stream, position in positions.items())


#: The mark that ends a full frame, and those that say after which revision another frame fits. Escaped text can't
#: contain them. Where a connection carries several streams, the mark names the one that changes.
FULL_MARK, AFTER_MARK, GROWN_MARK = "<!--full-->", "<!--after {}-->", "<!--grown {}-->"
NAMED_FULL_MARK, NAMED_AFTER_MARK, NAMED_GROWN_MARK = "<!--full {}-->", "<!--after {} {}-->", "<!--grown {} {}-->"


@dataclass(frozen=True)
class Frame:
    """What one commit, or one catch-up, changed on a page.

    It takes a page from any revision in ``[after, revision)`` to ``revision``. A ``full`` frame replaces the whole
    page, so it fits any page, even one ahead of the database.

    ``head`` is for lists of such pages, if the commit changed what they show. A list's frame without HTML says that the
    list must be read again. ``published`` is when a frame from Redis was published, on time.time()'s clock.
    """

    after: int
    revision: int
    html: str | None
    full: bool = False
    head: str | None = None
    published: float | None = None

    @cached_property
    def grows(self) -> bool:
        """Whether a growth is among its elements. Pages and processes of older releases can't apply one. They do not
        know its mark and its key either, so they catch up instead."""
        return GROWTH in (self.html or "")

    @cached_property
    def encoded(self) -> bytes:
        r"""The bytes of this frame on the wire, the same for all its readers: its event id is the revision.

        It ends with a comment. In a full frame this says that the frame fits every page, even one that seems to know
        more. In any other it names the revision that a page must have reached, or it has lost something.

        >>> Frame(42, 43, "<p>hello</p>").encoded
        b'id: 43\ndata: <p>hello</p><!--after 42-->\n\n'
        """
        mark = FULL_MARK if self.full else (GROWN_MARK if self.grows else AFTER_MARK).format(self.after)
        return event(f"{self.html}{mark}", id=self.revision)

    def named(self, name: str, id: str) -> bytes:
        r"""The bytes where a connection carries several streams: the id says where the reader stands in each of them.

        ``name`` is the ``quoted`` name of the stream.

        >>> Frame(42, 43, "<p>hello</p>").named("post:7", "post:7=43&reader:4=118")
        b'id: post:7=43&reader:4=118\ndata: <p>hello</p><!--after post:7 42-->\n\n'
        """
        if (rest := self._named.get(name)) is None:
            rest = self._named[name] = self._marked(name)
        return b"id: %b\n%b" % (id.encode(), rest)

    @cached_property
    def _named(self) -> dict[str, bytes]:
        """What follows the id, by the name of the stream: the same for all readers."""
        return {}

    def _marked(self, name: str) -> bytes:
        after = NAMED_GROWN_MARK if self.grows else NAMED_AFTER_MARK
        mark = NAMED_FULL_MARK.format(name) if self.full else after.format(name, self.after)
        return event(f"{self.html}{mark}")


def together(frames: list[Frame]) -> Frame:
    """One frame that does what ``frames`` do, each of which follows the one before it."""
    if len(frames) == 1:
        return frames[0]
    published = [frame.published for frame in frames if frame.published is not None]
    html = "".join(frame.html for frame in frames)
    return Frame(frames[0].after, frames[-1].revision, html, published=min(published, default=None))


def event(data: str, *, id: int | None = None, name: str | None = None) -> bytes:
    r"""One Server-Sent Event.

    >>> event("<p>\nhello</p>", id=43)
    b'id: 43\ndata: <p>\ndata: hello</p>\n\n'
    """
    lines = [f"event: {name}"] if name else []
    if id is not None:
        lines.append(f"id: {id}")
    lines.extend(f"data: {line}" for line in _LINE_END.split(data))
    return ("\n".join(lines) + "\n\n").encode()


def primed_cursor(position: str) -> bytes:
    r"""Sets ``Last-Event-ID`` in the browser and fires nothing: ``b'id: 43\n\n'``."""
    return f"id: {position}\n\n".encode()


def retry(milliseconds: int) -> bytes:
    r"""How long the browser waits before it connects again: ``b'retry: 2000\n\n'``."""
    return f"retry: {milliseconds}\n\n".encode()
