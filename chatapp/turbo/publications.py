"""Reads what comes from Redis. Another version of the code, or another program, may have written it."""

import json
import logging

log = logging.getLogger(__name__)


def heard(payload: bytes) -> dict:
    """A publication as a dict, empty where it cannot be read.

    Another version of the code may have written it, so callers ask for the keys that they know and ignore the others.
    """
    try:
        said = json.loads(payload)
    except ValueError:
        said = None
    if not isinstance(said, dict):
        log.warning("a publication on Redis is not understood, and left alone: %.200r", payload)
        return {}
    return said


def html_in(said: dict):
    return said.get("growth", said.get("html"))


def understood(said: dict) -> bool:
    """Whether a publication about a stream has the form that this version of the code knows."""
    revision, html, head = said.get("revision"), html_in(said), said.get("head")
    if "revision" not in said:
        return isinstance(html, str)
    return whole_number(revision) is not None and isinstance(html, str | None) and isinstance(head, str | None)


def whole_number(value) -> int | None:
    """``value`` if it is a whole number, else None: data from the network may be anything."""
    return value if type(value) is int else None


def number(value) -> float | None:
    """``value`` if it is a number, else None."""
    return value if type(value) in (int, float) else None
