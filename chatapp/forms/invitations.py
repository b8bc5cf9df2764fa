"""Invitations, and who may sign up."""

import re
from datetime import timedelta

from wtforms import IntegerField, RadioField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, NumberRange, ValidationError

from chatapp.lib.addresses import normalized_email
from chatapp.models import Chat
from chatapp.models.admission import ADMINS, DOMAINS, DOMAINS_LIMIT, EVERYBODY, INVITATION, OPEN
from chatapp.models.invitation import USES_LIMIT

from .base import Form, one_line, printable

_DOMAIN = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)+")
HOW_MANY = f"Enter a number from 1 to {USES_LIMIT:,}."


class InvitationForm(Form):
    """``chats`` are the chats that the invitation may lead into."""

    chat_id = SelectField("Where they land", default="")
    days = SelectField(
        "How long it works",
        choices=[SelectChoice("1", "A day"), SelectChoice("7", "A week"), SelectChoice("30", "30 days")],
        default="7",
    )
    uses = IntegerField(
        "For how many people", default=10, validators=[InputRequired(HOW_MANY), NumberRange(1, USES_LIMIT, HOW_MANY)]
    )

    def __init__(self, chats: list[Chat], **options):
        super().__init__(**options)
        self.chats = {str(chat.id): chat for chat in chats}
        titles = [SelectChoice(id, chat.display_title) for id, chat in self.chats.items()]
        self.chat_id.choices = [SelectChoice("", "The start page"), *titles]

    @property
    def chat(self) -> Chat | None:
        return self.chats.get(self.chat_id.data)

    @property
    def lasts(self) -> timedelta:
        return timedelta(days=int(self.days.data))


class AdmissionForm(Form):
    signup = RadioField("Who can sign up?", choices=[OPEN, DOMAINS, INVITATION], default=OPEN)
    domains = StringField("Domains", filters=[one_line], validators=[Length(max=DOMAINS_LIMIT), printable])
    inviters = RadioField("Who can invite?", choices=[EVERYBODY, ADMINS], default=EVERYBODY)

    @property
    def domain_list(self) -> list[str]:
        """The domains as addresses have them: in lower case and in ASCII."""
        names = (name.removeprefix("@") for name in re.split(r"[\s,;]+", self.domains.data or "") if name)
        return list(dict.fromkeys(normalized_email(f"somebody@{name}").rpartition("@")[2] for name in names))

    def validate_domains(self, field) -> None:
        for name in self.domain_list:
            if not _DOMAIN.fullmatch(name):
                raise ValidationError(f"{name} is not a domain. Write it as example.com.")
        if len(" ".join(self.domain_list)) > DOMAINS_LIMIT:
            raise ValidationError("These are too many domains.")
        if self.signup.data == DOMAINS and not self.domain_list:
            raise ValidationError("Enter at least one domain.")
