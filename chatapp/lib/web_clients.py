"""Clients of the web worker, each with limits on what it may leave unfinished.

Loaded by path, before gevent has patched the process: see gunicorn.conf.py.
"""

import fcntl
import ipaddress
import runpy
import socket
import termios
import time
from array import array
from collections import defaultdict
from collections.abc import Callable
from contextlib import contextmanager, suppress
from functools import lru_cache
from pathlib import Path

parts = runpy.run_path(str(Path(__file__).with_name("handed_over.py")))
HandedOver, Nothing = parts["HandedOver"], parts["Nothing"]

#: Seconds for the head of a request, from its first byte.
HEAD = 10.0
#: Seconds for a body, with one more for each BODY_RATE bytes received: a slow network is not an attack.
BODY, BODY_RATE = 20.0, 4096
#: Bytes to read at once, as gunicorn does.
READ = 8192


class Client:
    """A client's socket that knows what the worker waits for: a request (``idle``), or the rest of its ``head`` or
    ``body``.

    Everything but reading is the socket's own. ``begins(data)`` hears of the first bytes of each request, and may wait.
    """

    def __init__(self, sock, address: str, waiting: "Waiting", keepalive: float, begins=lambda data: None):
        self.sock, self.waiting, self.keepalive, self.begins = sock, waiting, keepalive, begins
        self.peer = self.address = address
        self.served = 0
        self.request = self.open_answers = self.handed_over = None
        self._ahead = b""
        self.expect_request()

    def __getattr__(self, name):
        return getattr(self.sock, name)

    def expect_request(self) -> None:
        """From now on wait for a request, for at most ``keepalive`` seconds."""
        self.phase, self.since, self.received = "idle", None, 0
        self.address = self.peer

    def expect_body(self, address: str) -> None:
        """From now on wait for the rest of a body that ``address`` sends."""
        self.phase, self.since, self.received = "body", None, 0
        self.address = address

    def answer(self, request, open_answers: set | None) -> None:
        """Answer a request. Its socket can be handed over if there are ``open_answers``, to which it then belongs."""
        self.request, self.open_answers = request, open_answers

    def read_ahead(self) -> None:
        """Wait for the first bytes, which the next ``recv`` returns."""
        with suppress(OSError):
            self._ahead = self.recv(READ)

    def recv(self, size: int) -> bytes:
        """The received bytes. Empty when the time is over, as if the client had gone."""
        if self._ahead:
            data, self._ahead = self._ahead[:size], self._ahead[size:]
            return data
        self.since = self.since or time.monotonic()
        with self.waiting.of(self):
            data = self._recv_in_time(size)
        self.received += len(data)
        if self.phase == "idle":
            self.begins(data)
            self.phase, self.since = "head", time.monotonic()
        return data

    def _recv_in_time(self, size: int) -> bytes:
        left = self.since + self._allowed - time.monotonic()
        if left <= 0:
            return b""
        self.sock.settimeout(left)
        try:
            return self.sock.recv(size)
        except TimeoutError:
            return b""
        finally:
            self.sock.settimeout(None)

    @property
    def _allowed(self) -> float:
        return {"idle": self.keepalive, "head": HEAD, "body": BODY + self.received / BODY_RATE}[self.phase]

    @property
    def has_news(self) -> bool:
        """True where bytes have arrived that nobody has read yet."""
        waiting = array("i", [0])
        fcntl.ioctl(self.sock.fileno(), termios.FIONREAD, waiting)
        return waiting[0] > 0

    def promise(self) -> Callable | None:
        """The function that hands the socket over, None if that is not possible. Called before an answer begins.

        The head of the answer says that the connection closes with it.
        """
        if self.open_answers is None:
            return None
        self.request.force_close()
        return self.hand_over

    def hand_over(self) -> "HandedOver":
        """Give up the socket. For gunicorn the answer and its connection are over."""
        sock, self.sock = self.sock, Nothing()
        self.handed_over = HandedOver(sock.detach(), self.request.version > (1, 0), self.open_answers)
        return self.handed_over

    def shut(self) -> None:
        """End the connection. A pending read gets the end of the data."""
        with suppress(OSError):
            self.sock.shutdown(socket.SHUT_RDWR)


class Waiting:
    """The clients that the worker waits for, by address, the longest wait first.

    An address may owe the rest of ``most`` bodies, and ``most_requests`` whole requests or heads. ``most_requests`` is
    None behind a proxy, because all connections are the proxy's then.
    """

    def __init__(self, most: int = 1000, most_requests: int | None = 1000):
        self.most, self.most_requests = most, most_requests
        self._clients: dict[str, dict[Client, None]] = defaultdict(dict)

    @contextmanager
    def of(self, client: Client):
        """Counts the client as waited for inside ``with waiting.of(client)``."""
        own = self._clients[client.address]
        own[client] = None
        most = self.most if client.phase == "body" else self.most_requests
        if most is not None and len(own) > most:
            # Bytes that arrived while this process was busy are not unfinished: a crowd may come at once.
            silent = next((one for one in own if not one.has_news), None)
            if silent is not None:
                silent.shut()
        try:
            yield
        finally:
            own.pop(client, None)
            if not own:
                self._clients.pop(client.address, None)

    def __iter__(self):
        return iter([client for own in self._clients.values() for client in own])


@lru_cache(maxsize=10_000)
def network(address: str) -> str:
    """The part of an address that one visitor cannot change: an IPv4 address, or the /64 of an IPv6 address."""
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    ip = getattr(ip, "ipv4_mapped", None) or ip
    return str(ip) if ip.version == 4 else str(ipaddress.ip_network((ip, 64), strict=False))
