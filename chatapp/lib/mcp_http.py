"""One request to an MCP server over streamable HTTP, and its answer. It does not trust what the server sends."""

import json
import logging
import time
from collections.abc import Iterator
from contextlib import closing
from itertools import count

import httpx2

from .http_clients import HangUp, certificates

log = logging.getLogger(__name__)

CONNECT_WITHIN = 5.0  # seconds
#: Bytes of one answer, and events of a streamed one.
MOST, EVENTS = 2 * 1024 * 1024, 1_000
#: Statuses by which a server says that it does not know this kind of request, or this session.
UNKNOWN = {400, 404, 405, 406, 415, 422}
SESSION = "Mcp-Session-Id"
METHOD_NOT_FOUND = -32601

UNREACHABLE = "The server can't be reached right now."
TOO_LONG = "The server took too long to answer."
TOO_MUCH = "The server said too much at once."
UNREADABLE = "The server's answer is not one that can be read. Is its address that of an MCP server?"
ELSEWHERE = "The server's address leads elsewhere. Enter the address that it leads to."
KEY = "The server refuses our key, or wants one."
BROKEN = "The server has a problem. Try again in a while."
BROKEN_OFF = "The connection to the server was broken off."


class McpError(Exception):
    """The server can't be used. The text is a reason for people."""


class Unspoken(McpError):
    """The server does not know this kind of request, or not in this session. It has done nothing."""


class Refused(McpError):
    """The server answered with an error: its ``code``, and its own words, which come from a stranger."""

    def __init__(self, code: int, words: str):
        super().__init__(words)
        self.code, self.words = code, words


class Wire:
    """Asks the server at ``url`` until ``deadline`` (by ``time.monotonic``). ``authorization`` is the header with the
    key. It never goes to another address, because the client follows no redirects."""

    def __init__(self, url: str, authorization: str, deadline: float, hang_up: HangUp):
        self.url, self.deadline, self.hang_up = url, deadline, hang_up
        self.session: str | None = None
        self._ids = count(1)
        headers = {"Accept": "application/json, text/event-stream", "Accept-Encoding": "identity"}
        headers |= {"Authorization": authorization} if authorization else {}
        self._client = httpx2.Client(
            headers=headers,
            follow_redirects=False,
            verify=certificates(),
            event_hooks={"response": [bounded]},
        )

    def close(self) -> None:
        self._client.close()

    def ask(self, method: str, params: dict, headers: dict[str, str]) -> dict:
        """The result of a request. Raises Refused, Unspoken and McpError."""
        id = next(self._ids)
        message = {"jsonrpc": "2.0", "id": id, "method": method, "params": params}
        answer = self._send("POST", headers, message, id)
        if isinstance(answer.get("error"), dict):
            raise refusal(answer["error"])
        if not isinstance(answer.get("result"), dict):
            raise McpError(UNREADABLE)
        return answer["result"]

    def tell(self, method: str, headers: dict[str, str]) -> None:
        """Send a notification, which has no answer."""
        self._send("POST", headers, {"jsonrpc": "2.0", "method": method})

    def leave(self, headers: dict[str, str]) -> None:
        """Tell the server that the session is over."""
        self._send("DELETE", headers)

    def _send(self, verb: str, headers: dict[str, str], message: dict | None = None, id: int | None = None) -> dict:
        try:
            return self._exchange(verb, headers, message, id)
        except httpx2.TimeoutException as error:
            raise McpError(TOO_LONG) from error
        except (httpx2.HTTPError, httpx2.InvalidURL, OSError, UnicodeError) as error:
            log.info("the server of tools at %s failed: %r", self.url, error)
            raise McpError(self._why()) from error
        except McpError as error:
            # What arrived before the connection was cut at its deadline may look like an unreadable answer.
            cut = str(error) == UNREADABLE and (self.hang_up.called or time.monotonic() >= self.deadline)
            raise McpError(self._why()) if cut else error from error

    def _why(self) -> str:
        if time.monotonic() >= self.deadline:
            return TOO_LONG
        return BROKEN_OFF if self.hang_up.called else UNREACHABLE

    def _exchange(self, verb: str, headers: dict[str, str], message: dict | None, id: int | None) -> dict:
        left = self.deadline - time.monotonic()
        if left <= 0 or self.hang_up.called:
            raise McpError(self._why())
        timeout = httpx2.Timeout(left, connect=min(left, CONNECT_WITHIN))
        headers = headers | ({SESSION: self.session} if self.session else {})
        extensions = {"trace": self.hang_up.trace}
        request = self._client.build_request(
            verb, self.url, json=message, headers=headers, timeout=timeout, extensions=extensions
        )
        with closing(self._client.send(request, stream=True)) as response:
            return self._answer(response, id)

    def _answer(self, response: httpx2.Response, id: int | None) -> dict:
        if response.headers.get("Content-Encoding", "identity").lower() != "identity":
            raise McpError(UNREADABLE)
        if not response.is_success:
            raise failure(response)
        self._note_session(response)
        if id is None:
            return {}
        kind = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        found = streamed(response) if kind == "text/event-stream" else iter([read(response.read())])
        for message in found:
            if isinstance(message, dict) and message.get("id") == id and ("result" in message or "error" in message):
                return message
        raise McpError(UNREADABLE)

    def _note_session(self, response: httpx2.Response) -> None:
        session = response.headers.get(SESSION, "")
        if session and len(session) <= 1_000 and session.isascii() and session.isprintable():
            self.session = session


class Bounded(httpx2.SyncByteStream):
    """The bytes of an answer, up to MOST of them."""

    def __init__(self, stream: httpx2.SyncByteStream):
        self._stream = stream

    def __iter__(self) -> Iterator[bytes]:
        received = 0
        for piece in self._stream:
            received += len(piece)
            if received > MOST:
                raise McpError(TOO_MUCH)
            yield piece

    def close(self) -> None:
        self._stream.close()


def bounded(response: httpx2.Response) -> None:
    response.stream = Bounded(response.stream)


def streamed(response: httpx2.Response) -> Iterator[object]:
    """The messages of a stream of events."""
    for number, event in enumerate(httpx2.EventSource(response, max_event_size=MOST)):
        if number >= EVENTS:
            raise McpError(TOO_MUCH)
        if event.event == "message" and event.data:
            yield read(event.data)


def read(body: str | bytes) -> object:
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as error:
        raise McpError(UNREADABLE) from error


def failure(response: httpx2.Response) -> McpError:
    """The error that an unsuccessful answer stands for."""
    if response.is_redirect:
        return McpError(ELSEWHERE)
    if response.status_code in (401, 403):
        return McpError(KEY)
    try:
        said = read(response.read())
    except McpError:
        said = None
    if isinstance(said, dict) and isinstance(said.get("error"), dict):
        refused = refusal(said["error"])
        return Unspoken(str(refused)) if response.status_code == 404 and refused.code != METHOD_NOT_FOUND else refused
    if response.status_code in UNKNOWN:
        return Unspoken(UNREADABLE)
    return McpError(BROKEN)


def refusal(error: dict) -> Refused:
    code, words = error.get("code"), error.get("message")
    return Refused(code if isinstance(code, int) else 0, words if isinstance(words, str) else "")
