"""gunicorn's gevent worker, with limits on what a client may leave unfinished.

gunicorn waits for the rest of a request for as long as its client likes, and each such client takes one of the
connections that a process has. Here each phase of a connection has its time, and an address only so many connections
that wait for it. What is over the limit is closed as if its client had gone: the app reads the end of the body.

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

#: Seconds for the head of a request, from its first byte; and for a connection to send one, when a process ends.
HEAD, NEW = 10.0, 2.0
#: Seconds for a body, and the bytes per second that it gets beyond them: a slow network is not an attack.
BODY, BODY_RATE = 20.0, 4096


class Client:
    """A client's socket that knows what it is waited for: ``idle`` (a request), ``head`` or ``body`` (the rest of one).

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
        """The next bytes are those of a request, or nothing comes for ``keepalive`` seconds."""
        self.phase, self.since, self.received = "idle", None, 0
        self.address = self.peer

    def expect_body(self, address: str) -> None:
        """The next bytes belong to a body, which ``address`` sends."""
        self.phase, self.since, self.received = "body", None, 0
        self.address = address

    def recv(self, *arguments) -> bytes:
        """What came; nothing, as from a client that has gone, once its time is over."""
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
        """True where something has come that was not read yet."""
        waiting = array("i", [0])
        fcntl.ioctl(self.sock.fileno(), termios.FIONREAD, waiting)
        return waiting[0] > 0

    def shut(self) -> None:
        """End the connection; whoever reads from it reads the end."""
        with suppress(OSError):
            self.sock.shutdown(socket.SHUT_RDWR)


class Waiting:
    """The clients that are waited for, by address, the longest first; of each address at most ``most``.

    ``most_requests`` is the same for those that owe a whole request or its head. It may be None, where all of them are
    one proxy's connections.
    """

    def __init__(self, most: int = 1000, most_requests: int | None = 1000):
        self.most, self.most_requests = most, most_requests
        self._clients: dict[str, dict[Client, None]] = defaultdict(dict)

    @contextmanager
    def of(self, client: Client):
        """``with waiting.of(client)``: it is waited for inside the block."""
        own = self._clients[client.address]
        own[client] = None
        most = self.most if client.phase == "body" else self.most_requests
        if most is not None and len(own) > most:
            # What has come, and was not read yet because we are busy, is not unfinished: a crowd may come at once.
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
        """gunicorn's own limit is one for waiting and reading together; ``Client`` has one for each."""
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
            if is_read(req.body):  # or what comes next still is the body, and has no more time than that
                sock.expect_request()

    def sender(self, req, peer: str) -> str:
        """Whose request it is: what the last proxy that we trust has seen."""
        entries = [value for name, value in req.headers if name == "X-FORWARDED-FOR"]
        entries = [entry.strip() for entry in ",".join(entries).split(",")]
        hops = self.trusted_proxies
        return entries[-hops] if hops and len(entries) >= hops else peer

    def close_idle(self) -> None:
        """Close the connections that only wait for another request: a process that ends has no time for one.

        One that has just been opened, or on which something has come, gets a moment.
        """
        for client in self.waiting:
            fresh = not client.served and time.monotonic() - client.since < NEW
            if client.phase == "idle" and not fresh and not client.has_news:
                client.shut()


def network(address: str) -> str:
    """What one visitor has: an IPv4 address, or the 64 bits in front of an IPv6 address."""
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    ip = getattr(ip, "ipv4_mapped", None) or ip
    return str(ip) if ip.version == 4 else str(ipaddress.ip_network((ip, 64), strict=False))


def is_read(body) -> bool:
    """True when all of a request's body has come."""
    reader = body.reader
    return not (getattr(reader, "length", 0) or getattr(reader, "parser", None))
