"""Accounts: signing up, logging in, and one's profile."""

import hmac

from flask import request
from wtforms import EmailField, FileField, PasswordField, RadioField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, Email, Length, Optional, ValidationError

from chatapp.lib import file_types, picture_sizes, time_zones
from chatapp.lib.names import composed, flaw
from chatapp.lib.passwords import is_easy_to_guess
from chatapp.models import Admission, Assistant, User
from chatapp.models.attachment_limits import PIXELS
from chatapp.models.user import (
    ABOUT_LIMIT,
    HIDDEN_ZONE,
    NAME_LIMIT,
    PASSWORD_LIMIT,
    PASSWORD_MINIMUM,
)

from .base import NO_ADDRESS, TYPED_EMAIL, Form, address, one_line, printable

NO_PICTURE = "This picture can't be shown here. Choose a JPEG, PNG, GIF or WebP file."
ADDRESS = [DataRequired("Enter your e-mail address."), Email(NO_ADDRESS, allow_smtputf8=False)]
NEW_PASSWORD = [
    DataRequired("Choose a password."),
    Length(PASSWORD_MINIMUM, PASSWORD_LIMIT, "Use %(min)d to %(max)d characters."),
]


def zones(chosen: str) -> list[SelectChoice]:
    """The time zones to choose from. An old name that a browser has told stays among them."""
    names = time_zones.names()
    told = [chosen] if chosen and chosen != HIDDEN_ZONE and chosen not in names else []
    listed = [SelectChoice(name, name.replace("_", " ")) for name in (*told, *names)]
    return [SelectChoice("", "As my browser says"), SelectChoice(HIDDEN_ZONE, "Don’t show my time"), *listed]


def refuse_easy(password: str, name: str, email: str) -> None:
    if is_easy_to_guess(password, [*name.split(), *email.split("@")]):
        raise ValidationError("This password is easy to guess. Choose a longer one, or a few words that are your own.")


class NameForm(Form):
    name = StringField(
        "Name",
        filters=[one_line, composed],
        validators=[DataRequired("Enter your name."), Length(max=NAME_LIMIT), printable],
    )

    def validate_name(self, field) -> None:
        if reason := flaw(field.data):
            raise ValidationError(reason)
        if Assistant.named_like(field.data):
            raise ValidationError("People could take this for an assistant. Choose another name.")


class UserForm(NameForm):
    email = EmailField("E-mail", filters=[address], validators=ADDRESS)
    password = PasswordField("Password", validators=NEW_PASSWORD)
    #: Whether this person may become the first administrator.
    founder = False

    def validate_password(self, field) -> None:
        refuse_easy(field.data, self.name.data, self.email.data)


class FounderForm(UserForm):
    """Sign-up while the server has no administrator. The person who enters ``right_token`` becomes one."""

    setup_token = StringField("Set-up token", filters=[one_line])

    def __init__(self, right_token: str, **options):
        super().__init__(**options)
        self.right_token = right_token

    def validate_setup_token(self, field) -> None:
        if field.data and not hmac.compare_digest(field.data.encode(), self.right_token.encode()):
            raise ValidationError("This is not the set-up token. Copy it from the server's log, or leave this empty.")

    @property
    def founder(self) -> bool:
        return bool(self.setup_token.data)


class SessionForm(Form):
    email = EmailField(
        "E-mail", filters=[address], validators=[DataRequired("Enter your e-mail address."), *TYPED_EMAIL]
    )
    password = PasswordField("Password", validators=[DataRequired("Enter your password."), Length(max=PASSWORD_LIMIT)])


class ProfileForm(Form):
    about = StringField(
        "About you", filters=[one_line, composed], validators=[Optional(), Length(max=ABOUT_LIMIT), printable]
    )
    time_zone = SelectField("Time zone", default="")
    theme = RadioField("Colours", choices=["system", "light", "dark"], default="system")
    presence = RadioField("Others see that you are here", choices=["shown", "hidden"], default="shown")
    clock = RadioField("Times", choices=["system", "24", "12"], default="system")

    def __init__(self, user: User, **options):
        super().__init__(obj=user, **options)
        self.time_zone.choices = zones(user.time_zone)

    def validate_about(self, field) -> None:
        if field.data and (reason := flaw(field.data)):
            raise ValidationError(reason)


class PortraitForm(Form):
    """A person's own picture, with its ``media_type``."""

    picture = FileField("Picture")

    def validate_picture(self, field) -> None:
        file = request.files.get(field.name)
        if file is None or not file.filename:
            raise ValidationError("Choose a picture first.")
        file.stream.seek(0)  # the edge may run the view once more
        head = file.stream.read(picture_sizes.HEAD)
        file.stream.seek(0)
        self.media_type = file_types.type_of(head)
        if self.media_type not in file_types.PICTURES:
            raise ValidationError(NO_PICTURE)
        size = picture_sizes.size_of(head, self.media_type)
        if size and size.width * size.height > PIXELS:
            raise ValidationError(f"This picture has too many pixels. Up to {PIXELS // 10**6} million are possible.")
        field.data = file.stream


class TimeZoneForm(Form):
    time_zone = StringField()

    def validate_time_zone(self, field) -> None:
        if field.data not in time_zones.known():
            raise ValidationError("time_zone takes a name such as Europe/Berlin.")


class AddressForm(Form):
    """A new address for ``user``, who has to enter the password."""

    email = EmailField("New e-mail address", filters=[address], validators=ADDRESS)
    proof = PasswordField(
        "Your password", validators=[DataRequired("Enter your password."), Length(max=PASSWORD_LIMIT)]
    )

    def __init__(self, user: User, admission: Admission | None = None, **options):
        super().__init__(**options)
        self.user, self.admission = user, admission

    def validate_email(self, field) -> None:
        if field.data == self.user.email:
            raise ValidationError("This is your address already.")
        if self.admission and not self.admission.lets_change(self.user.email, field.data):
            raise ValidationError(f"Accounts are for addresses at {', '.join(self.admission.domains.split())}.")


class PasswordForm(Form):
    """A new password for ``user``, who has to enter the present one."""

    current = PasswordField(
        "Your password now", validators=[DataRequired("Enter your password."), Length(max=PASSWORD_LIMIT)]
    )
    password = PasswordField("New password", validators=NEW_PASSWORD)

    def __init__(self, user: User, **options):
        super().__init__(**options)
        self.user = user

    def validate_password(self, field) -> None:
        refuse_easy(field.data, self.user.name, self.user.email)
