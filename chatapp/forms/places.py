"""The name of the place."""

from wtforms import StringField
from wtforms.validators import Length, Optional, ValidationError

from chatapp.lib.names import composed, flaw
from chatapp.models.place import NAME_LIMIT

from .base import Form, one_line, printable


class PlaceForm(Form):
    name = StringField("Name", filters=[one_line, composed], validators=[Optional(), Length(max=NAME_LIMIT), printable])

    def validate_name(self, field) -> None:
        if field.data and (reason := flaw(field.data)):
            raise ValidationError(reason)
