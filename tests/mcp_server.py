"""A real MCP server, by the protocol's own SDK, in a process of its own.

with mcp_server() as server:                   # of the newest version of the protocol
    server.url
with mcp_server("--old", "--json") as server:  # with a handshake and sessions, and answers that are not streamed
"""

import argparse
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import SimpleNamespace

from tests.servers import START_WITHIN, free_port, wait_until

KEY = "mcp-secret-4711"


@contextmanager
def mcp_server(*options: str) -> Iterator[SimpleNamespace]:
    port = free_port()
    command = [sys.executable, "-m", "tests.mcp_server", str(port), *options]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:
        try:
            wait_until(lambda: listens(port), START_WITHIN)
            yield SimpleNamespace(url=f"http://127.0.0.1:{port}/mcp")
        finally:
            process.kill()


def listens(port: int) -> bool:
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False


def serve() -> None:
    import uvicorn
    from mcp.server import MCPServer

    parser = argparse.ArgumentParser()
    parser.add_argument("port", type=int)
    for option in ("--old", "--json", "--key", "--forgetful"):
        parser.add_argument(option, action="store_true")
    options = parser.parse_args()
    server = MCPServer("Weather")
    add_tools(server)
    app = server.streamable_http_app(json_response=options.json)
    uvicorn.run(guarded(app, options), host="127.0.0.1", port=options.port, log_level="error")


def add_tools(server) -> None:
    @server.tool(title="Forecast")
    def forecast(city: str, days: int = 1) -> str:
        """The weather of the next days."""
        return f"Sun in {city} for {days} days."

    @server.tool()
    def broken(city: str) -> str:
        """Always fails."""
        raise ValueError(f"no station in {city}")

    @server.tool()
    def long(words: int) -> str:
        """Says a lot."""
        return "word " * words

    @server.tool()
    async def slow(seconds: float) -> str:
        """Takes its time."""
        import asyncio

        await asyncio.sleep(seconds)
        return "At last."


def guarded(app, options):
    """With --old it knows nothing of the newest version. With --key it wants one. With --forgetful it loses each
    session once, between the handshake and the first request."""
    lost = set()

    async def guard(scope, receive, send):
        headers = {name.decode(): value.decode() for name, value in scope.get("headers", ())}
        session = headers.get("mcp-session-id")
        if options.key and scope["type"] == "http" and headers.get("authorization") != f"Bearer {KEY}":
            return await refuse(send, 401)
        if options.old and "mcp-method" in headers:
            return await refuse(send, 400)
        if options.forgetful and session and not lost and "mcp-protocol-version" in headers:
            body = await receive()
            if b"notifications/" not in body.get("body", b""):
                lost.add(session)
                return await refuse(send, 404)
            return await app(scope, replay(body, receive), send)
        return await app(scope, receive, send)

    return guard


def replay(first, receive):
    waiting = [first]

    async def again():
        return waiting.pop() if waiting else await receive()

    return again


async def refuse(send, status: int) -> None:
    await send({"type": "http.response.start", "status": status, "headers": []})
    await send({"type": "http.response.body", "body": b"No."})


if __name__ == "__main__":
    serve()
