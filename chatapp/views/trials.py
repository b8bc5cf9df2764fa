"""Tries a server of tools: connects with the saved settings, and notes which tools it has."""

import time
from dataclasses import dataclass

from flask import Blueprint, current_app

from chatapp import audit
from chatapp.authentication import administrator
from chatapp.edge import OnceCommitted, release_connection
from chatapp.extensions import limiter
from chatapp.lib.mcp_client import McpError, connected
from chatapp.lib.mcp_texts import Described
from chatapp.models.tool_server import AGENT, LOST_KEY, ToolServer

from .tool_servers import page, tool_server

bp = Blueprint("trials", __name__, url_prefix="/tool-servers/<int:id>/trials")

#: Seconds: routers give a request up after 30.
LONGEST = 20
MOVED = "Its address was changed meanwhile. Try it again."


@dataclass(frozen=True)
class Trial:
    """The outcome, and the seconds it took."""

    words: str
    seconds: float = 0
    failed: bool = False


@bp.post("")
@limiter.limit("10 per minute; 60 per hour")
def create(id: int):
    admin, server = administrator(), tool_server(id)
    authorization, lost = server.authorization(current_app.config["SECRET_KEY"])
    if lost:
        return page(admin, server, trial=Trial(LOST_KEY, failed=True))
    url, began = server.url, time.monotonic()
    release_connection()  # a server may take seconds
    try:
        offered, protocol = look(server, authorization)
    except McpError as error:
        return page(admin, server, trial=Trial(str(error), time.monotonic() - began, failed=True))
    server = tool_server(id, to_change=True)
    if server.url != url:
        return page(admin, server, trial=Trial(MOVED, failed=True))
    changed = server.note(offered, protocol)
    audit.note_once_committed(f"tool server {id} tried", admin)
    return OnceCommitted(page, admin, server, trial=Trial(found(server, changed), time.monotonic() - began))


def look(server: ToolServer, authorization: str) -> tuple[list[Described], str]:
    """The tools, and the version of the protocol spoken."""
    with connected(server.url, authorization, AGENT, LONGEST, protocol=server.protocol) as client:
        return client.tools(), client.protocol


def found(server: ToolServer, changed: list) -> str:
    count = len(server.tools)
    words = f"It has {count} {'tool' if count == 1 else 'tools'}." if count else "It has no tool that can be used here."
    if changed:
        names = ", ".join(tool.shown for tool in changed)
        words += f" Off until you allow it again, because its description has changed: {names}."
    return words
