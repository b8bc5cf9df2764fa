"""What the assistant may cost: the budgets that administrators set, and whether one is used up."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import BigInteger, ColumnElement, String, func, select
from sqlalchemy.orm import Mapped, mapped_column

from chatapp.extensions import db
from chatapp.lib.locks import lock_name

from .figure import Figure, day_of
from .message import Message
from .mixins.timestamps import now
from .summary import Summary

if TYPE_CHECKING:
    from .user import User

MONEY, TOKENS = "money", "tokens"
CURRENCY_LIMIT = 8  # characters
ONLY_ID = 1
#: A running attempt is guessed to cost as much as the largest of the KNOWN newest ones, and GUESSED_TOKENS before them.
KNOWN, GUESSED_TOKENS = 20, 2000

AGAIN = "starts again at midnight (UTC)."
USED_UP = {
    "person_day": f"Your budget for today is used up. It {AGAIN}",
    "place_day": f"Today’s budget for everybody here is used up. It {AGAIN}",
    "place_month": "This month’s budget for everybody here is used up. It starts again on the 1st, at midnight (UTC).",
}
PROMISED = "The rest of the budget is kept for questions that are being answered. Try again when they are done."


@dataclass(frozen=True)
class Account:
    """One budget: its ``limit``, what is ``spent`` of it, and how many answers are ``running``."""

    name: str
    limit: int
    spent: int
    running: int

    def refusal(self, each: int) -> str | None:
        """Why nobody can ask now, if each running answer takes ``each``."""
        if self.spent >= self.limit:
            return USED_UP[self.name]
        return PROMISED if self.running and self.spent + self.running * each >= self.limit else None


class Budget(db.Model):
    """In one row, as an Admission is. All limits are in the same ``unit``: in millionths of the currency, or tokens.

    None means no limit.
    """

    __tablename__ = "budgets"

    id: Mapped[int] = mapped_column(primary_key=True)
    currency: Mapped[str] = mapped_column(String(CURRENCY_LIMIT), default="")
    unit: Mapped[str] = mapped_column(String(10), default=MONEY)  # money | tokens
    person_day: Mapped[int | None] = mapped_column(BigInteger)
    place_day: Mapped[int | None] = mapped_column(BigInteger)
    place_month: Mapped[int | None] = mapped_column(BigInteger)

    @classmethod
    def now(cls) -> "Budget":
        """The budgets as they stand, read anew."""
        known = db.session.get(cls, ONLY_ID, populate_existing=True)
        return known or cls(currency="", unit=MONEY)

    @classmethod
    def decide(cls, currency: str, unit: str, **limits: int | None) -> None:
        lock_name(db.session(), cls.__tablename__)  # a row can be locked only once it exists
        decided = db.session.merge(cls(id=ONLY_ID))
        decided.currency, decided.unit = currency, unit
        for name in USED_UP:
            setattr(decided, name, limits[name])

    def refusal(self, user: "User") -> str | None:
        """Why ``user`` can't ask now, in words for people.

        Running answers count by a guess, so that many questions at once can't spend far more than the budget.
        """
        accounts = list(self.accounts(user))
        each = self._guess() if any(account.running for account in accounts) else 0
        return next(filter(None, (account.refusal(each) for account in accounts)), None)

    def used_up(self, user: "User") -> str | None:
        """Why a reply that ``user`` has asked for can't go on. It counts as running itself, so guesses don't matter."""
        for name, limit, where in self._limits(user):
            if self._spent(*where) >= limit:
                return USED_UP[name]
        return None

    def accounts(self, user: "User") -> Iterator[Account]:
        """The budgets that limit ``user``, as far as there are any."""
        for name, limit, where in self._limits(user):
            yield Account(name, limit, self._spent(*where), running(user if name == "person_day" else None))

    def _limits(self, user: "User") -> Iterator[tuple[str, int, tuple[ColumnElement[bool], ...]]]:
        """Name and limit of each, and which figures count for it."""
        today = day_of(now())
        conditions = {
            "person_day": (Figure.day == today, Figure.asker_id == user.id),
            "place_day": (Figure.day == today,),
            "place_month": (Figure.day >= f"{today[:7]}-01",),
        }
        for name, where in conditions.items():
            if (limit := getattr(self, name)) is not None:
                yield name, limit, where

    def _spent(self, *where: ColumnElement[bool]) -> int:
        return int(db.session.scalar(select(func.sum(self._measure(Figure))).where(*where)) or 0)

    def _guess(self) -> int:
        """What an answer under way may take: as much as the largest of the newest ones."""
        newest = select(Figure.tokens_in, Figure.tokens_out, Figure.cost).order_by(Figure.id.desc()).limit(KNOWN)
        known = db.session.scalar(select(func.max(self._measure(newest.subquery().c))))
        return int(known) if known is not None else GUESSED_TOKENS * (self.unit == TOKENS)

    def _measure(self, figures) -> ColumnElement[int]:
        return figures.cost if self.unit == MONEY else figures.tokens_in + figures.tokens_out


def running(user: "User | None" = None) -> int:
    """How many answers are being written, for ``user`` or for everybody."""
    replies = select(func.count()).select_from(Message).where(Message.is_generating())
    if user:
        replies = replies.where(Message.asker_id == user.id)
    return db.session.scalar(select(replies.scalar_subquery() + Summary.running(user)))
