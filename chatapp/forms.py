"""What people may type, and what they are told when they may not."""

import hmac
import re
from collections.abc import Iterable
from functools import cached_property
from uuid import uuid4

from flask import request
from flask_wtf import FlaskForm
from flask_wtf.form import SUBMIT_METHODS
from wtforms import EmailField, PasswordField, RadioField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, Email, Length, Optional, ValidationError

from .extensions import emoji_list
from .lib import markdown
from .lib.addresses import EMAIL_LIMIT, normalized_email
from .lib.csrf import MaskedFormToken
from .lib.names import composed, flaw, looks_like
from .lib.passwords import is_easy_to_guess
from .models import Chat, Message, User
from .models.message import CONTENT_LIMIT
from .models.titles import TITLE_LIMIT
from .models.user import ASSISTANT_NAME, NAME_LIMIT, PASSWORD_LIMIT, PASSWORD_MINIMUM

# Control characters other than tab and line feed: a database refuses some, and none can be seen.
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_ID = re.compile(r"[0-9]{1,10}")
_CLIENT_ID = re.compile(r"[A-Za-z0-9_-]{8,64}")


def one_line(value: str | None) -> str:
    return " ".join((value or "").split())


def line_feeds(value: str | None) -> str:
    return (value or "").replace("\r\n", "\n").replace("\r", "\n")


def printable(form, field) -> None:
    if field.data and _CONTROL.search(field.data):
        raise ValidationError("This contains a control character that can't be saved. Remove it, or paste plain text.")


def address(value: str | None) -> str:
    return normalized_email(value or "")


NO_ADDRESS = "This is no e-mail address that mail can be sent to. Use letters without accents before the @."
#: For an address that is only looked up.
TYPED_EMAIL = [Length(max=EMAIL_LIMIT), printable]


class Form(FlaskForm):
    """The text fields of the request. Ignores files of the same name, and JSON."""

    class Meta(FlaskForm.Meta):
        csrf_class = MaskedFormToken

        def wrap_formdata(self, form, formdata):
            sent = formdata is not None and request.method in SUBMIT_METHODS
            return request.form if sent else None


NEW_PASSWORD = [
    DataRequired("Choose a password."),
    Length(PASSWORD_MINIMUM, PASSWORD_LIMIT, "Use %(min)d to %(max)d characters."),
]


def refuse_easy(password: str, name: str, email: str) -> None:
    if is_easy_to_guess(password, [*name.split(), *email.split("@")]):
        raise ValidationError("This password is easy to guess. Choose a longer one, or a few words that are your own.")


class UserForm(Form):
    name = StringField(
        "Name",
        filters=[one_line, composed],
        validators=[DataRequired("Enter your name."), Length(max=NAME_LIMIT), printable],
    )
    email = EmailField(
        "E-mail",
        filters=[address],
        validators=[DataRequired("Enter your e-mail address."), Email(NO_ADDRESS, allow_smtputf8=False)],
    )
    password = PasswordField("Password", validators=NEW_PASSWORD)
    #: Whether this person may become the first administrator.
    founder = False

    def validate_name(self, field) -> None:
        if reason := flaw(field.data):
            raise ValidationError(reason)
        if looks_like(field.data, ASSISTANT_NAME):
            raise ValidationError("People could take this for the assistant. Choose another name.")

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
    theme = RadioField("Colours", choices=["system", "light", "dark"], default="system")
    clock = RadioField("Times", choices=["system", "24", "12"], default="system")


class PasswordForm(Form):
    """A new password for ``user``, who proves to know the present one."""

    current = PasswordField(
        "Your password now", validators=[DataRequired("Enter your password."), Length(max=PASSWORD_LIMIT)]
    )
    password = PasswordField("New password", validators=NEW_PASSWORD)

    def __init__(self, user: User, **options):
        super().__init__(**options)
        self.user = user

    def validate_password(self, field) -> None:
        refuse_easy(field.data, self.user.name, self.user.email)


class ChatForm(Form):
    title = StringField("Title", filters=[one_line], validators=[Optional(), Length(max=TITLE_LIMIT), printable])
    kind = RadioField(
        "Who can join",
        choices=[SelectChoice("closed", "Members only"), SelectChoice("open", "Everyone")],
        default="closed",
    )
    assistant = RadioField(
        "The assistant answers",
        choices=[
            SelectChoice("always", "Every message"),
            SelectChoice("mentioned", "When it is @mentioned"),
            SelectChoice("never", "Never"),
        ],
        default="always",
    )

    def validate_title(self, field) -> None:
        if field.data and (reason := flaw(field.data)):
            raise ValidationError(reason)


class MemberForm(Form):
    email = EmailField("E-mail", filters=[address], validators=[DataRequired("Enter an e-mail address."), *TYPED_EMAIL])


class ManagerForm(Form):
    manager = SelectField("Who manages it?", validate_choice=False)

    def offer(self, people: Iterable[User]) -> None:
        self.manager.choices = [("", "Choose somebody"), *((str(user.id), user.name) for user in people)]

    @property
    def chosen_id(self) -> int | None:
        chosen = self.manager.data or ""
        return int(chosen) if _ID.fullmatch(chosen) else None


class ReadForm(Form):
    """``message_id`` is the last message that was read, or 0 for none. With ``seen`` the mark only moves forward."""

    message_id = StringField()
    seen = StringField()

    def validate_message_id(self, field) -> None:
        if not _ID.fullmatch(field.data or ""):
            raise ValidationError("message_id takes the id of a message, or 0.")

    @property
    def last_read(self) -> int:
        return int(self.message_id.data)

    @property
    def was_seen(self) -> bool:
        return self.seen.data == "1"


class ReactionForm(Form):
    emoji = StringField(filters=[lambda value: emoji_list.spelled(value or "")])

    def validate_emoji(self, field) -> None:
        if emoji_list.find(field.data) is None:
            raise ValidationError("Choose one of the emoji in the list.")


class MessageForm(Form):
    content_limit = CONTENT_LIMIT
    content = TextAreaField("Message", filters=[line_feeds], validators=[printable])
    # Without JavaScript the page brings one along, so that a form sent twice makes one message.
    client_id = StringField(default=lambda: uuid4().hex, validators=[Optional()])

    def validate_content(self, field) -> None:
        if not field.data.strip():
            raise ValidationError("Write something first.")
        if len(field.data) > CONTENT_LIMIT:
            excess = len(field.data) - CONTENT_LIMIT
            raise ValidationError(f"This is {excess:,} characters too long; {CONTENT_LIMIT:,} are possible.")
        # The commit renders the message behind the chat's lock. What takes time there is parsed and remembered here,
        # while nobody waits.
        markdown.to_html(field.data)

    def validate_client_id(self, field) -> None:
        if not _CLIENT_ID.fullmatch(field.data):
            raise ValidationError("client_id takes 8 to 64 letters, digits, - and _.")

    @property
    def first_error(self) -> str:
        return next((error for field in self for error in field.errors), "")


class NewMessageForm(MessageForm):
    """``reply_to`` is the id of the message in ``chat`` that this one quotes, if any."""

    reply_to = StringField(validators=[Optional()])

    def __init__(self, chat: Chat, **options):
        super().__init__(**options)
        self.chat = chat

    def validate_reply_to(self, field) -> None:
        if self.quoted is None:
            raise ValidationError("reply_to takes the id of a message in this chat.")

    @cached_property
    def quoted(self) -> Message | None:
        id = self.reply_to.data or ""
        return Message.quotable(self.chat, int(id)) if _ID.fullmatch(id) and int(id) < 2**31 else None
