"""Browsers in which somebody has logged in before: guesses at the account from elsewhere do not lock them out.

A log-in leaves a signed cookie that names the account and the browser, and that stays after the log-out. Attempts that
bring it along have limits of their own; OWASP calls this device cookies.
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
    """What limits know an account by: short, whatever was typed, and no address in Redis."""
    return sha256(normalized_email(email).encode()).hexdigest()[:32]


def known_device(email: str) -> str | None:
    """The id of this browser, if somebody has logged in to this account in it."""
    try:
        remembered, device = _serializer().loads(request.cookies.get(COOKIE, ""))
    except (BadSignature, ValueError, TypeError):
        return None
    return device if remembered == account(email) else None


def remember(user: User) -> None:
    """Give the answer to this request the cookie, if the browser has none for this account."""
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
