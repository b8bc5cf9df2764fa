"""CSRF tokens that look different in every page.

A compressed page that shows a stranger's words beside a secret leaks the secret by its length: the closer the words are
to the secret, the shorter the page. (The attack is called BREACH.) So each page writes the token in other characters.
"""

import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error

from flask import Flask, g, request
from flask_wtf.csrf import CSRFProtect, generate_csrf, same_origin
from wtforms.csrf.core import CSRF


class MaskedCSRFProtect(CSRFProtect):
    """Flask-WTF's protection, with a ``csrf_token()`` in templates, masked anew for each request."""

    def init_app(self, app: Flask) -> None:
        super().init_app(app)
        app.jinja_env.globals["csrf_token"] = masked_token
        app.context_processor(lambda: {"csrf_token": masked_token})

    def protect(self, apply_exemptions: bool = False) -> None:
        """Refuses a request without the session's token, and over HTTPS one that another site has sent.

        Flask-WTF insists on ``Referer``, which some networks and browsers remove from every request: their users could
        send nothing. A request with neither ``Referer`` nor ``Origin`` still needs the token, and no site can keep a
        browser from sending ``Origin``.
        """
        super().protect(apply_exemptions)
        if request.is_secure and g.get("csrf_valid") and not is_from_here():
            self._error_response("The request comes from another site.")

    def _get_csrf_token(self) -> str | None:
        sent = super()._get_csrf_token()
        return unmasked(sent) if sent else None


class MaskedFormToken(CSRF):
    """The ``csrf_class`` for a form's Meta. It only writes the token; MaskedCSRFProtect checks it before any view."""

    def generate_csrf_token(self, csrf_token_field) -> str:
        return masked_token()

    def validate_csrf_token(self, form, field) -> None:
        pass


def is_from_here() -> bool:
    source = request.referrer or request.origin
    return source is None or same_origin(source, f"https://{request.host}/")


def masked_token() -> str:
    """A random pad and the session's token masked with it, in URL-safe base64. The same text throughout a request."""
    if "masked_csrf_token" not in g:
        token = generate_csrf().encode()
        pad = secrets.token_bytes(len(token))
        g.masked_csrf_token = urlsafe_b64encode(pad + exclusive_or(token, pad)).decode().rstrip("=")
    return g.masked_csrf_token


def unmasked(sent: str) -> str:
    """The token without its mask. Text that is not masked comes back unchanged, and Flask-WTF judges it."""
    try:
        both = urlsafe_b64decode(sent + "=" * (-len(sent) % 4))
        return exclusive_or(both[len(both) // 2 :], both[: len(both) // 2]).decode()
    except (Error, ValueError):
        return sent


def exclusive_or(left: bytes, right: bytes) -> bytes:
    """Both texts combined bit by bit. Raises ValueError where their lengths differ."""
    if len(left) != len(right):
        raise ValueError("A mask is as long as what it masks.")
    return (int.from_bytes(left) ^ int.from_bytes(right)).to_bytes(len(left))
