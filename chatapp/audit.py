"""The audit log: one line for each log-in, log-out and refused request. It never holds what somebody typed."""

import logging
from urllib.parse import quote

from flask import g, request

from .extensions import db, limiter
from .models import User
from .turbo import after_commit

logger = logging.getLogger("audit")
# Flask-Limiter logs the same limits, but not the person who reached them.
limiter.logger.setLevel(logging.WARNING)


def note(event: str, user: User | None = None) -> None:
    """Write ``log-in: user 4 from 192.0.2.7``; ``user`` is the person concerned, by default the one who acts."""
    known = g.get("acting")  # as far as the request has asked already: acting() would ask the database
    user = user or (known and known.user)
    who = f"user {user.id}" if user else "nobody known"
    logger.info("%s: %s from %s", event, who, request.remote_addr or "an unknown address")


def note_once_committed(event: str, user: User) -> None:
    """``note``, when and only when the session commits: what fails has not happened."""
    after_commit(db.session(), lambda: note(event, user))


def note_refusal(code: int) -> None:
    note(f"refused with {code}, {request.method} {quote(request.path)}")
