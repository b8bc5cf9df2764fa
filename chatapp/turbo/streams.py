"""Names and bytes: stream names, DOM ids, the ``<turbo-stream>`` tag and Server-Sent Events.

Sources: the Turbo handbook on streams, and the WHATWG HTML standard, section "Server-sent events".
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import quote

from markupsafe import Markup, escape
from sqlalchemy import inspect

_CAMEL_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
# The only line ends of the event stream format; str.splitlines() would also split on U+2028 and others.
_LINE_END = re.compile(r"\r\n|\r|\n")


def singular_name(record) -> str:
    """``"blog_post"`` for a ``BlogPost`` or for the class itself."""
    cls = record if isinstance(record, type) else type(record)
    return _CAMEL_HUMP.sub("_", cls.__name__).lower()


def record_id(record) -> int | str:
    """The primary key, read from the identity: it costs no SQL even on an expired record.

    Raises ValueError for a key of several columns, which no name here can hold.
    """
    (id,) = inspect(record).identity
    return id


def key(cls: type):
    """The attribute of a model that is its primary key: ``BlogPost.id``, or whatever the model calls it."""
    mapper = inspect(cls)
    (column,) = mapper.primary_key
    return mapper.get_property_by_column(column).class_attribute


def stream_name(record) -> str:
    """``"blog_post:7"``, ``"tag:red"``: what is streamed about one record."""
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
    template = Markup("") if html is None else Markup("<template>{}</template>").format(Markup(html))
    return Markup('<turbo-stream action="{}" target="{}">{}</turbo-stream>').format(action, escape(target), template)


def turbo_stream_to_all(action: str, selector: str, html: str | Markup) -> Markup:
    """One ``<turbo-stream>`` element for all elements that a CSS selector finds; ``html`` is trusted.

    >>> turbo_stream_to_all("replace", ".score", "<b>5</b>")
    Markup('<turbo-stream action="replace" targets=".score"><template><b>5</b></template></turbo-stream>')
    """
    template = Markup("<template>{}</template>").format(Markup(html))
    return Markup('<turbo-stream action="{}" targets="{}">{}</turbo-stream>').format(action, selector, template)


GROWTH = '<turbo-stream action="grow"'


def growth(target: str, before: tuple[int, str], after: tuple[int, str], row: Markup) -> Markup:
    """One ``<turbo-stream>`` element that makes one HTML of another, which a page has as text. Each has the revision of
    its row. ``row`` is the row around it, if that has changed too.

    It names the two revisions, and how many UTF-16 units stay. What follows on these is text, which no parser changes.

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
    """A stream's name as URLs and marks say it: ``"post:7"`` as it is, ``"tag:a%26b"`` for what could end a mark."""
    return quote(stream, safe=":")


def vector(positions: Mapping[str, int]) -> str:
    """Where a reader of several streams stands: ``"post:7=43&reader:4=118"``. The query of a page has the same form."""
    return "&".join(f"{quoted(stream)}={position}" for stream, position in positions.items())


#: The end of a full frame, and of any other: after which revision it fits. Nothing that is escaped can contain them.
#: Where a connection carries several streams, the mark names the one that changes.
FULL_MARK, AFTER_MARK, GROWN_MARK = "<!--full-->", "<!--after {}-->", "<!--grown {}-->"
NAMED_FULL_MARK, NAMED_AFTER_MARK, NAMED_GROWN_MARK = "<!--full {}-->", "<!--after {} {}-->", "<!--grown {} {}-->"


@dataclass(frozen=True)
class Frame:
    """What one commit, or one catch-up, changed on a page.

    It takes a page from any revision in ``[after, revision)`` to ``revision``. A ``full`` frame shows the
    whole page anew, so it fits any page, also one that is ahead of the database it is read from.

    ``head`` is for lists of such pages, if the commit changed what they show. A list's frame without HTML says that the
    list has to be read anew.
    """

    after: int
    revision: int
    html: str | None
    full: bool = False
    head: str | None = None

    @cached_property
    def grows(self) -> bool:
        """Whether a growth is among its elements. Pages and processes from before there was any must not take it for a
        change that they have shown, so it has a mark and a key of its own, which they do not know: they catch up."""
        return GROWTH in (self.html or "")

    @cached_property
    def encoded(self) -> bytes:
        r"""The bytes of this frame on the wire, the same for all its readers: its event id is the revision.

        It ends with a comment. That of a full one says that it is right for every page, also for one that seems to
        know more; that of another says what a page must show for it to fit, or something was lost on the way.

        >>> Frame(42, 43, "<p>hello</p>").encoded
        b'id: 43\ndata: <p>hello</p><!--after 42-->\n\n'
        """
        mark = FULL_MARK if self.full else (GROWN_MARK if self.grows else AFTER_MARK).format(self.after)
        return event(f"{self.html}{mark}", id=self.revision)

    def named(self, stream: str, id: str) -> bytes:
        r"""The bytes where a connection carries several streams: the id says where the reader stands in each of them.

        >>> Frame(42, 43, "<p>hello</p>").named("post:7", "post:7=43&reader:4=118")
        b'id: post:7=43&reader:4=118\ndata: <p>hello</p><!--after post:7 42-->\n\n'
        """
        name = quoted(stream)
        after = NAMED_GROWN_MARK if self.grows else NAMED_AFTER_MARK
        mark = NAMED_FULL_MARK.format(name) if self.full else after.format(name, self.after)
        return b"".join((b"id: ", id.encode(), b"\n", self._data, mark.encode(), b"\n\n"))

    @cached_property
    def _data(self) -> bytes:
        return event(self.html).removesuffix(b"\n\n")


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
