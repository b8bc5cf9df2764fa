"""What an assistant works with: its model, and how to reach it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from sqlalchemy import ForeignKey, String, Text, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from chatapp.extensions import db, queue
from chatapp.lib.llm import OPENAI
from chatapp.lib.locks import lock_table
from chatapp.lib.model_windows import sees_pictures, window_of
from chatapp.lib.names import like
from chatapp.lib.sealing import Unreadable, seal, unseal
from chatapp.turbo import after_commit

from .mixins.equipped import Equipped
from .mixins.timestamps import Timestamps
from .user import ASSISTANT_NAME, User

if TYPE_CHECKING:
    from typing import Self

MODEL_LIMIT = 200
URL_LIMIT = 500
INSTRUCTIONS_LIMIT = 8_000
#: The window of an unknown model, in tokens. Many local servers give every model this much.
UNKNOWN_WINDOW = 4_096
OLLAMA_PORT = 11434
#: The most tokens read unless an administrator allows more: each question pays for all that is read for it.
READ_BY_ITSELF = 32_000
#: The smallest window, in tokens, of models that find titles. Smaller ones mostly belong to very small models.
TITLES_FROM = 8_000
REPLY_TOKENS = 2_000
MEASURE_JOB = "chatapp.jobs.assistants.measure"
KEY = "keys of assistants"
LOST_KEY = "The assistant's key can't be read any more. An administrator has to enter it again."


class NameTaken(ValueError):
    """People could take the name for that of another account."""


@dataclass(frozen=True)
class Setup:
    """The settings with which a model is asked. They hold the key, so their ``repr`` leaves it out."""

    base_url: str
    model: str
    instructions: str
    context_tokens: int
    reply_tokens: int
    api_key: str = field(repr=False)
    #: Whether there is a key that nobody can read any more, because SECRET_KEY has changed.
    key_is_lost: bool = False
    #: Whether the model is given the pictures of a conversation.
    sees: bool = False

    @classmethod
    def of(cls, user: User | None, config: Mapping) -> "Setup":
        """The setup of ``user``, an assistant; None stands for the built-in one before anybody has needed it. Without
        settings of its own it has those of the environment; without a model of its own, the built-in one's."""
        own = user and db.session.get(Assistant, user.id)
        if own is None:
            return cls.of_environment(config)
        if own.model:
            return own.setup(config["SECRET_KEY"])
        shared = cls.of(User.built_in(), config)
        limits = {"context_tokens": own.context_tokens or shared.context_tokens, "reply_tokens": own.reply_tokens}
        sees = shared.sees if own.sees_pictures is None else own.sees_pictures
        return replace(shared, instructions=own.instructions, sees=sees, **limits)

    @classmethod
    def of_environment(cls, config: Mapping) -> "Setup":
        model = config["ASSISTANT_MODEL"]
        return cls(
            config["OPENAI_BASE_URL"],
            model,
            config["ASSISTANT_PROMPT"],
            config["ASSISTANT_CONTEXT_TOKENS"] or window(model, config["OPENAI_BASE_URL"]),
            config["ASSISTANT_REPLY_TOKENS"],
            config["OPENAI_API_KEY"],
            sees=sees_pictures(model),
        )

    @property
    def budget(self) -> int:
        """The tokens left for what the model reads."""
        return max(self.context_tokens - self.reply_tokens, self.context_tokens // 2)

    @property
    def host(self) -> str:
        """Where the model is, for people."""
        try:
            parts = urlsplit(self.base_url or OPENAI)
            return f"{parts.hostname}:{parts.port}" if parts.port else parts.hostname or ""
        except ValueError:  # the environment may say anything
            return ""

    @property
    def finds_titles(self) -> bool:
        return self.context_tokens >= TITLES_FROM


def window(model: str, base_url: str, told: int | None = None) -> int:
    """The tokens of the model's window, as its server or its name says, and READ_BY_ITSELF at most.

    Ollama gives any model UNKNOWN_WINDOW unless it is told otherwise, and cuts a longer conversation without a word.
    """
    known = window_of(model) or UNKNOWN_WINDOW
    most = UNKNOWN_WINDOW if f":{OLLAMA_PORT}" in base_url and not told else READ_BY_ITSELF
    return min(told or known, most)


class Assistant(Equipped, Timestamps, db.Model):
    """The settings of ``user``. The built-in assistant has none until an administrator edits it."""

    __tablename__ = "assistants"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    #: Empty for OpenAI's.
    base_url: Mapped[str] = mapped_column(String(URL_LIMIT), default="")
    #: Empty for the model of the built-in assistant, at its server and with its key.
    model: Mapped[str] = mapped_column(String(MODEL_LIMIT), default="")
    instructions: Mapped[str] = mapped_column(Text, default="")
    #: None for the window of the model.
    context_tokens: Mapped[int | None]
    #: The window, as the model's server told it.
    told_tokens: Mapped[int | None]
    reply_tokens: Mapped[int] = mapped_column(default=REPLY_TOKENS)
    sealed_key: Mapped[str | None] = mapped_column(Text)
    #: None where the name of the model tells.
    sees_pictures: Mapped[bool | None]

    user: Mapped[User] = relationship()

    @classmethod
    def all(cls) -> list[tuple[User, "Assistant | None"]]:
        """All assistants with their settings: the built-in one, the others by name, and the retired ones."""
        users = User.assistants().order_by(User.added, User.active.desc(), User.name, User.id)
        own = {assistant.user_id: assistant for assistant in db.session.scalars(select(cls))}
        return [(user, own.get(user.id)) for user in db.session.scalars(users)]

    @classmethod
    def add(cls, name: str, **settings) -> "Self":
        """A new assistant. Raises NameTaken."""
        cls._take(name, None)
        user = User(name=name, kind="assistant", added=True)
        db.session.add(user)
        db.session.flush()
        return cls._of(user, settings)

    @classmethod
    def edit_built_in(cls, name: str, **settings) -> "Self":
        """Give the built-in assistant settings of its own. Raises NameTaken."""
        # Two administrators may begin at the same moment.
        lock_table(db.session(), cls.__table__)
        user = User.assistant()
        db.session.flush()
        own = db.session.get(cls, user.id, populate_existing=True) or cls._of(user, {})
        own.change(name, **settings)
        return own

    @classmethod
    def _of(cls, user: User, settings: dict) -> "Self":
        own = cls(user=user, **settings)
        db.session.add(own)
        own.measure_later()
        return own

    def change(self, name: str, **settings) -> None:
        """Change the name and the settings. Raises NameTaken."""
        if name != self.user.name:
            self._take(name, self.user)
            self.user.rename(name)
        asked = (self.base_url, self.model)
        for setting, value in settings.items():
            setattr(self, setting, value)
        if asked != (self.base_url, self.model):
            self.told_tokens = None
        self.measure_later()

    def retire(self) -> None:
        """Have it answer nothing from now on. What it wrote stays, and so do its memberships."""
        self.user.active = False

    def bring_back(self) -> None:
        self.user.active = True

    def forget(self) -> None:
        """Give the built-in assistant the settings of the environment and its first name again."""
        if not self.user.added:
            self.user.rename(ASSISTANT_NAME)
            db.session.delete(self)

    def setup(self, secret: str) -> Setup:
        key, is_lost = self._key(secret)
        tokens = self.context_tokens or window(self.model, self.base_url, self.told_tokens)
        sees = sees_pictures(self.model) if self.sees_pictures is None else self.sees_pictures
        return Setup(self.base_url, self.model, self.instructions, tokens, self.reply_tokens, key, is_lost, sees)

    def _key(self, secret: str) -> tuple[str, bool]:
        try:
            return unseal(self.sealed_key, secret, KEY) if self.sealed_key else "", False
        except Unreadable:
            return "", True

    def measure_later(self) -> None:
        """Have the model's server asked for its window, once this is committed."""
        user = self.user
        after_commit(db.session(), lambda: queue.enqueue(MEASURE_JOB, user.id))

    # Names

    @staticmethod
    def namesake(name: str, of: User | None = None) -> str | None:
        """The name of another account that people could take for ``name``.

        Looks at all names: they rarely change, and an administrator can wait.
        """
        others = db.session.scalars(select(User.name).where(User.id != of.id if of else True).distinct())
        return like(name, [ASSISTANT_NAME, *others] if of is None or of.added else others)

    @staticmethod
    def named_like(name: str) -> str | None:
        """The name of an assistant that people could take for ``name``, also of a retired one."""
        return like(name, [ASSISTANT_NAME, *db.session.scalars(User.assistants().with_only_columns(User.name))])

    @classmethod
    def _take(cls, name: str, of: User | None) -> None:
        # Two administrators may choose names at the same moment.
        lock_table(db.session(), cls.__table__)
        if cls.namesake(name, of):
            raise NameTaken


def sealed(api_key: str, secret: str) -> str | None:
    """The key as the database stores it."""
    return seal(api_key, secret, KEY) if api_key else None
