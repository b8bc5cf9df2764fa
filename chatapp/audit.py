"""Who came in, who went, and what was refused: one line each in the log, and never what somebody typed."""

import logging
from urllib.parse import quote

from flask import g, request

from .extensions import limiter
from .models import User

logger = logging.getLogger("audit")
# It says the same about each limit that was reached, without saying who reached it.
limiter.logger.setLevel(logging.WARNING)


def note(event: str, user: User | None = None) -> None:
    """Write ``log-in: user 4 from 192.0.2.7``; ``user`` is the one it concerns, by default whoever is logged in."""
    user = user or g.get("_login_user")  # Flask-Login's; asked for, it would take the database
    who = f"user {user.id}" if getattr(user, "id", None) else "nobody known"
    logger.info("%s: %s from %s", event, who, request.remote_addr or "an unknown address")


def note_refusal(code: int) -> None:
    note(f"refused with {code}, {request.method} {quote(request.path)}")
