"""Chats and their members."""

from collections.abc import Iterable
from functools import cached_property

from wtforms import EmailField, RadioField, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Length, Optional, ValidationError

from chatapp.lib.names import flaw
from chatapp.models import Chat, User
from chatapp.models.chat import DESCRIPTION_LIMIT
from chatapp.models.mixins.direct import PEOPLE
from chatapp.models.titles import TITLE_LIMIT

from .base import TYPED_EMAIL, Form, address, is_id, one_line, printable

#: The most people that one request may name. Further ids are ignored.
OFFERED_IDS = 20


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

    link_previews = RadioField(
        "Previews of links",
        choices=[
            SelectChoice("open", "While everyone can read it"),
            SelectChoice("always", "Always"),
            SelectChoice("never", "Never"),
        ],
        default="open",
    )

    sharing = RadioField(
        "Sharing answers",
        choices=[SelectChoice("off", "Nobody"), SelectChoice("on", "Everyone who writes")],
        default="off",
    )

    tools = RadioField(
        "Tools",
        choices=[SelectChoice("ask", "Ask first"), SelectChoice("use", "Use them"), SelectChoice("never", "Never")],
        default="ask",
    )

    def validate_title(self, field) -> None:
        if field.data and (reason := flaw(field.data)):
            raise ValidationError(reason)

    @property
    def settings(self) -> dict[str, str]:
        names = ("title", "kind", "assistant", "description", "writers", "link_previews", "sharing", "tools")
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
    """The person to add: one whom the search found, by ``user_id``, or the owner of a whole address."""

    email = EmailField("Name or e-mail address", filters=[address], validators=[Optional(), *TYPED_EMAIL])
    user_id = StringField(validators=[Optional()])

    @property
    def is_empty(self) -> bool:
        return not (self.email.data or self.user_id.data)

    @property
    def person(self) -> User | None:
        if self.user_id.data:
            found = User.known(int(self.user_id.data)) if is_id(self.user_id.data) else None
        else:
            found = User.with_email(self.email.data)
        return found if found and found.active else None


class DirectForm(Form):
    """The people with whom ``viewer`` begins a direct chat, by their ids."""

    user_ids = SelectMultipleField(validate_choice=False)

    def __init__(self, viewer: User, **options):
        super().__init__(**options)
        self.viewer = viewer

    @property
    def ids(self) -> list[int]:
        """The chosen ids in their order, without the viewer's own."""
        sent = (int(id) for id in self.user_ids.data or [] if is_id(id))
        return [id for id in dict.fromkeys(sent) if id != self.viewer.id][:OFFERED_IDS]

    @cached_property
    def people(self) -> list[User]:
        found = (User.known(id) for id in self.ids)
        return [user for user in found if user and user.active]

    def validate_user_ids(self, field) -> None:
        if len(self.people) < len(self.ids):
            raise ValidationError("An account that you have chosen is closed. Begin without it.")
        if not self.people:
            raise ValidationError("Choose somebody to write to.")
        if len(self.people) >= PEOPLE:
            raise ValidationError(f"A direct chat has up to {PEOPLE - 1} people beside you. Start a chat for more.")


class ManagerForm(Form):
    manager = SelectField("Who manages it?", validate_choice=False)

    def offer(self, people: Iterable[User]) -> None:
        self.manager.choices = [("", "Choose somebody"), *((str(user.id), user.name) for user in people)]

    @property
    def chosen_id(self) -> int | None:
        chosen = self.manager.data or ""
        return int(chosen) if is_id(chosen) else None
