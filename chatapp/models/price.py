"""What a model costs, as the administrators say."""

from sqlalchemy import BigInteger, String, select
from sqlalchemy.orm import Mapped, mapped_column

from chatapp.extensions import db
from chatapp.lib.amounts import MILLION
from chatapp.lib.locks import lock_name

MODEL_LIMIT = 200  # characters
#: The most prices on the page.
PRICES = 200


class Price(db.Model):
    """The price of a million tokens, in millionths of the currency. A new price leaves earlier figures as they are."""

    __tablename__ = "prices"

    id: Mapped[int] = mapped_column(primary_key=True)
    model: Mapped[str] = mapped_column(String(MODEL_LIMIT), unique=True)
    tokens_in: Mapped[int] = mapped_column(BigInteger)
    tokens_out: Mapped[int] = mapped_column(BigInteger)

    @classmethod
    def of(cls, model: str) -> "Price | None":
        return db.session.scalar(select(cls).where(cls.model == model))

    @classmethod
    def all(cls) -> "list[Price]":
        return list(db.session.scalars(select(cls).order_by(cls.model).limit(PRICES)))

    @classmethod
    def set(cls, model: str, tokens_in: int, tokens_out: int) -> None:
        """Set the price from now on."""
        lock_name(db.session(), cls.__tablename__)  # while there is no price, there is no row to lock
        price = cls.of(model) or cls(model=model)
        price.tokens_in, price.tokens_out = tokens_in, tokens_out
        db.session.add(price)

    def cost(self, tokens_in: int, tokens_out: int) -> int:
        """The cost, in millionths of the currency."""
        return -(-(tokens_in * self.tokens_in + tokens_out * self.tokens_out) // MILLION)
