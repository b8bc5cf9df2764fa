"""Keys of other servers, which an administrator types and nobody ever sees again."""

import re
from urllib.parse import urlsplit

from wtforms.validators import ValidationError

from chatapp.lib.sealing import Unreadable, seal, unseal

KEY_LIMIT = 500
#: Seconds for which the page of a refused form keeps a typed key.
KEPT = 3600
WORDS = re.compile(r"[\x21-\x7e]+")
MOVED = "This key belongs to the earlier address. Type the one for the new address, or remove it."


class TakesKey:
    """For a form with the fields ``api_key``, ``kept_key`` and ``forget_key``.

    A key is never shown. Where the form is refused, its page keeps a key that was typed, sealed so that nobody can read
    it there, and for this administrator alone: ``purpose`` names both.
    """

    secret: str
    purpose: str
    #: The address as it is saved, and the saved key.
    saved_url: str | None
    saved_key: str | None

    @property
    def has_key(self) -> bool:
        return bool(self.saved_key)

    @property
    def key(self) -> str:
        """The key that was typed, now or before the form was refused."""
        if self.api_key.data or not self.kept_key.data:
            return self.api_key.data or ""
        try:
            return unseal(self.kept_key.data, self.secret, self.purpose, KEPT)
        except Unreadable:
            return ""

    def keep_key(self) -> None:
        """Have the page of the refused form carry the key."""
        self.kept_key.data = seal(self.key, self.secret, self.purpose) if self.key and not self.api_key.errors else ""

    def validate_api_key(self, field) -> None:
        if field.data and not WORDS.fullmatch(field.data):
            raise ValidationError("A key has no spaces and no accents. Copy it again.")

    def validate_kept_key(self, field) -> None:
        if field.data and not self.key:
            self.api_key.errors = ["The key that you typed was kept for an hour. Type it again."]
            raise ValidationError("It is too old.")

    def must_stay_with(self, url: str | None) -> None:
        """Refuse a saved key that would go to another address. It stays secret even from administrators, so it never
        goes to an address that one of them types."""
        moved = self.saved_url is not None and origin(self.saved_url) != origin(url or "")
        if moved and self.has_key and not self.key and not self.forget_key.data:
            self.api_key.errors = [MOVED]
            raise ValidationError("It stays with its address.")


def is_base_url(text: str) -> bool:
    """Whether this can be the address of a server. It must not contain a password, because it is shown and logged."""
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        return False
    plain = WORDS.fullmatch(text) and not (parts.query or parts.fragment or parts.username or parts.password)
    return bool(plain and parts.scheme in ("http", "https") and parts.hostname and port != 0)


def origin(base_url: str) -> tuple:
    """The server that a request goes to: OpenAI's for an empty address."""
    try:
        parts = urlsplit(base_url or "https://api.openai.com")
        return parts.scheme, parts.hostname, parts.port or {"http": 80, "https": 443}.get(parts.scheme)
    except ValueError:
        return (base_url,)
