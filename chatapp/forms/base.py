"""What all forms share: which fields of the request they read, and what nobody may type."""

import re

from flask import request
from flask_wtf import FlaskForm
from flask_wtf.form import SUBMIT_METHODS
from wtforms.validators import Length, ValidationError

from chatapp.lib.addresses import EMAIL_LIMIT, normalized_email
from chatapp.lib.csrf import MaskedFormToken

# Control characters other than tab and line feed: a database refuses some, and none can be seen.
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
#: A number that may be an id.
ID = re.compile(r"[0-9]{1,10}")


def is_id(value: str) -> bool:
    """Whether an id column can hold it."""
    return bool(ID.fullmatch(value)) and 0 < int(value) < 2**31


def one_line(value: str | None) -> str:
    return " ".join((value or "").split())


def line_feeds(value: str | None) -> str:
    return (value or "").replace("\r\n", "\n").replace("\r", "\n")


def is_unprintable(text: str) -> bool:
    return _CONTROL.search(text) is not None


def printable(form, field) -> None:
    if field.data and is_unprintable(field.data):
        raise ValidationError("This contains a control character that can't be saved. Remove it, or paste plain text.")


def address(value: str | None) -> str:
    return normalized_email(value or "")


NO_ADDRESS = "Mail can't be sent to this address. Write it like name@example.com, without accents before the @."
#: For an address that is only looked up.
TYPED_EMAIL = [Length(max=EMAIL_LIMIT), printable]


class Form(FlaskForm):
    """The text fields of the request. Ignores files of the same name, and JSON."""

    class Meta(FlaskForm.Meta):
        csrf_class = MaskedFormToken

        def wrap_formdata(self, form, formdata):
            sent = formdata is not None and request.method in SUBMIT_METHODS
            return request.form if sent else None
