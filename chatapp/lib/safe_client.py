"""Asks servers that strangers name, and lets none of them reach into our own network.

A name may lead to our own machines, and to other addresses at each lookup. So the transport looks it up, checks all
addresses found, and connects to one of them. Each redirect is a request of its own, with the same checks.
"""

import time
import zlib
from collections.abc import Callable, Iterator
from typing import NamedTuple

import httpx2

from .http_clients import HangUp, certificates, hanging_up_at
from .safe_addresses import addresses_of, is_public, plain

PORTS = {80, 443}
REDIRECTS = 3
#: Addresses of one host to try.
TRIED = 3
CONNECT_WITHIN = 3.0  # seconds
#: Bytes to decompress at once.
CHUNK = 64 * 1024


class Unsafe(Exception):
    """The address must not be asked, or its server answers in a way that must not be read. The reason names no
    host."""


class Unreachable(Exception):
    """There is no answer, or not in time."""


class Answer(NamedTuple):
    """``url`` is where the answer came from in the end, ``content`` the beginning of the decompressed body."""

    url: httpx2.URL
    status: int
    content_type: str
    content: bytes


class SafeClient:
    """A request, with all its redirects, takes ``seconds`` at most, and ``most`` bytes of its answer are read.

    ``open_to`` has pairs of address and port to let through anyway, for tests.
    """

    def __init__(self, agent: str, seconds: float, most: int, resolve: Callable = addresses_of):
        self.seconds, self.most, self.resolve = seconds, most, resolve
        self.open_to: set[tuple[str, int]] = set()
        self._headers = {"User-Agent": agent, "Accept-Encoding": "gzip"}

    def get(self, url: str, accept: str = "*/*", hang_up: HangUp | None = None) -> Answer:
        """The answer of the server, whatever its status. Raises Unsafe and Unreachable.

        ``hang_up`` ends it sooner, from another thread.
        """
        deadline, hang_up = time.monotonic() + self.seconds, HangUp(within=hang_up)
        try:
            with hanging_up_at(deadline, hang_up) as trace:
                answer = self._follow(httpx2.URL(url), deadline, {"trace": trace}, {"Accept": accept})
            if hang_up.called:  # the body may look complete
                raise TimeoutError("the answer was broken off")
            return answer
        except (httpx2.HTTPError, httpx2.InvalidURL, OSError, ValueError, zlib.error) as error:
            raise Unreachable(repr(error)) from error

    def _follow(self, url: httpx2.URL, deadline: float, extensions: dict, headers: dict) -> Answer:
        for _ in range(1 + REDIRECTS):
            if plain(str(url)) is None:
                raise Unsafe(f"{url.scheme} address with {len(str(url))} characters")
            # A client for each, so that it has no cookie and no connection from another name.
            with self._client(deadline) as client:
                request = client.build_request("GET", url, headers=headers, extensions=extensions)
                response = client.send(request, stream=True)
                location = response.headers.get("Location") if response.is_redirect else None
                if location is None:
                    return self._answer(url, response, deadline)
            url = url.join(location)
        raise Unsafe(f"more than {REDIRECTS} redirects")

    def _client(self, deadline: float) -> httpx2.Client:
        transport = GuardedTransport(self.resolve, self.open_to, deadline)
        timeouts = httpx2.Timeout(self.seconds, connect=min(self.seconds, CONNECT_WITHIN))
        # Without the environment: a proxy would look the name up once more, and .netrc holds passwords.
        return httpx2.Client(
            transport=transport, headers=self._headers, timeout=timeouts, follow_redirects=False, trust_env=False
        )

    def _answer(self, url: httpx2.URL, response: httpx2.Response, deadline: float) -> Answer:
        content = bytearray()
        for piece in decompressed(response, self.most):
            content += piece
            if time.monotonic() >= deadline:
                raise TimeoutError("the answer takes too long")
            if len(content) >= self.most:
                break
        if time.monotonic() >= deadline:  # hung up on: the body may look complete
            raise TimeoutError("the answer takes too long")
        return Answer(url, response.status_code, response.headers.get("Content-Type", ""), bytes(content[: self.most]))


def decompressed(response: httpx2.Response, most: int) -> Iterator[bytes]:
    """The body in pieces. A small compressed body can be huge, so no more than ``most`` bytes and a piece come out."""
    encoding = response.headers.get("Content-Encoding", "identity").strip().lower()
    if encoding in ("", "identity"):
        yield from response.iter_raw(CHUNK)
        return
    if encoding not in ("gzip", "x-gzip"):
        raise Unsafe(f"{encoding[:20]!r} was not asked for")
    unpacked, total = zlib.decompressobj(wbits=16 + zlib.MAX_WBITS), 0
    for raw in response.iter_raw(CHUNK):
        while raw and total < most and not unpacked.eof:
            piece = unpacked.decompress(raw, CHUNK)
            total, raw = total + len(piece), unpacked.unconsumed_tail
            yield piece
        if total >= most or unpacked.eof:
            return


class GuardedTransport(httpx2.BaseTransport):
    """Connects to public addresses only: to one that it has checked, not to the name, which may have changed."""

    def __init__(self, resolve: Callable, open_to: set[tuple[str, int]], deadline: float):
        self._resolve, self._open_to, self._deadline = resolve, open_to, deadline
        self._transport = httpx2.HTTPTransport(verify=certificates(), trust_env=False)

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        host, port = request.url.raw_host.decode("ascii"), request.url.port or default_port(request.url)
        failure: Exception = OSError(f"{host} has no address")
        for address in self._checked(host, port)[:TRIED]:
            try:
                return self._transport.handle_request(at(address, host, request, self._deadline - time.monotonic()))
            except (httpx2.ConnectError, httpx2.ConnectTimeout) as error:
                failure = error
        raise failure

    def _checked(self, host: str, port: int) -> list[str]:
        found = self._resolve(host, port, self._deadline - time.monotonic())
        for address in found:
            # All of them, or a name with a good and a bad address would get through now and then.
            if (address, port) not in self._open_to and not (port in PORTS and is_public(address)):
                raise Unsafe(f"{address}, port {port}, is closed")
        return found

    def close(self) -> None:
        self._transport.close()


def default_port(url: httpx2.URL) -> int:
    return 443 if url.scheme == "https" else 80


def at(address: str, host: str, request: httpx2.Request, seconds: float) -> httpx2.Request:
    """``request`` to this address, with ``seconds`` left. The server still learns the name, and must have the
    certificate for it."""
    if seconds <= 0:
        raise TimeoutError("no time is left for another address")
    url, timeouts = request.url.copy_with(host=address), dict(request.extensions["timeout"])
    timeouts["connect"] = min(timeouts["connect"], seconds)
    extensions = dict(request.extensions) | {"sni_hostname": host, "timeout": timeouts}
    return httpx2.Request(request.method, url, headers=request.headers, stream=request.stream, extensions=extensions)
