"""What is within a person's reach: each noun says it by one rule, and records are found by that rule."""

from functools import cache
from typing import TYPE_CHECKING, Self

from sqlalchemy import ColumnElement, Integer, bindparam, exists, select

from chatapp.extensions import db
from chatapp.turbo import Prepared, PreparedQuery, connection_of

if TYPE_CHECKING:
    from .user import User


#: Parameters: the id of a record, and of the person who wants it.
REACHED, READER = bindparam("reached_id", type_=Integer), bindparam("reader_id", type_=Integer)


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
        connection = connection_of(db.session(), cls)
        return bool(_asking(cls).scalar(connection, {"reached_id": id, "reader_id": user.id}))

    @classmethod
    def find(cls, id: int, user: "User", to_change: bool = False) -> Self:
        """The record with this id. Raises OutOfReach where it does not exist for ``user``.

        With ``to_change`` it locks the record's page and asks again, because in between somebody may have removed this
        person or deleted the record.
        """
        row = _finding(cls).first(db.session(), {"reached_id": id, "reader_id": user.id})
        if row is None:
            raise OutOfReach
        (found,) = row
        if to_change:
            found.lock()
            if not cls.is_within_reach(id, user):
                raise OutOfReach
        return found


# Every request asks one of these. Building the statements takes longer than running them.


@cache
def _finding(cls: type[Reachable]) -> PreparedQuery:
    return PreparedQuery(select(cls).where(cls.id == REACHED, cls.within_reach(READER)))


@cache
def _asking(cls: type[Reachable]) -> Prepared:
    return Prepared(select(exists().where(cls.id == REACHED, cls.within_reach(READER))))
