"""Flask's sessions in signed cookies, with one serializer and one signer for all of them."""

from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from itsdangerous import TimestampSigner, URLSafeTimedSerializer


class Signer(TimestampSigner):
    """Derives each of its keys once."""

    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **options)
        self._derived: dict[bytes | str | None, bytes] = {}

    def derive_key(self, secret_key: str | bytes | None = None) -> bytes:
        """As in itsdangerous."""
        if secret_key not in self._derived:
            self._derived[secret_key] = super().derive_key(secret_key)
        return self._derived[secret_key]


class SignedCookies(SecureCookieSessionInterface):
    """Makes the serializer and its signer once. Flask makes both for each request, which takes longer than signing."""

    def __init__(self):
        self._keys: tuple | None = None

    def get_signing_serializer(self, app: Flask) -> URLSafeTimedSerializer | None:
        """The serializer for the current keys of ``app``."""
        keys = app.secret_key, *(app.config["SECRET_KEY_FALLBACKS"] or ())
        if keys != self._keys:
            self._keys, self._serializer = keys, self._made(app)
        return self._serializer

    def _made(self, app: Flask) -> URLSafeTimedSerializer | None:
        serializer = super().get_signing_serializer(app)
        if serializer is not None:
            serializer.signer = Signer
            signer = serializer.make_signer()
            serializer.make_signer = lambda salt=None: signer  # sessions have one salt
        return serializer
