"""Messages as pages show them."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

from markupsafe import Markup
from sqlalchemy import Integer, Select, bindparam
from sqlalchemy.orm import InstrumentedAttribute

from chatapp.extensions import db
from chatapp.turbo import PreparedQuery, html_of_rows, select_versions

TOGETHER = timedelta(minutes=5)


@dataclass(frozen=True)
class ShownMessage:
    """The HTML of a message, and what a page needs to group it. It costs less than the record."""

    id: int
    author_id: int
    created_at: datetime
    html: Markup

    def continues(self, previous: "ShownMessage | None") -> bool:
        """Whether it belongs to the group of the message before it: same author, a few minutes apart at most."""
        if not previous or previous.author_id != self.author_id:
            return False
        return abs(self.created_at - previous.created_at) <= TOGETHER


#: Messages, the oldest first, and whether there are more.
Page = tuple[list[ShownMessage], bool]


def newest_page(column: InstrumentedAttribute, value: int, size: int, before: int | None = None) -> Page:
    """The newest messages with ``value`` in ``column``, or those before a message id; and whether there are older
    ones."""
    given = {"of": value, "most": size + 1} | ({} if before is None else {"before": before})
    found, older = _page_of(_select_newest(column, before is not None), given)
    return found[::-1], older


def page_after(column: InstrumentedAttribute, value: int, size: int, after: int) -> Page:
    """The messages that follow on a message id; and whether there are newer ones."""
    return _page_of(_select_after(column), {"of": value, "most": size + 1, "after": after})


def _page_of(query: PreparedQuery, given: dict[str, int]) -> Page:
    from .message import Message

    rows = query.all(db.session(), given)
    found, more = rows[: given["most"] - 1], len(rows) == given["most"]
    html = html_of_rows(db.session(), Message, found)
    return [ShownMessage(*row[:3], html[row.id]) for row in found if row.id in html], more


# Each page asks one of these. Building the statements takes longer than running them.


@cache
def _select_newest(column: InstrumentedAttribute, with_end: bool) -> PreparedQuery:
    from .message import Message

    query = _select_shown(column).order_by(Message.id.desc())
    return PreparedQuery(query.where(Message.id < bindparam("before")) if with_end else query)


@cache
def _select_after(column: InstrumentedAttribute) -> PreparedQuery:
    from .message import Message

    return PreparedQuery(_select_shown(column).where(Message.id > bindparam("after")).order_by(Message.id))


def _select_shown(column: InstrumentedAttribute) -> Select:
    from .message import Message

    query = select_versions(Message, Message.author_id, Message.created_at)
    query = query.where(Message.deleted_at.is_(None), column == bindparam("of"))
    return query.limit(bindparam("most", type_=Integer))
