"""Seals short secrets for storage: a thief who has only the database can't read them.

The key is derived from a secret of the installation, and from what the sealed text is for. So a text sealed for one
purpose can't be opened for another.
"""

from base64 import urlsafe_b64encode

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF


class Unreadable(ValueError):
    """The text was sealed with another secret, for another purpose, too long ago, or was changed since."""


def seal(text: str, secret: str, purpose: str) -> str:
    """``text`` in about twice as many characters, all of them ASCII, and different each time."""
    return _fernet(secret, purpose).encrypt(text.encode()).decode()


def unseal(sealed: str, secret: str, purpose: str, seconds: int | None = None) -> str:
    """The text that ``seal`` got, at most ``seconds`` ago. Raises Unreadable, which does not show the text."""
    try:
        return _fernet(secret, purpose).decrypt(sealed.encode(), ttl=seconds).decode()
    except (InvalidToken, UnicodeError):
        raise Unreadable from None


def _fernet(secret: str, purpose: str) -> Fernet:
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=purpose.encode()).derive(secret.encode())
    return Fernet(urlsafe_b64encode(derived))
