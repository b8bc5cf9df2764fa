"""gunicorn's gevent worker, with limits on what a client may leave unfinished.

gunicorn waits for the rest of a request for as long as the client likes, and each such client takes one of the
connections of a process. Here each phase of a connection has a time limit, and each address a limit on unfinished
requests. A connection over a limit closes as if its client had gone: the app reads the end of the body.

Loaded by path, before gevent has patched the process: see gunicorn.conf.py.
"""

import fcntl
import ipaddress
import socket
import termios
import time
from array import array
from collections import defaultdict
from contextlib import contextmanager, nullcontext, suppress

import gevent
from gunicorn.workers.ggevent import GeventWorker

#: Seconds for the head of a request, from its first byte. Seconds in which a new connection may still send a request
#: when the process ends.
HEAD, NEW = 10.0, 2.0
#: Seconds for a body, and one more for each this many bytes received: a slow network is not an attack.
BODY, BODY_RATE = 20.0, 4096


class Client:
    """A client's socket that knows what the worker waits for: a request (``idle``), or the rest of its ``head`` or
    ``body``.

    Everything but reading is the socket's own.
    """

    def __init__(self, sock, address: str, waiting: "Waiting", keepalive: float):
        self.sock, self.waiting, self.keepalive = sock, waiting, keepalive
        self.peer = self.address = address
        self.served = 0
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

    def recv(self, *arguments) -> bytes:
        """The received bytes. Empty when the time is over, as if the client had gone."""
        self.since = self.since or time.monotonic()
        with self.waiting.of(self):
            data = self._recv_in_time(*arguments)
        self.received += len(data)
        if self.phase == "idle":
            self.phase, self.since = "head", time.monotonic()
        return data

    def _recv_in_time(self, *arguments) -> bytes:
        left = self.since + self._allowed - time.monotonic()
        if left <= 0:
            return b""
        data = None
        with gevent.Timeout(left, False):
            data = self.sock.recv(*arguments)
        return data or b""

    @property
    def _allowed(self) -> float:
        return {"idle": self.keepalive, "head": HEAD, "body": BODY + self.received / BODY_RATE}[self.phase]

    @property
    def has_news(self) -> bool:
        """True where bytes have arrived that nobody has read yet."""
        waiting = array("i", [0])
        fcntl.ioctl(self.sock.fileno(), termios.FIONREAD, waiting)
        return waiting[0] > 0

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


class WebWorker(GeventWorker):
    """Set ``trusted_proxies``, the number of proxies in front, before it starts."""

    trusted_proxies = 0

    def init_process(self):
        """Called by gunicorn, in the new process."""
        most = self.worker_connections // 2  # a crowd behind one address may come back at once
        self.waiting = Waiting(most, None if self.trusted_proxies else most)
        super().init_process()

    def timeout_ctx(self):
        """No limit here: gunicorn's covers waiting and reading together, and ``Client`` has one for each."""
        return nullcontext()

    def handle(self, listener, client, addr):
        """Serve one connection."""
        super().handle(listener, Client(client, network(addr[0]), self.waiting, self.cfg.keepalive), addr)

    def handle_request(self, listener_name, req, sock, addr):
        """Serve one request of a connection."""
        sock.expect_body(network(self.sender(req, addr[0])))
        try:
            return super().handle_request(listener_name, req, sock, addr)
        finally:
            sock.served += 1
            if is_read(req.body):  # otherwise the next bytes still belong to the body, and to its time limit
                sock.expect_request()

    def sender(self, req, peer: str) -> str:
        """The address that sent the request, as the outermost trusted proxy saw it."""
        entries = [value for name, value in req.headers if name == "X-FORWARDED-FOR"]
        entries = [entry.strip() for entry in ",".join(entries).split(",")]
        hops = self.trusted_proxies
        return entries[-hops] if hops and len(entries) >= hops else peer

    def close_idle(self) -> None:
        """Close the connections that only wait for another request, because a process that ends takes no more.

        A connection that is new, or on which bytes have arrived, gets a moment.
        """
        for client in self.waiting:
            fresh = not client.served and time.monotonic() - client.since < NEW
            if client.phase == "idle" and not fresh and not client.has_news:
                client.shut()


def network(address: str) -> str:
    """The part of an address that one visitor cannot change: an IPv4 address, or the /64 of an IPv6 address."""
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    ip = getattr(ip, "ipv4_mapped", None) or ip
    return str(ip) if ip.version == 4 else str(ipaddress.ip_network((ip, 64), strict=False))


def is_read(body) -> bool:
    """True when all of a request's body has arrived."""
    reader = body.reader
    return not (getattr(reader, "length", 0) or getattr(reader, "parser", None))
