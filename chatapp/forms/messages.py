"""Messages, and what people do with them."""

import re
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple
from uuid import uuid4

from flask import request
from wtforms import StringField, TextAreaField
from wtforms.validators import Optional, ValidationError

from chatapp.extensions import emoji_list
from chatapp.lib import markdown
from chatapp.models import Chat, Message
from chatapp.models.attachment_limits import Limits
from chatapp.models.message import CONTENT_LIMIT

from .base import ID, Form, is_id, is_unprintable, line_feeds, printable
from .files import IdsField, limits, sent_files, valid_ids

_CLIENT_ID = re.compile(r"[A-Za-z0-9_-]{8,64}")


class ReadForm(Form):
    """``message_id`` is the last message read, or 0 for none. With ``seen`` the mark only moves forward."""

    message_id = StringField()
    seen = StringField()

    def validate_message_id(self, field) -> None:
        if not ID.fullmatch(field.data or ""):
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
    # Without JavaScript, the page carries an id, so that a form sent twice makes one message.
    client_id = StringField(default=lambda: uuid4().hex, validators=[Optional()])

    #: Whether the message needs no text, because it has files.
    has_files = False

    def validate_content(self, field) -> None:
        if not field.data.strip() and not self.has_files:
            raise ValidationError("Write something first.")
        if len(field.data) > CONTENT_LIMIT:
            excess = len(field.data) - CONTENT_LIMIT
            raise ValidationError(f"This is {excess:,} characters too long; {CONTENT_LIMIT:,} are possible.")
        # The commit renders the message behind the chat's lock. Its slow part, the parsing, is done and remembered
        # here, while nobody waits.
        markdown.to_html(field.data)

    def validate_client_id(self, field) -> None:
        if not _CLIENT_ID.fullmatch(field.data):
            raise ValidationError("client_id takes 8 to 64 letters, digits, - and _.")

    @property
    def first_error(self) -> str:
        return next((error for field in self for error in field.errors), "")


class PlainText(NamedTuple):
    """A message that is text and nothing else, as most are. It follows the rules of ``NewMessageForm``, which would
    find nothing to refuse in it and takes longer."""

    content: str
    client_id: str

    @classmethod
    def sent(cls) -> "PlainText | None":
        """Returns None for any other message, and for one that has to be refused."""
        form, content = request.form, line_feeds(request.form.get("content"))
        client_id = form["client_id"] if "client_id" in form else uuid4().hex
        if form.get("reply_to") or any(form.getlist("upload_ids")) or sent_files():
            return None
        if not content.strip() or len(content) > CONTENT_LIMIT or is_unprintable(content):
            return None
        return cls(content, client_id) if _CLIENT_ID.fullmatch(client_id) else None


@dataclass(frozen=True)
class Composer:
    """The field in which people write a message: empty, or with a refused text and the reason. Each page of a chat
    shows one, and a form would cost more than all messages of that page."""

    content: str = ""
    client_id: str = field(default_factory=lambda: uuid4().hex)
    error: str = ""
    content_limit = CONTENT_LIMIT

    @classmethod
    def of(cls, form: "NewMessageForm") -> "Composer":
        errors = [*form.content.errors, *form.upload_ids.errors]
        return cls(form.content.data or "", form.client_id.data or "", " ".join(errors))

    @cached_property
    def limits(self) -> Limits:
        return limits()


class NewMessageForm(MessageForm):
    """``reply_to`` is the id of the message in ``chat`` that this one quotes, if any.

    ``upload_ids`` are files uploaded before, and ``files`` come with the form.
    """

    reply_to = StringField(validators=[Optional()])
    upload_ids = IdsField(validators=[valid_ids])

    def __init__(self, chat: Chat, **options):
        super().__init__(**options)
        self.chat = chat
        self.limits = limits()

    @property
    def files(self) -> list:
        return sent_files()

    @property
    def has_files(self) -> bool:
        return bool(self.upload_ids.data or self.files)

    def refuse(self, words: str) -> None:
        """Says why the files cannot be sent."""
        self.content.errors = [words]

    def validate_reply_to(self, field) -> None:
        if self.quoted is None:
            raise ValidationError("reply_to takes the id of a message in this chat.")

    @cached_property
    def quoted(self) -> Message | None:
        id = self.reply_to.data or ""
        return Message.quotable(self.chat, int(id)) if is_id(id) else None
