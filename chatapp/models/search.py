"""The search: the newest messages with certain words among those that a person can read."""

from datetime import datetime, timedelta
from functools import cached_property

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import defer, joinedload

from chatapp.extensions import db
from chatapp.lib.search_query import SearchQuery, Term
from chatapp.lib.time_zones import day_in

from . import search_index
from .chat import Chat
from .message import Message
from .search_names import called
from .search_text import author_label, mark_label
from .titles import shown_title
from .user import User

QUERY_LIMIT = 200  # characters
PAGE = 20
FILTERS = ("from", "in", "has", "before", "after")
#: How often a query may have each filter. Each value is compared with all names.
VALUES_LIMIT = 3
#: What ``has:`` takes, and the mark that it asks for.
MARKS = {"link": "link", "links": "link", "file": "file", "files": "file", "picture": "picture", "pictures": "picture"}


class Search:
    """What ``user`` finds by what is ``typed``, in the chat ``chat_id`` where one is given.

    Raises ValueError, with words for people, where a filter makes no sense.
    """

    def __init__(self, user: User, typed: str, chat_id: int | None = None):
        if len(typed) > QUERY_LIMIT:
            raise ValueError(f"This is too long to search for. Use up to {QUERY_LIMIT} characters.")
        self.user, self.chat_id, self.query = user, chat_id, SearchQuery.read(typed, FILTERS)
        self._must_have_few_values()
        self.marks = [_mark(value) for value in self._values("has")]
        self.since = [self._day("after", value, timedelta(days=1)) for value in self._values("after")]
        self.until = [self._day("before", value) for value in self._values("before")]

    def _must_have_few_values(self) -> None:
        for name in FILTERS:
            if len(self._values(name)) > VALUES_LIMIT:
                raise ValueError(f"Use {name}: up to {VALUES_LIMIT} times in one search. Remove the others.")

    def _day(self, name: str, value: str, later: timedelta = timedelta()) -> datetime:
        """The moment at which a day begins where the person is."""
        try:
            return day_in(self.user.time_zone, datetime.strptime(value, "%Y-%m-%d").date() + later)
        except (ValueError, OverflowError):
            raise ValueError(f"{name}: takes a day as year, month and day. Type {name}:2026-11-28.") from None

    @property
    def terms(self) -> list[Term]:
        """The words searched for, to mark them in the results."""
        return self.query.terms

    @property
    def is_empty(self) -> bool:
        return not self.terms and not any(map(self._values, FILTERS))

    def newest(self, before: int | None = None) -> tuple[list[Message], bool]:
        """The newest messages that were found, or those before a message id; and whether there are older ones."""
        groups = self._groups()
        if self.is_empty or not all(groups) or self._chat_ids == []:
            return [], False
        # One statement finds messages and checks who may read them.
        conditions = [Message.within_reach(self.user.id), *self._times()]
        # The index may look through more chats than it was asked for.
        conditions += [Message.chat_id == self.chat_id] if self.chat_id is not None else []
        wanted = search_index.Wanted(groups, self.query.phrases, self._readable(), conditions)
        query = search_index.newest(wanted, before, PAGE + 1)
        query = query.options(joinedload(Message.author), joinedload(Message.chat), defer(Message.quotes_count))
        found = list(db.session.scalars(query))
        return found[:PAGE], len(found) > PAGE

    def _groups(self) -> list[list[Term]]:
        """A message has to have one term of each group. An empty group stands for a name that nobody has."""
        groups = [[term] for term in self.terms] + [[Term(mark_label(mark))] for mark in self.marks]
        if self._values("from"):
            groups.append([Term(author_label(id)) for id in self._author_ids])
        return groups

    @cached_property
    def _author_ids(self) -> list[int]:
        people = db.session.execute(select(User.id, User.name)).all()
        return called(self._values("from"), people, me=self.user.id)

    @cached_property
    def _chat_ids(self) -> list[int] | None:
        """The chats that ``in:`` means; None without it."""
        if not self._values("in"):
            return None
        chats = db.session.execute(select(Chat.id, Chat.title).where(Chat.within_reach(self.user.id)))
        return called(self._values("in"), [(id, shown_title(title)) for id, title in chats])

    def _readable(self) -> Select:
        readable = select(Chat.id).where(Chat.within_reach(self.user.id))
        if self.chat_id is not None:
            readable = readable.where(Chat.id == self.chat_id)
        return readable if self._chat_ids is None else readable.where(Chat.id.in_(self._chat_ids))

    def _times(self) -> list[ColumnElement[bool]]:
        since = [Message.created_at >= begin for begin in self.since]
        return since + [Message.created_at < end for end in self.until]

    def _values(self, name: str) -> list[str]:
        """The values of a filter. A filter without a value is still being typed."""
        return [value for value in self.query.filters.get(name, ()) if value.strip()]


def _mark(value: str) -> str:
    if value.lower() not in MARKS:
        raise ValueError(
            "has: finds messages with a link, a file or a picture. Type has:link, has:file or has:picture."
        )
    return MARKS[value.lower()]
