"""People, and assistants, which write messages as people do."""

from contextlib import suppress
from typing import TYPE_CHECKING

from flask_login import UserMixin
from sqlalchemy import Index, Select, String, exists, false, literal_column, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, mapped_column, relationship

from chatapp.extensions import db, turbo
from chatapp.lib import passwords
from chatapp.lib.addresses import EMAIL_LIMIT, normalized_email
from chatapp.lib.locks import lock_table

from .mixins.lists_chats import ListsChats
from .mixins.looks import Looks
from .mixins.timestamps import Timestamps
from .session import Session

if TYPE_CHECKING:
    from .chat import Chat
    from .membership import Membership
    from .message import Message

NAME_LIMIT = 60
ABOUT_LIMIT = 140
HIDDEN_ZONE = "hidden"
#: The name of the built-in assistant. No other account may have this name or one that looks like it.
ASSISTANT_NAME = "Assistant"
PASSWORD_MINIMUM = 8
PASSWORD_LIMIT = 256


class Taken(ValueError):
    """There is an account with this e-mail address already."""


class PasswordChanged(RuntimeError):
    """The checked password is no longer the one of this account."""


class User(UserMixin, ListsChats, Looks, Timestamps, db.Model):
    __tablename__ = "users"
    __table_args__ = (
        Index("ix_users_built_in", "kind", unique=True, sqlite_where=db.text("kind = 'assistant' AND added = 0"),
              postgresql_where=db.text("kind = 'assistant' AND NOT added")),
        Index("ix_users_assistants", "id", sqlite_where=db.text("kind = 'assistant'"),
              postgresql_where=db.text("kind = 'assistant'")),
        Index("ix_users_admin", "admin", sqlite_where=db.text("admin = 1"), postgresql_where=db.text("admin")),
        Index("ix_users_untold_look", "id", sqlite_where=db.text("told_look <> look"),
              postgresql_where=db.text("told_look <> look")),
    )  # fmt: skip
    __allow_unmapped__ = True

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(NAME_LIMIT))
    email: Mapped[str | None] = mapped_column(String(EMAIL_LIMIT), unique=True)
    password_hash: Mapped[str | None] = mapped_column(String(200))
    kind: Mapped[str] = mapped_column(String(20), default="person")  # person | assistant
    #: Whether an administrator has added this assistant. The other one is built in.
    added: Mapped[bool] = mapped_column(default=False, server_default=false())
    admin: Mapped[bool] = mapped_column(default=False)
    active: Mapped[bool] = mapped_column(default=True)
    theme: Mapped[str] = mapped_column(String(10), default="system", server_default="system")  # system | light | dark
    clock: Mapped[str] = mapped_column(String(10), default="system", server_default="system")  # system | 12 | 24

    #: A line about the person, for the card.
    about: Mapped[str] = mapped_column(String(ABOUT_LIMIT), default="", server_default="")
    #: ``"Europe/Berlin"``; empty until a browser has told it, HIDDEN_ZONE for people who don't show their time.
    time_zone: Mapped[str] = mapped_column(String(64), default="", server_default="")
    #: Whether others see that this person is here.
    presence: Mapped[str] = mapped_column(String(10), default="shown", server_default="shown")  # shown | hidden

    #: The token of the session that was just started.
    login_token: str

    sessions: Mapped[list[Session]] = relationship(back_populates="user", cascade="all, delete-orphan")
    memberships: Mapped[list["Membership"]] = relationship(back_populates="user")

    # A record equals only itself: Flask-Login would compare log-in tokens, and most records have none.
    __eq__, __hash__ = object.__eq__, object.__hash__

    @property
    def is_active(self) -> bool:
        """Flask-Login refuses accounts that are not active."""
        return self.active

    def get_id(self) -> str:
        """What Flask-Login keeps in the cookie: the session's token, so that each log-in can be revoked."""
        return self.login_token

    @classmethod
    def sign_up(cls, name: str, email: str, password: str, founder: bool = False) -> "User":
        """A new person. A ``founder`` becomes the admin where the server has no admin yet.

        Raises Taken where somebody has this address, and ``Busy``.
        """
        password_hash = passwords.hash_of(password)
        admin = founder and cls._first_admin_is_wanted()
        user = cls(name=name, email=normalized_email(email), password_hash=password_hash, admin=admin)
        try:
            with db.session.begin_nested():
                db.session.add(user)
        except IntegrityError:
            raise Taken from None
        return user

    @classmethod
    def _first_admin_is_wanted(cls) -> bool:
        """Asks again behind a lock, so that only one of several people who sign up at once becomes the admin."""
        if not cls.admin_is_missing():
            return False
        lock_table(db.session(), cls.__table__)
        return cls.admin_is_missing()

    @classmethod
    def admin_is_missing(cls) -> bool:
        return not db.session.scalar(select(exists().where(cls.admin)))

    @classmethod
    def with_email(cls, email: str) -> "User | None":
        return db.session.scalar(select(cls).where(cls.email == normalized_email(email), cls.kind == "person"))

    @classmethod
    def assistant(cls) -> "User":
        """The built-in assistant, made when it is first needed. A unique index prevents a second one."""
        if assistant := cls.built_in():
            return assistant
        with suppress(IntegrityError), db.session.begin_nested():
            db.session.add(cls(name=ASSISTANT_NAME, kind="assistant"))
        return cls.built_in()

    @classmethod
    def built_in(cls) -> "User | None":
        """The built-in assistant, or None where nobody has needed it yet. For code that only reads."""
        return db.session.scalar(cls.assistants().where(~cls.added))

    @classmethod
    def assistants(cls) -> Select:
        """All assistants, including the retired ones."""
        # A literal and no parameter, because databases match a partial index by the text of its condition.
        return select(cls).where(cls.kind == literal_column("'assistant'"))

    @classmethod
    def person(cls, id: int) -> "User | None":
        """The person with this id, whose account may be closed."""
        return db.session.scalar(select(cls).where(cls.id == id, cls.kind == "person"))

    @classmethod
    def known(cls, id: int) -> "User | None":
        """The person or the assistant with this id, whose account may be closed."""
        return db.session.get(cls, id)

    @property
    def is_assistant(self) -> bool:
        return self.kind == "assistant"

    def can_manage(self, chat: "Chat") -> bool:
        """Whether this person may remove others from ``chat``, change who reads it and archive it."""
        return not chat.is_direct and (self.admin or self.id in chat.manager_ids)

    def can_change(self, chat: "Chat") -> bool:
        """Any member may rename the chat and bring it back from the archive, but not open or close it."""
        return not chat.is_direct and (self.admin or chat.membership_of(self) is not None)

    def can_edit(self, message: "Message") -> bool:
        chat = message.chat
        return message.author_id == self.id and chat.archived_at is None and chat.lets_write(self)

    def can_delete(self, message: "Message") -> bool:
        return self.admin or message.author_id == self.id

    def can_mark_unread(self, message: "Message") -> bool:
        """Whether this person may mark ``message`` as unread: their own messages never are."""
        return message.author_id != self.id and message.chat.membership_of(self) is not None

    def can_react(self, message: "Message") -> bool:
        return message.chat.archived_at is None and message.chat.membership_of(self) is not None

    def can_write(self, chat: "Chat") -> bool:
        """Whether this person, as a member, may write into ``chat`` and pin messages there."""
        return chat.archived_at is None and chat.membership_of(self) is not None and chat.lets_write(self)

    def change_password(self, password: str, here: Session) -> None:
        """Replace the password, and log out everywhere but ``here``.

        Raises PasswordChanged where somebody did so since this record was read, and ``Busy``.
        """
        password_hash = passwords.hash_of(password)
        unchanged = update(User).where(User.id == self.id, User.password_hash == self.password_hash)
        if db.session.execute(unchanged.values(password_hash=password_hash)).rowcount == 0:
            raise PasswordChanged
        self._log_out_elsewhere(here)

    def change_address(self, email: str, here: Session) -> None:
        """Log in by this address from now on, and log out everywhere but ``here``.

        Raises Taken where another account has it, and PasswordChanged as ``change_password`` does.
        """
        unchanged = update(User).where(User.id == self.id, User.password_hash == self.password_hash)
        try:
            with db.session.begin_nested():
                changed = db.session.execute(unchanged.values(email=normalized_email(email))).rowcount
        except IntegrityError:
            raise Taken from None
        if changed == 0:
            raise PasswordChanged
        self._log_out_elsewhere(here)

    def _log_out_elsewhere(self, here: Session) -> None:
        for other in self.sessions:
            if other is not here:
                other.end()

    def deactivate(self) -> None:
        """Log out everywhere and for good; what was written stays."""
        self.active = False
        self.log_out_everywhere()

    def log_out_everywhere(self) -> None:
        """End all sessions, and the streams open in them."""
        self.sessions.clear()
        turbo.end(db.session(), f"user:{self.id}")
