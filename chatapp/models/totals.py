"""Sums of figures: for one person, one chat or the whole place, by month, and within a month by person and chat."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Row, Select, case, func, select

from chatapp.extensions import db

from .chat import Chat
from .figure import Figure, day_of
from .mixins.timestamps import now
from .user import User

#: The most months on the page, and lines of each list.
MONTHS, LINES = 12, 50


class Totals:
    """Sums of the figures for which ``where`` is true. The database sums them up, by an index of the days."""

    def __init__(self, *where: ColumnElement[bool]):
        self.where = where

    def by_month(self) -> list[Row]:
        """The last MONTHS months, the oldest first, with None for those without figures. All months are UTC's."""
        names = last_months()
        month = func.substr(Figure.day, 1, 7).label("month")
        query = select(month, *sums()).where(*self.where, Figure.day >= f"{names[0]}-01").group_by(month)
        found = {row.month: row for row in db.session.execute(query)}
        return [(name, found.get(name)) for name in names]

    def of_month(self, month: str) -> Row:
        return db.session.execute(self._in(month, select(*sums()))).one()

    def by_person(self, month: str) -> Sequence[Row]:
        """The people with the highest sums, and the ``name`` of each."""
        query = select(User.name, *sums()).join(User, User.id == Figure.asker_id)
        return self._most(month, query.group_by(User.id, User.name))

    def by_model(self, month: str) -> Sequence[Row]:
        return self._most(month, select(Figure.model.label("name"), *sums()).group_by(Figure.model))

    def by_chat(self, month: str, reader: User) -> list[tuple[str, int | None, Row]]:
        """Title, id and sums of each chat. Nobody learns the title of a chat that they can't read. None stands for all
        chats that are gone, together."""
        rows = self._most(month, select(Figure.chat_id, *sums()).group_by(Figure.chat_id))
        ids = {row.chat_id for row in rows}
        readable = select(Chat).where(Chat.id.in_(ids - {None}), Chat.within_reach(reader.id))
        titles = {chat.id: chat.title_for(reader) for chat in db.session.scalars(readable)}
        return [(titles.get(row.chat_id), row.chat_id, row) for row in rows]

    def _most(self, month: str, query: Select) -> Sequence[Row]:
        most = [func.coalesce(func.sum(Figure.cost), 0).desc(), func.sum(Figure.tokens_in + Figure.tokens_out).desc()]
        return db.session.execute(self._in(month, query).order_by(*most).limit(LINES)).all()

    def _in(self, month: str, query: Select) -> Select:
        return query.where(*self.where, Figure.day >= f"{month}-01", Figure.day <= f"{month}-31")


def sums() -> list[ColumnElement]:
    return [
        func.count().label("answers"),
        func.coalesce(func.sum(Figure.tokens_in), 0).label("tokens_in"),
        func.coalesce(func.sum(Figure.tokens_out), 0).label("tokens_out"),
        func.sum(Figure.cost).label("cost"),
        func.coalesce(func.sum(case((Figure.estimated, 1), else_=0)), 0).label("estimated"),
        func.coalesce(func.sum(case((Figure.cost.is_(None), 1), else_=0)), 0).label("without_price"),
    ]


def last_months() -> list[str]:
    """``["2025-12", …, "2026-11"]``"""
    today = now()
    number = today.year * 12 + today.month - 1
    return [f"{n // 12}-{n % 12 + 1:02}" for n in range(number - MONTHS + 1, number + 1)]


def this_month() -> str:
    return day_of(now())[:7]
