"""A client of MCP servers (Model Context Protocol), for their tools only: it lists them and calls them.

It speaks the protocol of 2026-07-28, in which each request stands alone, and the versions from 2025-03-26 on, in which
a session begins with a handshake. It takes no requests from the server, and opens no stream of its own.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from .http_clients import HangUp, hanging_up_at
from .mcp_http import METHOD_NOT_FOUND, UNREADABLE, McpError, Refused, Unspoken, Wire
from .mcp_texts import Described, Result, described, result_of
from .plain_texts import in_one_line

__all__ = ["McpClient", "McpError", "connected"]

MODERN = "2026-07-28"
#: The versions with a handshake, the newest first.
HANDSHAKES = ("2025-11-25", "2025-06-18", "2025-03-26")
UNSUPPORTED_VERSION = -32022
#: Pages of a list of tools, and tools in all.
PAGES, TOOLS = 20, 200
#: The most seconds to spend on telling a server that a session is over.
LEAVE_WITHIN = 2.0
VERSION = "The server speaks another version of the protocol."
REFUSED = "The server refused this."
#: Characters of a server's own words that are shown as a reason.
REASON = 300


class McpClient:
    """One visit to a server. ``protocol`` is the version that it spoke last time, which saves a request; empty if that
    is not known. Afterwards it is the version spoken this time."""

    def __init__(self, wire: Wire, agent: str, protocol: str = ""):
        self.wire, self.agent, self.protocol = wire, agent, protocol
        self._settled = False

    def tools(self) -> list[Described]:
        """All tools of the server that can be used. Raises McpError."""
        found, params = [], {}
        for _ in range(PAGES):
            page = self._ask("tools/list", params)
            listed = page.get("tools")
            if not isinstance(listed, list):
                raise McpError(UNREADABLE)
            found += filter(None, map(described, listed[:TOOLS]))
            cursor = page.get("nextCursor")
            if not cursor or not isinstance(cursor, str) or len(found) >= TOOLS:
                break
            params = {"cursor": cursor}
        return list({tool.name: tool for tool in found[:TOOLS]}.values())

    def call(self, name: str, arguments: dict) -> Result:
        """Call a tool, and return what it says. Raises McpError."""
        return result_of(self._ask("tools/call", {"name": name, "arguments": arguments}, name))

    def leave(self) -> None:
        """End the session, if there is one."""
        if self.wire.session and not self.wire.hang_up.called:
            self.wire.deadline = min(self.wire.deadline, time.monotonic() + LEAVE_WITHIN)
            with suppress(McpError):
                self.wire.leave(self._headers)

    def _ask(self, method: str, params: dict, name: str = "") -> dict:
        try:
            return self._ask_in_any_version(method, params, name)
        except Refused as error:
            raise McpError(in_one_line(error.words, REASON) or REFUSED) from error

    def _ask_in_any_version(self, method: str, params: dict, name: str) -> dict:
        try:
            self._settle()
            return self._request(method, params, name)
        except Unspoken:
            # The session is over, or the server is an older one by now. It has done nothing yet.
            self._shake_hands()
            return self._request(method, params, name)

    def _request(self, method: str, params: dict, name: str = "") -> dict:
        if self.protocol != MODERN:
            return self.wire.ask(method, params, self._headers)
        meta = {
            "io.modelcontextprotocol/protocolVersion": MODERN,
            "io.modelcontextprotocol/clientInfo": self._self,
            "io.modelcontextprotocol/clientCapabilities": {},
        }
        headers = self._headers | {"Mcp-Method": method} | ({"Mcp-Name": name} if name else {})
        try:
            return self.wire.ask(method, params | {"_meta": meta}, headers)
        except Refused as error:
            raise Unspoken(str(error)) if error.code == UNSUPPORTED_VERSION else error from error

    def _settle(self) -> None:
        """Agree on a version."""
        if self._settled:
            return
        if self.protocol == "":
            self.protocol = MODERN if self._is_modern() else HANDSHAKES[0]
        if self.protocol != MODERN:
            self._shake_hands()
        self._settled = True

    def _is_modern(self) -> bool:
        self.protocol = MODERN
        try:
            versions = self._request("server/discover", {}).get("supportedVersions")
        except (Unspoken, Refused):
            return False
        finally:
            self.protocol = ""
        return isinstance(versions, list) and MODERN in versions

    def _shake_hands(self) -> None:
        self.wire.session, self.protocol = None, ""
        wanted = {"protocolVersion": HANDSHAKES[0], "capabilities": {}, "clientInfo": self._self}
        try:
            version = self.wire.ask("initialize", wanted, {}).get("protocolVersion")
        except (Unspoken, Refused) as error:
            if isinstance(error, Refused) and error.code in (UNSUPPORTED_VERSION, METHOD_NOT_FOUND):
                self.protocol = MODERN
                return
            raise McpError(VERSION if isinstance(error, Refused) else UNREADABLE) from error
        if version not in HANDSHAKES:
            raise McpError(VERSION)
        self.protocol = version
        self.wire.tell("notifications/initialized", self._headers)

    @property
    def _headers(self) -> dict[str, str]:
        return {"MCP-Protocol-Version": self.protocol} if self.protocol else {}

    @property
    def _self(self) -> dict[str, str]:
        return {"name": self.agent, "version": "1"}


@contextmanager
def connected(
    url: str, authorization: str, agent: str, seconds: float, hang_up: HangUp | None = None, protocol: str = ""
) -> Iterator[McpClient]:
    """A client whose whole visit takes ``seconds`` at most. ``hang_up`` ends it sooner, from another thread."""
    deadline, hang_up = time.monotonic() + seconds, HangUp(within=hang_up)
    wire = Wire(url, authorization, deadline, hang_up)
    client = McpClient(wire, agent, protocol)
    try:
        with hanging_up_at(deadline, hang_up):
            yield client
    finally:
        with hanging_up_at(time.monotonic() + LEAVE_WITHIN, hang_up):
            client.leave()
        wire.close()
