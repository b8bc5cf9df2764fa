"""The settings of an assistant."""

from collections.abc import Mapping

from wtforms import (
    BooleanField,
    IntegerField,
    PasswordField,
    RadioField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional, ValidationError

from chatapp.lib.model_windows import sees_pictures
from chatapp.lib.names import composed, flaw
from chatapp.models import Assistant, ToolServer, User
from chatapp.models.assistant import INSTRUCTIONS_LIMIT, MODEL_LIMIT, REPLY_TOKENS, URL_LIMIT, Setup, sealed, window
from chatapp.models.mentioning import ALL
from chatapp.models.mixins.equipped import BUILT_IN_TOOLS
from chatapp.models.user import NAME_LIMIT

from .base import Form, line_feeds, one_line, printable
from .keys import KEY_LIMIT, TakesKey, is_base_url

LARGEST_WINDOW, LARGEST_REPLY = 10_000_000, 100_000
#: The choices of the form, and the values that the assistant gets.
SIGHT = {"known": None, "yes": True, "no": False}
WINDOW_RANGE = f"Enter a number from 512 to {LARGEST_WINDOW:,}, or leave this empty."
REPLY_RANGE = f"Enter a number from 16 to {LARGEST_REPLY:,}."
NO_URL = "Enter an address that begins with http:// or https://, such as http://localhost:11434/v1."


def base_address(value: str | None) -> str:
    """Returns the address without the path that the app itself appends."""
    return (value or "").strip().rstrip("/").removesuffix("/chat/completions")


class AssistantForm(TakesKey, Form):
    """The settings of ``user``, or of a new assistant."""

    name = StringField(
        "Name",
        filters=[one_line, composed],
        validators=[DataRequired("Give it a name."), Length(max=NAME_LIMIT), printable],
    )
    base_url = StringField("Address of the server", filters=[base_address], validators=[Length(max=URL_LIMIT)])
    api_key = PasswordField(
        "Key", filters=[lambda value: (value or "").strip()], validators=[Optional(), Length(max=KEY_LIMIT)]
    )
    kept_key = StringField()
    forget_key = BooleanField("Remove the key")
    model = StringField(
        "Model",
        filters=[one_line],
        validators=[Length(max=MODEL_LIMIT), printable],
    )
    instructions = TextAreaField(
        "Instructions", filters=[line_feeds], validators=[Optional(), Length(max=INSTRUCTIONS_LIMIT), printable]
    )
    sees_pictures = RadioField("Sees pictures", choices=list(SIGHT), default="known")
    tools = SelectMultipleField("Tools", choices=[SelectChoice(name, name) for name in BUILT_IN_TOOLS])
    #: Ids of servers. One may have been removed since the page was rendered.
    servers = SelectMultipleField("Servers", validate_choice=False)
    context_tokens = IntegerField(
        "Context size in tokens", validators=[Optional(), NumberRange(512, LARGEST_WINDOW, WINDOW_RANGE)]
    )
    reply_tokens = IntegerField(
        "Longest answer in tokens",
        default=REPLY_TOKENS,
        validators=[InputRequired(REPLY_RANGE), NumberRange(16, LARGEST_REPLY, REPLY_RANGE)],
    )

    def __init__(self, admin: User, config: Mapping, user: User | None = None, own: Assistant | None = None, **options):
        super().__init__(**options)
        self.user, self.own, self.config, self.secret = user, own, config, config["SECRET_KEY"]
        self.saved_url, self.saved_key = (own.base_url, own.sealed_key) if own else (None, None)
        self.known_servers = ToolServer.all()
        self.purpose = f"typed key of an assistant, by user {admin.id}"

    def show(self, setup: Setup) -> None:
        """Fill the form with the present name and settings."""
        self.name.data = self.user.name
        for name in ("base_url", "model", "instructions", "reply_tokens"):
            self[name].data = getattr(self.own or setup, name)
        self.context_tokens.data = self.own.context_tokens if self.own else None
        self.tools.data = self.own.built_in_tools if self.own else []
        self.servers.data = [str(server.id) for server in self.own.servers] if self.own else []
        sees = self.own.sees_pictures if self.own else None
        self.sees_pictures.data = {None: "known", True: "yes", False: "no"}[sees]

    @property
    def sight_words(self) -> str:
        """Whether the saved model sees pictures, as far as its name tells."""
        if self.user is None:
            return "Many well-known models are. Any other gets their names."
        model = Setup.of(self.user, self.config).model
        return f"{model} is." if sees_pictures(model) else f"{model} is not: it gets their names."

    @property
    def settings(self) -> dict[str, object]:
        names = ("base_url", "model", "instructions", "context_tokens", "reply_tokens")
        settings = {name: self[name].data for name in names}
        settings["sees_pictures"] = SIGHT[self.sees_pictures.data]
        settings["tools"] = " ".join(dict.fromkeys(self.tools.data or []))
        settings["servers"] = [server for server in self.known_servers if str(server.id) in (self.servers.data or [])]
        if self.key or self.forget_key.data or not self.model.data:
            settings["sealed_key"] = sealed(self.key, self.secret)
        return settings

    def validate_name(self, field) -> None:
        if reason := flaw(field.data):
            raise ValidationError(reason)
        if field.data.casefold() == ALL:
            raise ValidationError("@all means everybody. Choose another name.")
        if self.user and field.data == self.user.name:
            return
        if taken := Assistant.namesake(field.data, self.user):
            raise ValidationError(f"People could take this for {taken}. Choose another name.")

    def validate_model(self, field) -> None:
        if field.data:
            return
        if self.user and not self.user.added:
            raise ValidationError("Enter the name by which its server knows it.")
        if self.base_url.data or self.key:
            raise ValidationError("Enter the model, too. Or leave address and key empty, to share the built-in one's.")

    def validate_base_url(self, field) -> None:
        if field.data and not is_base_url(field.data):
            raise ValidationError(NO_URL)

    def validate_forget_key(self, field) -> None:
        self.must_stay_with(self.base_url.data)

    def validate_reply_tokens(self, field) -> None:
        most = (self.context_tokens.data or self._window()) // 2
        if field.data and field.data > most:
            raise ValidationError(f"Half of the context has to stay for what is read. Enter {most:,} at most.")

    def _window(self) -> int:
        if not self.model.data:
            return Setup.of(User.built_in(), self.config).context_tokens
        told = self.own.told_tokens if self.own and self.own.model == self.model.data else None
        return window(self.model.data, self.base_url.data or "", told)
