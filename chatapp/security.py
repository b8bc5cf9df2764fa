"""Tells browsers to allow only what this app needs."""

from flask import Flask, Response, abort, current_app, request
from werkzeug.exceptions import SecurityError

from .authentication import is_public
from .extensions import assets
from .helpers import style_nonce

HEADERS = {
    "X-Plainwire": "1",  # tells our answers from those that a proxy gives in our name
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=()",
}
YEAR = 365 * 24 * 3600  # seconds


def init_app(app: Flask) -> None:
    app.before_request(refuse_unknown_hosts)
    app.after_request(harden)


def refuse_unknown_hosts() -> None:
    """Runs before everything else, because Flask itself checks the host only after functions that may answer."""
    if isinstance(request.routing_exception, SecurityError):
        abort(400, "This server does not answer to this host name. Its administrator lists the names in TRUSTED_HOSTS.")


def harden(response: Response) -> Response:
    said = {name.lower() for name, _ in response.headers}  # werkzeug looks through all of them for each name
    response.headers.extend([(name, value) for name, value in headers(current_app).items() if name.lower() not in said])
    if response.mimetype == "text/html":
        response.headers.setdefault("Content-Security-Policy", content_security_policy())
        # Browsers must not keep pages that need a log-in: after the log-out, Back would show them again.
        response.headers.setdefault("Cache-Control", "private, no-cache" if is_public() else "no-store")
    return response


def headers(app: Flask) -> dict[str, str]:
    """The headers of every answer."""
    return HEADERS | {"Strict-Transport-Security": f"max-age={YEAR}"} if app.config["HTTPS"] else HEADERS


def content_security_policy() -> str:
    """Allows scripts and styles from this server and its CDN only, and the one inline script, start.js, by its hash."""
    ours = f"'self' {assets.host}".strip()
    return "; ".join(
        [
            "default-src 'none'",
            f"script-src {ours} '{assets.hash('start.js')}'",
            f"style-src {ours} 'nonce-{style_nonce()}'",
            "img-src 'self' data: blob:",  # blob: what somebody is about to send
            "media-src 'self'",
            "connect-src 'self'",
            "manifest-src 'self'",
            "form-action 'self'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
        ]
    )
