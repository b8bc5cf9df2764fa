"""Chats and their members."""

from collections.abc import Iterable

from wtforms import EmailField, RadioField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, Length, Optional, ValidationError

from chatapp.lib.names import flaw
from chatapp.models import Chat, User
from chatapp.models.chat import DESCRIPTION_LIMIT
from chatapp.models.titles import TITLE_LIMIT

from .base import ID, TYPED_EMAIL, Form, address, one_line, printable


class ChatForm(Form):
    title = StringField("Title", filters=[one_line], validators=[Optional(), Length(max=TITLE_LIMIT), printable])
    description = TextAreaField(
        "Description", filters=[one_line], validators=[Optional(), Length(max=DESCRIPTION_LIMIT), printable]
    )
    kind = RadioField(
        "Who can join",
        choices=[SelectChoice("closed", "Members only"), SelectChoice("open", "Everyone")],
        default="closed",
    )
    writers = RadioField(
        "Who can write",
        choices=[SelectChoice("everyone", "Everyone"), SelectChoice("managers", "Managers only")],
        default="everyone",
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

    @property
    def settings(self) -> dict[str, str]:
        names = ("title", "kind", "assistant", "description", "writers")
        return {name: self[name].data for name in names}


class DeletionForm(Form):
    """``title`` is the title of ``chat``, typed once more. The case of its letters does not matter."""

    title = StringField("Title", filters=[one_line])

    def __init__(self, chat: Chat, **options):
        super().__init__(**options)
        self.chat = chat

    def validate_title(self, field) -> None:
        if field.data.casefold() != one_line(self.chat.display_title).casefold():
            raise ValidationError(f"Type “{self.chat.display_title}”, to be sure that you mean this chat.")


class MemberForm(Form):
    email = EmailField("E-mail", filters=[address], validators=[DataRequired("Enter an e-mail address."), *TYPED_EMAIL])


class ManagerForm(Form):
    manager = SelectField("Who manages it?", validate_choice=False)

    def offer(self, people: Iterable[User]) -> None:
        self.manager.choices = [("", "Choose somebody"), *((str(user.id), user.name) for user in people)]

    @property
    def chosen_id(self) -> int | None:
        chosen = self.manager.data or ""
        return int(chosen) if ID.fullmatch(chosen) else None
