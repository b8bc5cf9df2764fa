"""Prices of models, and budgets."""

from wtforms import RadioField, StringField
from wtforms.validators import DataRequired, Length, ValidationError

from chatapp.lib import amounts
from chatapp.models.budget import CURRENCY_LIMIT, MONEY, TOKENS
from chatapp.models.price import MODEL_LIMIT

from .base import Form, one_line, printable

PRICE = "Write a number such as 0.40. For a model that costs nothing write 0."
SUM = "Write an amount such as 2.50, or leave it empty for no limit."
NUMBER = "Write a whole number such as 50000, or leave it empty for no limit."


class PriceField(StringField):
    """A price, read into ``amount`` in millionths."""

    def __init__(self, label: str, **options):
        super().__init__(label, filters=[one_line], **options)
        self.amount = 0

    def pre_validate(self, form) -> None:
        try:
            self.amount = amounts.millionths(self.data)
        except ValueError:
            raise ValidationError(PRICE) from None


class LimitField(StringField):
    """A limit, read into ``amount`` in the unit of the form; None where the field is empty."""

    def __init__(self, label: str, **options):
        super().__init__(label, filters=[one_line], **options)
        self.amount: int | None = None

    def pre_validate(self, form) -> None:
        if not self.data:
            return
        read, otherwise = (amounts.whole, NUMBER) if form.unit.data == TOKENS else (amounts.millionths, SUM)
        try:
            self.amount = read(self.data)
        except ValueError:
            raise ValidationError(otherwise) from None


class PriceForm(Form):
    model = StringField(
        "Model",
        filters=[one_line],
        validators=[DataRequired("Write the name by which the model is asked."), Length(max=MODEL_LIMIT), printable],
    )
    tokens_in = PriceField("A million tokens read")
    tokens_out = PriceField("A million tokens written")


class BudgetForm(Form):
    currency = StringField("Currency", filters=[one_line], validators=[printable])
    unit = RadioField("What is counted?", choices=[MONEY, TOKENS], default=MONEY)
    person_day = LimitField("Each person, a day")
    place_day = LimitField("Everybody together, a day")
    place_month = LimitField("Everybody together, a month")

    def validate_currency(self, field) -> None:
        if len(field.data) > CURRENCY_LIMIT:
            raise ValidationError(f"Write {CURRENCY_LIMIT} characters at most, such as USD or €.")

    @property
    def limits(self) -> dict[str, int | None]:
        return {field.short_name: field.amount for field in (self.person_day, self.place_day, self.place_month)}

    def show(self, budget) -> "BudgetForm":
        """Fill the form with the limits as they are."""
        self.currency.data, self.unit.data = budget.currency, budget.unit
        for name in self.limits:
            limit = getattr(budget, name)
            words = amounts.plain(limit) if budget.unit == MONEY else str("" if limit is None else limit)
            self[name].data = words
        return self
