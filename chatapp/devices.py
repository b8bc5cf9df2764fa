"""Remembers the browsers in which somebody has logged in. Guesses from elsewhere do not lock the owner out of them.

A log-in leaves a signed cookie that names the account and the browser. It stays after the log-out. Attempts that send
it have limits of their own. OWASP calls these device cookies.
"""

import secrets
from hashlib import sha256

from flask import after_this_request, current_app, request
from itsdangerous import BadSignature, URLSafeSerializer

from .lib.addresses import normalized_email
from .models import User

COOKIE = "plainwire_device"
LIFETIME = 365 * 24 * 3600  # seconds


def account(email: str) -> str:
    """The name of an account in the limits: a digest, so it is short and puts no address into Redis."""
    return sha256(normalized_email(email).encode()).hexdigest()[:32]


def known_device(email: str) -> str | None:
    """The id of this browser, if somebody has logged in to this account in it."""
    try:
        remembered, device = _serializer().loads(request.cookies.get(COOKIE, ""))
    except (BadSignature, ValueError, TypeError):
        return None
    return device if remembered == account(email) else None


def remember(user: User) -> None:
    """Set the cookie with the answer to this request, unless the browser has one for this account."""
    if known_device(user.email) is None:
        after_this_request(lambda response: _set_cookie(response, [account(user.email), secrets.token_hex(8)]))


def _set_cookie(response, content):
    response.set_cookie(
        COOKIE,
        _serializer().dumps(content),
        max_age=LIFETIME,
        path="/login",  # nothing else needs it
        secure=current_app.config["SESSION_COOKIE_SECURE"],
        httponly=True,
        samesite="Lax",
    )
    return response


def _serializer() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.config["SECRET_KEY"], salt="device")
