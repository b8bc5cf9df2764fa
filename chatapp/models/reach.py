"""What is within a person's reach: each noun says it by one rule, and records are found by that rule."""

from collections.abc import Iterable
from itertools import chain
from typing import TYPE_CHECKING, Self

from sqlalchemy import CTE, ColumnElement, Integer, exists, select, text

from chatapp.extensions import db

if TYPE_CHECKING:
    from .user import User


#: Pairs in one query, so that a process with a thousand readers does not spend long on any one of them.
PAIRS_AT_ONCE = 100


class OutOfReach(LookupError):
    """For this person it does not exist, or no longer does."""


class Archived(RuntimeError):
    """The chat is archived, and takes no messages."""


class ReadOnly(RuntimeError):
    """Only managers write into the chat, and this person does not manage it."""


class Reachable:
    """A record that exists only for the people who can reach it."""

    @classmethod
    def within_reach(cls, user_id: int | ColumnElement[int]) -> ColumnElement[bool]:
        """The rule: true for the records that this person may read.

        ``user_id`` may be a column, so that one query can ask for many people.
        """
        raise NotImplementedError

    @classmethod
    def is_within_reach(cls, id: int, user: "User") -> bool:
        """Whether the record with this id exists for ``user``."""
        return bool(db.session.scalar(select(exists().where(cls.id == id, cls.within_reach(user.id)))))

    @classmethod
    def reached(cls, pairs: Iterable[tuple[int, int]]) -> set[tuple[int, int]]:
        """Those of ``pairs``, each the id of a record and of a user, in which the record exists for the user."""
        pairs = sorted(pairs)
        parts = (pairs[start : start + PAIRS_AT_ONCE] for start in range(0, len(pairs), PAIRS_AT_ONCE))
        return set(chain.from_iterable(map(cls._reached, parts)))

    @classmethod
    def _reached(cls, pairs: list[tuple[int, int]]) -> Iterable[tuple[int, int]]:
        asked = _table_of(pairs)
        query = select(asked).join(cls, cls.id == asked.c.column1).where(cls.within_reach(asked.c.column2))
        return (tuple(row) for row in db.session.execute(query))

    @classmethod
    def find(cls, id: int, user: "User", to_change: bool = False) -> Self:
        """The record with this id. Raises OutOfReach where it does not exist for ``user``.

        With ``to_change`` it locks the record's page and asks again, because in between somebody may have removed this
        person or deleted the record.
        """
        found = db.session.scalar(select(cls).where(cls.id == id, cls.within_reach(user.id)))
        if found is None:
            raise OutOfReach
        if to_change:
            found.lock()
            if not cls.is_within_reach(id, user):
                raise OutOfReach
        return found


def _table_of(pairs: list[tuple[int, int]]) -> CTE:
    """``pairs`` as a table. A text, because SQLAlchemy compiles its own VALUES anew each time. Both databases name the
    columns ``column1`` and ``column2``."""
    rows = ", ".join(f"(:a{number}, :b{number})" for number in range(len(pairs)))
    given = {f"{side}{number}": id for number, pair in enumerate(pairs) for side, id in zip("ab", pair, strict=True)}
    return text(f"VALUES {rows}").bindparams(**given).columns(column1=Integer, column2=Integer).cte("pairs")
