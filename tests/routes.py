"""The routes of the app, for tests that try something on each one."""

import re
from typing import NamedTuple

from werkzeug.routing import Rule

SAFE = {"GET", "HEAD", "OPTIONS"}


class Route(NamedTuple):
    rule: Rule
    method: str


def unsafe(app) -> list[Route]:
    """All routes that may change something."""
    return [Route(rule, method) for rule in app.url_map.iter_rules() for method in sorted(rule.methods - SAFE)]


def address(rule: Rule, **ids: int) -> str:
    """Its path. ``chats=7`` stands behind ``/chats/``, and so on; 1 for every other number."""
    path = rule.rule
    for noun, id in ids.items():
        path = re.sub(rf"/{noun}/<[^>]+>", f"/{noun}/{id}", path)
    return re.sub(r"<[^>]+>", "1", path)
