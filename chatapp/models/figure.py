"""The figures of one attempt of a model: what it read and wrote, how long that took, and what it cost."""

from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import BigInteger, ForeignKey, Index, String, select, update
from sqlalchemy.orm import Mapped, mapped_column, relationship

from chatapp.extensions import db
from chatapp.lib.llm_figures import Figures

from .conversation import weight
from .mixins.timestamps import Timestamps, now
from .price import MODEL_LIMIT, Price

if TYPE_CHECKING:
    from .user import User

#: The newest attempts that the page of a message shows, and those that tell which models are in use.
SHOWN, LATELY = 20, 500


class Figure(Timestamps, db.Model):
    """``purpose`` is ``reply``, ``summary`` or ``title``. The row is made when the model is asked, with an
    estimate of what was sent. So an attempt counts even if its job dies.

    It outlives its message and its chat as bare numbers, so sums stay what they were.
    """

    __tablename__ = "figures"
    __table_args__ = (
        Index("ix_figures_message_id", "message_id"),
        Index("ix_figures_chat_id_day", "chat_id", "day"),
        Index("ix_figures_asker_id_day", "asker_id", "day"),
        # With what budgets add up, so that they need not read the rows.
        Index("ix_figures_day", "day", "tokens_in", "tokens_out", "cost"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    message_id: Mapped[int | None] = mapped_column(ForeignKey("messages.id", ondelete="SET NULL"))
    chat_id: Mapped[int | None] = mapped_column(ForeignKey("chats.id", ondelete="SET NULL"))
    #: The person who asked the question, or asked for the reply again.
    asker_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    purpose: Mapped[str] = mapped_column(String(20), default="reply")  # reply | summary | title
    model: Mapped[str] = mapped_column(String(MODEL_LIMIT))
    tokens_in: Mapped[int] = mapped_column(default=0)
    tokens_out: Mapped[int] = mapped_column(default=0)
    #: Whether we have guessed the tokens, because the server has not counted them.
    estimated: Mapped[bool] = mapped_column(default=True)
    first_ms: Mapped[int | None]
    took_ms: Mapped[int | None]
    #: In millionths, at the price of that day; None where the model had none.
    cost: Mapped[int | None] = mapped_column(BigInteger)
    #: In UTC, ``"2026-11-29"``. As text both databases group and compare it alike.
    day: Mapped[str] = mapped_column(String(10))

    asker: Mapped["User"] = relationship()

    #: What the earlier rounds of this attempt took: tokens, whether we have guessed some of them, and milliseconds.
    _earlier = (0, 0, False, 0)
    #: The estimate of what the model was given last.
    _given = 0

    @classmethod
    def begin(cls, model: str, asked: list[dict], reserved: int = 0, **whose) -> "Figure":
        """Begin when the model is about to be asked, with tools of ``reserved`` tokens. ``whose`` are the other
        columns."""
        figure = cls(model=model[:MODEL_LIMIT], day=day_of(now()), **whose)
        figure._ask(asked, reserved)
        db.session.add(figure)
        return figure

    def go_on(self, asked: list[dict], reserved: int) -> None:
        """Note that the model is about to be asked again, with what its tools have found. ``end`` has counted the
        rest."""
        self._earlier = (self.tokens_in, self.tokens_out, self.estimated, self.took_ms)
        self._ask(asked, reserved)

    def _ask(self, asked: list[dict], reserved: int) -> None:
        self._given = sum(map(weight, asked)) + reserved
        self._add(self._given, 0, estimated=True)

    def end(self, figures: Figures) -> None:
        """Note what the attempt really took, all its rounds together: nothing where the server refused."""
        if figures.took_ms is None:  # the connection is still being closed
            figures.end()
        before = self._earlier[3]
        if self.first_ms is None and figures.first_ms is not None:
            self.first_ms = before + figures.first_ms
        self.took_ms = before + figures.took_ms
        if not figures.answered:
            self._add(0, 0, estimated=False)
        elif figures.tokens_in is None:
            self._add(self._given, figures.estimated_out, estimated=True)
        else:
            self._add(figures.tokens_in, figures.tokens_out, estimated=False)

    def _add(self, tokens_in: int, tokens_out: int, estimated: bool) -> None:
        """Add this to what the earlier rounds took."""
        read, written, guessed, _ = self._earlier
        self._count(read + tokens_in, written + tokens_out, guessed or estimated)

    def _count(self, tokens_in: int, tokens_out: int, estimated: bool) -> None:
        price = Price.of(self.model)
        self.tokens_in, self.tokens_out, self.estimated = tokens_in, tokens_out, estimated
        self.cost = price.cost(tokens_in, tokens_out) if price else None

    @property
    def speed(self) -> float | None:
        """Tokens in a second, from the first word on; None where there is nothing to measure."""
        writing = (self.took_ms or 0) - (self.first_ms or 0)
        return self.tokens_out * 1000 / writing if self.first_ms is not None and writing > 0 else None

    @classmethod
    def of_message(cls, message_id: int) -> "list[Figure]":
        """The SHOWN newest figures of a message, the newest first."""
        return list(
            db.session.scalars(select(cls).filter_by(message_id=message_id).order_by(cls.id.desc()).limit(SHOWN))
        )

    @classmethod
    def models_without(cls, prices: list[Price]) -> list[str]:
        """The models among the newest attempts that have no price."""
        newest = select(cls.model).order_by(cls.id.desc()).limit(LATELY).subquery()
        used = db.session.scalars(select(newest.c.model).distinct()).all()
        return sorted(set(used) - {price.model for price in prices})

    @classmethod
    def leave(cls, chat_id: int, most: int) -> bool:
        """Keep some figures of a chat that is being deleted, without it. False when none are left."""
        some = select(cls.id).where(cls.chat_id == chat_id).limit(most)
        kept = update(cls).where(cls.id.in_(some)).values(chat_id=None, message_id=None)
        return db.session.execute(kept.execution_options(synchronize_session=False)).rowcount > 0


def day_of(moment: datetime) -> str:
    """The day of a moment in UTC."""
    return moment.strftime("%Y-%m-%d")
