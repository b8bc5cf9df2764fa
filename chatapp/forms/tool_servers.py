"""Servers of tools: their settings, and which of their tools assistants may use."""

from wtforms import BooleanField, PasswordField, SelectMultipleField, StringField
from wtforms.validators import DataRequired, Length, Optional, ValidationError

from chatapp.lib.names import composed, flaw
from chatapp.models import ToolServer, User
from chatapp.models.tool_server import NAME_LIMIT, URL_LIMIT, sealed

from .base import Form, one_line, printable
from .keys import KEY_LIMIT, WORDS, TakesKey, is_base_url

NO_URL = (
    "Enter an address that begins with http:// or https://, such as https://example.com/mcp. Leave out what stands "
    "behind a question mark: a key belongs into the field below."
)


class ToolServerForm(TakesKey, Form):
    """The settings of ``server``, or of a new one."""

    name = StringField(
        "Name",
        filters=[one_line, composed],
        validators=[DataRequired("Give it a name."), Length(max=NAME_LIMIT), printable],
    )
    url = StringField(
        "Address",
        filters=[lambda value: (value or "").strip()],
        validators=[DataRequired(NO_URL), Length(max=URL_LIMIT)],
    )
    api_key = PasswordField("Key", filters=[one_line], validators=[Optional(), Length(max=KEY_LIMIT)])
    kept_key = StringField()
    forget_key = BooleanField("Remove the key")
    enabled = BooleanField("Assistants may use its tools")

    def __init__(self, admin: User, secret: str, server: ToolServer | None = None, **options):
        super().__init__(**options)
        self.server, self.secret = server, secret
        self.saved_url, self.saved_key = (server.url, server.sealed_key) if server else (None, None)
        self.purpose = f"typed key of a tool server, by user {admin.id}"

    def show(self) -> None:
        """Fill the form with the saved settings."""
        for field in (self.name, self.url, self.enabled):
            field.data = getattr(self.server, field.short_name)

    @property
    def settings(self) -> dict[str, object]:
        settings = {"name": self.name.data, "url": self.url.data}
        if self.server:
            settings["enabled"] = self.enabled.data
        if self.key or self.forget_key.data:
            settings["sealed_key"] = sealed(self.key, self.secret)
        return settings

    def validate_name(self, field) -> None:
        if reason := flaw(field.data):
            raise ValidationError(reason)
        others = [server.name.casefold() for server in ToolServer.all() if server is not self.server]
        if field.data.casefold() in others:
            raise ValidationError("Another server has this name. Choose a different one.")

    def validate_url(self, field) -> None:
        if not is_base_url(field.data):
            raise ValidationError(NO_URL)

    def validate_api_key(self, field) -> None:
        # A scheme may stand before the key, as in "Basic YWRhOnB3".
        words = (field.data or "").split(" ")
        if field.data and (len(words) > 2 or not all(map(WORDS.fullmatch, words))):
            raise ValidationError("A key has no accents, and at most one space: behind a word such as Basic.")

    def validate_forget_key(self, field) -> None:
        self.must_stay_with(self.url.data)


class OfferedToolsForm(Form):
    """The tools that assistants may use, as the page has shown them."""

    tools = SelectMultipleField(validate_choice=False)

    @property
    def chosen(self) -> set[str]:
        return set(self.tools.data or [])
