"""The request for a summary."""

from wtforms import StringField
from wtforms.validators import ValidationError

from .base import ID, Form


class SummaryForm(Form):
    """``after_id`` is the message up to which the person has read, or 0."""

    after_id = StringField()

    def validate_after_id(self, field) -> None:
        if not ID.fullmatch(field.data or "") or int(field.data) >= 2**31:
            raise ValidationError("after_id takes the id of a message, or 0.")

    @property
    def since(self) -> int:
        return int(self.after_id.data)
